package io.seine.reconcile;

import io.seine.pipeline.Owner;
import java.time.Duration;
import java.util.Optional;

/** What an owner asked for is not in the switch; the message says why not and what comes next. */
public final class InstallException extends Exception {
  private static final long serialVersionUID = 1L;

  public InstallException(String message) {
    super(message);
  }

  /** Why an owner's flows are not installed after this time, in the order of what is to be done. */
  static InstallException of(
      Owner owner,
      Optional<OwnerState.Refusal> refusal,
      boolean closed,
      boolean connected,
      Duration after) {
    if (closed) {
      return new InstallException(
          "the flows of %s were not installed: the agent is stopping".formatted(owner));
    }
    if (refusal.isPresent()) {
      return new InstallException(
          "the flows of %s are not installed: %s".formatted(owner, refusal.get().reason()));
    }
    return new InstallException(
        connected
            ? "the flows of %s were not confirmed by the switch within %d ms"
                .formatted(owner, after.toMillis())
            : "the flows of %s are not installed: there is no connection to the switch; is ovs-vswitchd running?"
                .formatted(owner));
  }
}
