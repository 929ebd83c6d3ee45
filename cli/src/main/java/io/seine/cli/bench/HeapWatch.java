package io.seine.cli.bench;

import java.lang.management.ManagementFactory;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** The most heap that is in use while this is open, garbage and all, looked at now and then. */
final class HeapWatch implements AutoCloseable {
  private static final long PERIOD_MS = 50;
  private static final double MIB = 1 << 20;

  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread thread;
  private volatile long most;

  HeapWatch() {
    collect();
    thread = Thread.ofPlatform().daemon().name("heap-watch").start(this::run);
  }

  /** MiB that objects take which somebody refers to. */
  static double live() {
    collect();
    return used() / MIB;
  }

  private static void collect() {
    for (int i = 0; i < 3; i++) {
      System.gc();
    }
  }

  private static long used() {
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }

  private void run() {
    try {
      do {
        most = Math.max(most, used());
      } while (!closed.await(PERIOD_MS, TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** In MiB. */
  double most() {
    return most / MIB;
  }

  @Override
  public void close() {
    closed.countDown();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
