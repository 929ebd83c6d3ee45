package io.seine.agent;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the heap about as large as what lives in it. The serial collector lets the old generation
 * grow up to its limit before it looks there for garbage, and returns memory only after it has
 * looked; so it is told to when the heap has grown by a bound since the last time. At 10 000
 * services that stops the agent for some 0.1 s, and a steady agent's heap does not grow.
 *
 * <p>Used by one thread.
 */
final class SpareHeap {
  private static final Logger LOG = LoggerFactory.getLogger(SpareHeap.class);
  private static final long MOST_GROWTH = 16L << 20;
  private long committed = Runtime.getRuntime().totalMemory();

  /** Collects garbage and returns memory to the system, if the heap has grown. */
  void giveBack() {
    long before = Runtime.getRuntime().totalMemory();
    if (before > committed + MOST_GROWTH) {
      System.gc();
      committed = Runtime.getRuntime().totalMemory();
      LOG.debug("the heap was {} MiB and is {} MiB", before >> 20, committed >> 20);
    }
  }
}
