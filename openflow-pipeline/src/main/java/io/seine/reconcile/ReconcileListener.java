package io.seine.reconcile;

import io.seine.pipeline.Owner;
import java.time.Duration;
import java.util.Optional;

/**
 * What the reconciler has to say: for metrics, events and logs. Called on the reconciler's own
 * thread, which waits, {@link #flushed} and {@link #flushFailed} on another one of its threads, and
 * {@link #readyChanged} also on the thread that says a switch came or went: return soon, throw
 * nothing, and wait for nothing that the reconciler has to do.
 */
public interface ReconcileListener {
  ReconcileListener NONE = new ReconcileListener() {};

  /** A bundle took effect; {@code took} is from sending it to the switch's confirmation. */
  default void committed(int owners, int changes, Duration took) {}

  /** What the owner asked for is in the switch, {@code since} it was asked. */
  default void installed(Owner owner, Duration since) {}

  /** The owner's flows could not be compiled or were refused by the switch; others go on. */
  default void refused(Owner owner, String reason, int attempts, Duration nextAttempt) {}

  /** Two owners began to want one entry. */
  default void conflict(Conflict conflict) {}

  /** Two owners no longer want one entry. */
  default void conflictResolved(Conflict conflict) {}

  /** The whole switch was compared with what is wanted. */
  default void compared(DriftReport report) {}

  /**
   * The switch did not do what it was asked, other than by refusing; all of it is compared again.
   */
  default void interrupted(String reason, Duration nextAttempt) {}

  /** The switch has forgotten the connections that so many descriptions fit. */
  default void flushed(int flushes, Duration took) {}

  /**
   * The switch did not forget the connections that so many descriptions fit.
   *
   * @param nextAttempt after what time it is tried again; empty when it is not, since the switch
   *     cannot do it
   */
  default void flushFailed(int flushes, String reason, Optional<Duration> nextAttempt) {}

  /** The answer to {@link Reconciler#ready} changed. */
  default void readyChanged(boolean ready) {}
}
