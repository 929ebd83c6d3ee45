package io.seine.openflow.connection;

import io.seine.openflow.PacketIn;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands packet-ins to a listener without ever holding up the thread that reads them. Bounded: when
 * it is full, the newest is dropped, as a switch would do.
 */
final class PacketInQueue implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PacketInQueue.class);
  private static final int CAPACITY = 1024;

  private final String name;
  private final BlockingQueue<PacketIn> queue = new ArrayBlockingQueue<>(CAPACITY);
  private final AtomicLong dropped = new AtomicLong();
  private volatile Consumer<PacketIn> listener = packet -> {};
  private final Thread thread;

  PacketInQueue(String name) {
    this.name = name;
    this.thread = Thread.ofVirtual().name(name + "-packet-in").start(this::deliver);
  }

  void listener(Consumer<PacketIn> listener) {
    this.listener = listener;
  }

  void add(PacketIn packet) {
    if (!queue.offer(packet)) {
      dropped.incrementAndGet();
    }
  }

  long dropped() {
    return dropped.get();
  }

  @Override
  public void close() {
    thread.interrupt();
  }

  private void deliver() {
    try {
      while (true) {
        handOver(queue.take());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // closed
    }
  }

  private void handOver(PacketIn packet) {
    try {
      listener.accept(packet);
    } catch (RuntimeException e) {
      LOG.atError()
          .addKeyValue("switch", name)
          .setCause(e)
          .log("The listener failed on a packet-in; the next ones go on");
    }
  }
}
