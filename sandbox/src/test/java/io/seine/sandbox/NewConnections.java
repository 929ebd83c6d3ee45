package io.seine.sandbox;

import io.seine.sandbox.netns.Namespace;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Phaser;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Opens connections to an address at an even pace, by several clients in turn, each with one
 * question and its answer.
 *
 * <p>Several, because a client alone comes round to a port that it has used within the half minute
 * for which Open vSwitch keeps an ended connection. Its userspace datapath (3.1) then gives the new
 * one another source port, behind which the endpoint may still have a socket in TIME_WAIT.
 */
final class NewConnections implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(10);
  private final AtomicLong answered = new AtomicLong();
  private final AtomicLong slowest = new AtomicLong();
  private final List<String> failures = new CopyOnWriteArrayList<>();
  private final Phaser open = new Phaser(1);
  private volatile boolean ended;

  private NewConnections() {}

  static NewConnections start(List<Namespace> from, String address, int port, int perSecond) {
    NewConnections connections = new NewConnections();
    List<Probe> probes = from.stream().map(client -> new Probe(client, LIMIT)).toList();
    long pause = Duration.ofSeconds(1).toNanos() / perSecond;
    connections.open.register();
    Thread.ofVirtual()
        .name("new-connections")
        .start(() -> {
          long next = System.nanoTime();
          for (int turn = 0; !connections.ended; turn++) {
            Probe probe = probes.get(turn % probes.size());
            connections.open.register();
            Thread.startVirtualThread(() -> connections.ask(probe, address, port));
            next += pause;
            LockSupport.parkNanos(next - System.nanoTime());
          }
          connections.open.arriveAndDeregister();
        });
    return connections;
  }

  private void ask(Probe probe, String address, int port) {
    long start = System.nanoTime();
    try {
      var _ = probe.http(address, port);
      answered.incrementAndGet();
      slowest.accumulateAndGet(System.nanoTime() - start, Math::max);
    } catch (IOException | RuntimeException e) {
      failures.add(e.toString());
    } finally {
      open.arriveAndDeregister();
    }
  }

  long answered() {
    return answered.get();
  }

  Duration slowest() {
    return Duration.ofNanos(slowest.get());
  }

  /** What went wrong with those that got no answer. */
  List<String> failures() {
    return failures;
  }

  /** Opens no more, and returns when each has its answer or its failure. */
  void end() {
    ended = true;
    open.arriveAndAwaitAdvance();
  }

  @Override
  public void close() {
    end();
  }
}
