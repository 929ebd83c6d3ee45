package io.seine.sandbox;

import io.seine.sandbox.netns.Namespace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Datagrams to many addresses, one after the other and over again, whether or not anybody has them:
 * what there is to receive from the first moment on. Bounded by a rate, and by being closed.
 */
final class Flood implements AutoCloseable {
  private static final int PORT = 5999;
  private static final long PAUSE_NANOS = 500_000;

  private final DatagramChannel channel;
  private final List<InetSocketAddress> targets;
  private final AtomicLong rounds = new AtomicLong();
  private final AtomicLong failures = new AtomicLong();
  private final Thread thread;
  private volatile boolean closed;

  private Flood(DatagramChannel channel, List<InetSocketAddress> targets) {
    this.channel = channel;
    this.targets = targets;
    this.thread = Thread.ofPlatform().name("flood").start(this::run);
  }

  static Flood start(Place from, List<String> addresses) {
    return new Flood(
        from.namespace().datagram(new InetSocketAddress("0.0.0.0", 0)),
        addresses.stream()
            .map(address -> new InetSocketAddress(InetAddress.ofLiteral(address), PORT))
            .toList());
  }

  private void run() {
    while (!closed) {
      for (InetSocketAddress target : targets) {
        send(target);
        LockSupport.parkNanos(PAUSE_NANOS);
      }
      rounds.incrementAndGet();
    }
  }

  private void send(InetSocketAddress target) {
    try {
      int _ = channel.send(ByteBuffer.wrap(new byte[] {1}), target);
    } catch (IOException e) {
      failures.incrementAndGet(); // nobody there yet, or who is there refuses
    }
  }

  /** How often every address has been sent to. */
  long rounds() {
    return rounds.get();
  }

  @Override
  public String toString() {
    return rounds + " rounds, " + failures + " datagrams not sent";
  }

  /** How many datagrams have come into a namespace since it was made, wanted or not. */
  static long received(Namespace namespace) {
    String text = namespace.call(() -> Files.readString(Path.of("/proc/thread-self/net/snmp")));
    List<String> lines = text.lines().filter(line -> line.startsWith("Udp: ")).toList();
    List<String> names = List.of(lines.getFirst().split(" ", -1));
    String[] values = lines.getLast().split(" ", -1);
    return Long.parseLong(values[names.indexOf("InDatagrams")])
        + Long.parseLong(values[names.indexOf("NoPorts")]);
  }

  @Override
  public void close() {
    closed = true;
    try {
      thread.join();
      channel.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
