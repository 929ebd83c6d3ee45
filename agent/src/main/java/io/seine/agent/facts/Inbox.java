package io.seine.agent.facts;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes changes from any thread and applies them on one of its own, as many at a time as are there.
 * Who is faster than that thread waits.
 */
final class Inbox implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Inbox.class);
  private static final int SIZE = 1024;

  private record Change(Runnable apply, long arrival) {}

  private final LongSupplier clock;
  private final LongConsumer flush;
  private final BlockingQueue<Change> changes = new ArrayBlockingQueue<>(SIZE);
  private final Thread thread = Thread.ofVirtual().name("facts").unstarted(this::run);

  /**
   * @param flush called after each batch, with the time of the first change in it
   */
  Inbox(LongSupplier clock, LongConsumer flush) {
    this.clock = clock;
    this.flush = flush;
  }

  void start() {
    thread.start();
  }

  void post(Runnable apply) {
    try {
      changes.put(new Change(apply, clock.getAsLong()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // who posts is being stopped
    }
  }

  private void run() {
    List<Change> batch = new ArrayList<>();
    try {
      while (!Thread.currentThread().isInterrupted()) {
        batch.add(changes.take());
        changes.drainTo(batch);
        for (Change change : batch) {
          Guard.run(change.apply());
        }
        flush.accept(batch.getFirst().arrival());
        batch.clear();
      }
    } catch (InterruptedException e) {
      LOG.debug("the facts are not followed any more");
    }
  }

  /** Stops the thread; changes that wait are not looked at any more. */
  @Override
  public void close() {
    thread.interrupt();
  }
}
