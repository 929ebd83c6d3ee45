package io.seine.agent.cni;

import java.util.Optional;

/** Whether the agent can connect pods. Thread safe, does not block. */
@FunctionalInterface
public interface Readiness {
  /** Why pods cannot be connected now; empty when they can. */
  Optional<NotReady> notReady();

  /**
   * A reason not to be ready.
   *
   * @param reason a clause without a full stop, such as "the switch is not connected"
   * @param connectedPodsSuffer whether pods that are connected already may lack connectivity too
   */
  record NotReady(String reason, boolean connectedPodsSuffer) {}
}
