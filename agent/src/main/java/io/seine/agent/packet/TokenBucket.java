package io.seine.agent.packet;

import java.util.function.LongSupplier;

/** Lets so many things happen in a second on average, and a second's worth at once. */
public final class TokenBucket {
  private static final long SECOND = 1_000_000_000L;

  private final int perSecond;
  private final LongSupplier nanoTime;
  private long at;
  private long credit;

  /**
   * @param perSecond 0 for never
   * @param nanoTime a clock that never goes back, in nanoseconds
   */
  public TokenBucket(int perSecond, LongSupplier nanoTime) {
    this.perSecond = perSecond;
    this.nanoTime = nanoTime;
    this.at = nanoTime.getAsLong();
    this.credit = perSecond * SECOND;
  }

  /** Whether one more may happen now. */
  public synchronized boolean take() {
    long now = nanoTime.getAsLong();
    long passed = Math.clamp(now - at, 0, SECOND);
    at = now;
    credit = Math.min(perSecond * SECOND, credit + passed * perSecond);
    if (credit < SECOND) {
      return false;
    }
    credit -= SECOND;
    return true;
  }
}
