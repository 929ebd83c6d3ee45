package io.seine.sandbox;

import io.seine.sandbox.netns.Namespace;
import io.seine.sandbox.node.Cidr;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.DatagramPacket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.zip.CRC32C;

/**
 * Finds out by packets who reaches whom, for many pairs at once. What listens stays open from one
 * table to the next; each attempt is a connection of its own. TCP and UDP reach when they are
 * answered, ICMP too; SCTP when its first packet arrives.
 */
final class PacketProber implements AutoCloseable {
  private static final Duration AGAIN = Duration.ofMillis(100);
  private final Map<Listener, AutoCloseable> listeners = new HashMap<>();
  private final Map<Raw, RawSocket> raws = new ConcurrentHashMap<>();
  private final Set<Integer> arrived = ConcurrentHashMap.newKeySet();
  private final AtomicInteger numbers = new AtomicInteger(1);
  private volatile boolean closed;

  /** What is sent. */
  enum Transport {
    TCP,
    UDP,
    SCTP,
    ICMP
  }

  /** Where somebody has to listen for a question to be answered. */
  record Listener(Namespace at, Transport transport, int port) {}

  /**
   * One question.
   *
   * @param from where it is asked
   * @param to who may answer
   * @param address who is asked
   * @param port 0 for ICMP
   */
  record Attempt(Namespace from, Set<Listener> to, String address, Transport transport, int port) {
    boolean v6() {
      return Cidr.isV6(address);
    }
  }

  private record Raw(Namespace at, boolean v6, Transport transport) {}

  /** Those that reach, of all these; what does not within the limit does not reach. */
  Set<Attempt> reaching(Collection<Attempt> attempts, Duration limit) {
    attempts.forEach(this::listen);
    Set<Attempt> reached = ConcurrentHashMap.newKeySet();
    CountDownLatch done = new CountDownLatch(attempts.size());
    for (Attempt attempt : attempts) {
      Thread.ofVirtual()
          .name("probe")
          .start(() -> {
            try {
              if (reaches(attempt, limit)) {
                reached.add(attempt);
              }
            } finally {
              done.countDown();
            }
          });
    }
    try {
      if (!done.await(limit.multipliedBy(10).plusSeconds(5).toMillis(), TimeUnit.MILLISECONDS)) {
        throw new IllegalStateException("the probes do not come to an end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while probing", e);
    }
    return new HashSet<>(reached);
  }

  private boolean reaches(Attempt attempt, Duration limit) {
    return switch (attempt.transport()) {
      case TCP -> connects(attempt, limit);
      case UDP -> isAnswered(attempt, limit);
      case SCTP, ICMP -> arrives(attempt, limit);
    };
  }

  private static boolean connects(Attempt attempt, Duration limit) {
    try (SocketChannel channel = attempt.from().socket(family(attempt))) {
      channel.socket().connect(endpoint(attempt), (int) limit.toMillis());
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private static boolean isAnswered(Attempt attempt, Duration limit) {
    try (DatagramChannel channel = attempt.from().datagram(family(attempt), any(attempt.v6(), 0))) {
      channel.connect(endpoint(attempt));
      long end = System.nanoTime() + limit.toNanos();
      for (long now = System.nanoTime(); now < end; now = System.nanoTime()) {
        var _ = channel.write(ByteBuffer.wrap(new byte[] {'!'}));
        long wait = Math.max(1, Math.min(AGAIN.toNanos(), end - now) / 1_000_000);
        channel.socket().setSoTimeout((int) wait);
        if (heard(channel)) {
          return true;
        }
      }
      return false;
    } catch (IOException e) {
      return false;
    }
  }

  private static boolean heard(DatagramChannel channel) throws IOException {
    try {
      channel.socket().receive(new DatagramPacket(new byte[256], 256));
      return true;
    } catch (SocketTimeoutException e) {
      return false;
    }
  }

  /** Sends packets with a number until one is seen, by whoever looks out for that protocol. */
  private boolean arrives(Attempt attempt, Duration limit) {
    int number = numbers.getAndIncrement();
    RawSocket socket = raw(new Raw(attempt.from(), attempt.v6(), attempt.transport()));
    byte[] packet =
        attempt.transport() == Transport.SCTP
            ? sctpInit(number, attempt.port())
            : echoRequest(number, attempt.v6());
    long end = System.nanoTime() + limit.toNanos();
    for (long next = 0; System.nanoTime() < end && !arrived.contains(number); ) {
      if (System.nanoTime() >= next) {
        socket.send(packet, attempt.address());
        next = System.nanoTime() + AGAIN.toNanos();
      }
      LockSupport.parkNanos(5_000_000);
    }
    return arrived.contains(number);
  }

  private void listen(Attempt attempt) {
    if (attempt.transport() == Transport.SCTP || attempt.transport() == Transport.ICMP) {
      var _ = raw(new Raw(attempt.from(), attempt.v6(), attempt.transport()));
    }
    for (Listener where : attempt.to()) {
      if (where.transport() == Transport.SCTP) {
        var _ = raw(new Raw(where.at(), attempt.v6(), where.transport()));
      } else if (where.transport() != Transport.ICMP) {
        var _ = listeners.computeIfAbsent(where, this::listener);
      }
    }
  }

  /** Where the pod itself listens already, it answers as well as this would. */
  private AutoCloseable listener(Listener where) {
    try {
      return where.transport() == Transport.TCP ? accepting(where) : echoing(where);
    } catch (UncheckedIOException e) {
      if (e.getCause() instanceof BindException) {
        return () -> {};
      }
      throw e;
    }
  }

  private AutoCloseable accepting(Listener where) {
    ServerSocketChannel channel = where.at().listen(new InetSocketAddress("::", where.port()));
    serve(() -> channel.accept().close());
    return channel;
  }

  private AutoCloseable echoing(Listener where) {
    DatagramChannel channel =
        where.at().datagram(StandardProtocolFamily.INET6, any(true, where.port()));
    serve(() -> {
      ByteBuffer buffer = ByteBuffer.allocate(256);
      var client = channel.receive(buffer);
      var _ = channel.send(buffer.flip(), client);
    });
    return channel;
  }

  private interface Serving {
    void once() throws IOException;
  }

  private void serve(Serving serving) {
    Thread _ =
        Thread.ofVirtual()
            .name("probed")
            .start(() -> {
              while (!closed) {
                try {
                  serving.once();
                } catch (ClosedChannelException e) {
                  return;
                } catch (IOException e) {
                  Thread.onSpinWait(); // A client that has gone already.
                }
              }
            });
  }

  private RawSocket raw(Raw where) {
    return raws.computeIfAbsent(
        where,
        r -> {
          int icmp = r.v6() ? RawSocket.ICMP_V6 : RawSocket.ICMP;
          RawSocket socket =
              RawSocket.open(
                  r.at(), r.v6(), r.transport() == Transport.SCTP ? RawSocket.SCTP : icmp);
          Thread _ = Thread.ofPlatform().daemon().name("probed").start(() -> watch(r, socket));
          return socket;
        });
  }

  private void watch(Raw where, RawSocket socket) {
    try (socket) {
      do {
        socket.receive().ifPresent(packet -> see(where, packet));
      } while (!closed && raws.get(where) == socket);
    }
  }

  private void see(Raw where, byte[] packet) {
    ByteBuffer in = ByteBuffer.wrap(packet);
    if (where.transport() == Transport.SCTP && packet.length >= 20) {
      arrived.add(in.getInt(16)); // the initiate tag of an INIT
    } else if (where.transport() == Transport.ICMP && packet.length >= 12) {
      byte type = in.get(0);
      if (type == (where.v6() ? (byte) 129 : 0)) {
        arrived.add(in.getInt(8));
      }
    }
  }

  private static byte[] sctpInit(int number, int port) {
    ByteBuffer out = ByteBuffer.allocate(32);
    out.putShort((short) (20_000 + number % 40_000)).putShort((short) port).putInt(0).putInt(0);
    out.put((byte) 1).put((byte) 0).putShort((short) 20);
    out.putInt(number).putInt(65_536).putShort((short) 1).putShort((short) 1).putInt(1);
    CRC32C crc = new CRC32C();
    crc.update(out.array());
    out.putInt(8, Integer.reverseBytes((int) crc.getValue()));
    return out.array();
  }

  private static byte[] echoRequest(int number, boolean v6) {
    ByteBuffer out = ByteBuffer.allocate(12);
    out.put(v6 ? (byte) 128 : 8).put((byte) 0).putShort((short) 0);
    out.putShort((short) number).putShort((short) 1).putInt(number);
    if (!v6) {
      int sum = 0;
      for (int i = 0; i < 12; i += 2) {
        sum += Short.toUnsignedInt(out.getShort(i));
      }
      sum = (sum & 0xffff) + (sum >>> 16);
      out.putShort(2, (short) ~((sum & 0xffff) + (sum >>> 16)));
    }
    return out.array();
  }

  private static ProtocolFamily family(Attempt attempt) {
    return attempt.v6() ? StandardProtocolFamily.INET6 : StandardProtocolFamily.INET;
  }

  private static InetSocketAddress any(boolean v6, int port) {
    return new InetSocketAddress(InetAddress.ofLiteral(v6 ? "::" : "0.0.0.0"), port);
  }

  private static InetSocketAddress endpoint(Attempt attempt) {
    return new InetSocketAddress(InetAddress.ofLiteral(attempt.address()), attempt.port());
  }

  /** Closes what is open in a namespace, so that it can go. */
  void leave(Namespace namespace) {
    leave(listener -> listener.at().equals(namespace), raw -> raw.at().equals(namespace));
  }

  private void leave(Predicate<Listener> these, Predicate<Raw> those) {
    raws.keySet().removeIf(those);
    for (Listener where : List.copyOf(listeners.keySet())) {
      AutoCloseable socket = listeners.get(where);
      if (socket != null && these.test(where)) {
        try {
          socket.close();
        } catch (Exception e) {
          throw new IllegalStateException("cannot close " + where, e);
        }
        var _ = listeners.remove(where);
      }
    }
  }

  @Override
  public void close() {
    closed = true;
    leave(listener -> true, raw -> true);
  }
}
