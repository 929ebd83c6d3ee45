package io.seine.agent;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs steps when they are asked for and from time to time, one after the other, on one thread. A
 * step asked for twice before it runs is run once. A step that fails is logged, and its next turn
 * comes all the same.
 */
final class Upkeep implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Upkeep.class);

  /** Some work; may block. */
  interface Work {
    void run() throws Exception;
  }

  /** A piece of work with its period. */
  final class Step {
    private final String name;
    private final long periodNanos;
    private final Work work;
    private long due;
    private boolean asked;

    private Step(String name, Duration period, Work work) {
      this.name = name;
      this.periodNanos = period.toNanos();
      this.work = work;
      this.due = System.nanoTime() + periodNanos;
    }

    /** Has it run as soon as the thread is free. */
    void ask() {
      lock.lock();
      try {
        asked = true;
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final List<Step> steps = new ArrayList<>();
  private final Thread thread;

  Upkeep(String name) {
    this.thread = Thread.ofVirtual().name(name).unstarted(this::run);
  }

  /** Adds a step that is first run after a period, or when asked for. */
  Step every(Duration period, String name, Work work) {
    lock.lock();
    try {
      Step step = new Step(name, period, work);
      steps.add(step);
      changed.signalAll();
      return step;
    } finally {
      lock.unlock();
    }
  }

  void start() {
    thread.start();
  }

  private void run() {
    try {
      while (true) {
        perform(next());
      }
    } catch (InterruptedException e) {
      LOG.debug("{} ends", thread.getName());
    }
  }

  private Step next() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (true) {
        long now = System.nanoTime();
        long wait = Duration.ofHours(1).toNanos();
        for (Step step : steps) {
          if (step.asked || step.due - now <= 0) {
            step.asked = false;
            return step;
          }
          wait = Math.min(wait, step.due - now);
        }
        long _ = changed.awaitNanos(wait);
      }
    } finally {
      lock.unlock();
    }
  }

  private void perform(Step step) throws InterruptedException {
    try {
      step.work.run();
    } catch (InterruptedException e) {
      throw e;
    } catch (Exception e) {
      LOG.warn("{}: {}", step.name, e.getMessage() == null ? e.toString() : e.getMessage());
    } finally {
      lock.lock();
      try {
        step.due = System.nanoTime() + step.periodNanos;
      } finally {
        lock.unlock();
      }
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
