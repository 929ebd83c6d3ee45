package io.seine.agent.sweep;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** So many in a second, evenly, in small bursts. */
public final class EvenPace implements UdpSweep.Pace {
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  /** It is not worth sleeping for less. */
  private static final long SHORTEST = TimeUnit.MILLISECONDS.toNanos(5);

  private final long each;
  private final LongSupplier nanoTime;
  private long next;

  /**
   * @param perSecond at least 1
   * @param nanoTime a clock that never goes back, in nanoseconds
   */
  public EvenPace(int perSecond, LongSupplier nanoTime) {
    this.each = SECOND / perSecond;
    this.nanoTime = nanoTime;
    this.next = nanoTime.getAsLong();
  }

  @Override
  public void await() throws InterruptedException {
    long ahead = reserve();
    if (ahead > SHORTEST) {
      TimeUnit.NANOSECONDS.sleep(ahead);
    }
  }

  /** How long from now the next one may happen, in nanoseconds. */
  synchronized long reserve() {
    long now = nanoTime.getAsLong();
    long ahead = Math.max(0, next - now);
    next = now + ahead + each;
    return ahead;
  }
}
