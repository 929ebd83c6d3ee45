package io.seine.reconcile;

import java.time.Instant;
import java.util.Optional;

/** What the reconciler knows of one owner: two references to facts, and little else. */
final class OwnerState {
  // Guarded by the reconciler's lock.
  Optional<FlowSource> wanted = Optional.empty();
  Instant since = Instant.EPOCH;
  long version;
  long settledVersion;
  Optional<Refusal> refusal = Optional.empty();
  boolean together;

  // Used by the reconciler's thread only: what the switch has, as far as this owner put it there.
  Optional<FlowSource> installed = Optional.empty();

  /** Why an owner's flows are not in the switch, how often that was tried, and when it will be. */
  record Refusal(String reason, int attempts, Instant nextAttempt) {}
}
