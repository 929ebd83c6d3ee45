package io.seine.agent.facts;

import io.seine.pipeline.Owner;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.LongSupplier;

/**
 * How long it takes from the arrival of an API event to the switch's confirmation. Of several
 * events that are served together the first counts. Safe for any thread.
 */
public final class Latency {
  private final ConcurrentMap<Owner, Long> since = new ConcurrentHashMap<>();
  private final LongSupplier nanoTime;

  /**
   * @param nanoTime a clock that never goes back, in nanoseconds
   */
  public Latency(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  long now() {
    return nanoTime.getAsLong();
  }

  /** An event that came in at {@code arrival} led to a wish of this owner. */
  void wished(Owner owner, long arrival) {
    since.merge(owner, arrival, Math::min);
  }

  /** The owner's wish is in the switch; returns the nanoseconds since its event, if it had one. */
  public OptionalLong installed(Owner owner) {
    Long start = since.remove(owner);
    return start == null ? OptionalLong.empty() : OptionalLong.of(nanoTime.getAsLong() - start);
  }
}
