package io.seine.sandbox;

import io.seine.sandbox.netns.Namespace;
import io.seine.sandbox.node.Cidr;
import java.io.BufferedReader;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One connection, or what conntrack takes for one, whose messages bear numbers and go at an even
 * pace from its start to its end, whatever arrives.
 */
final class Conversation implements AutoCloseable {
  /** How it goes. */
  enum Kind {
    /** The client asks by a datagram, the server answers: counted where the client gets answers. */
    UDP_ECHO,
    /** After one datagram of the client, only the server sends; counted at the client. */
    UDP_PUSH,
    /** Only the client sends; counted at the server. */
    UDP_ONE_WAY,
    /** A connection on which each number is sent when the one before has come back. */
    TCP,
    /** Echo requests; counted when answered. No port, and the kernel is the server. */
    ICMP
  }

  private static final Pattern PING_REPLY = Pattern.compile("bytes from .* icmp_seq=(\\d+) ");
  private static final int BUFFER = 4 << 20;
  private static final int CATCH_UP = 20;
  private static final int CONNECT_MILLIS = 5000;
  private final String name;
  private final Arrivals arrivals = new Arrivals();
  private final AtomicInteger sent = new AtomicInteger();
  private final long pause;
  private final List<AutoCloseable> parts = new ArrayList<>();
  private volatile boolean ended;
  private volatile String failure = "";

  private Conversation(String name, int perSecond) {
    this.name = name;
    this.pause = Duration.ofSeconds(1).toNanos() / perSecond;
  }

  /**
   * Starts one.
   *
   * @param server where its far end is
   * @param port where that end listens; more than one may not share it
   * @param target what the client uses, which is the server's address and port or a service's
   */
  static Conversation start(
      Kind kind, Place client, Namespace server, int port, Target target, int perSecond) {
    Conversation made =
        new Conversation("%s of %s with %s".formatted(kind, client, target), perSecond);
    try {
      switch (kind) {
        case TCP -> made.connect(client, server, port, target);
        case ICMP -> made.ping(client, target, perSecond);
        default -> made.exchange(kind, client, server, port, target);
      }
    } catch (IOException e) {
      made.close();
      throw new UncheckedIOException(made.name, e);
    }
    return made;
  }

  Arrivals arrivals() {
    return arrivals;
  }

  /** How many messages have been sent so far; their numbers are below. */
  int sent() {
    return sent.get();
  }

  /** What ended it before its time; empty if nothing has. */
  String failure() {
    return failure;
  }

  private void exchange(Kind kind, Place client, Namespace server, int port, Target target)
      throws IOException {
    DatagramChannel near = own(datagrams(client.namespace(), 0, target.address()));
    DatagramChannel far = own(datagrams(server, port, target.address()));
    SocketAddress to = endpoint(target);
    switch (kind) {
      case UDP_ECHO -> {
        receive(far, (number, from) -> send(far, number, from));
        receive(near, (number, from) -> arrivals.record(number));
        pace(number -> send(near, number, to));
      }
      case UDP_ONE_WAY -> {
        receive(far, (number, from) -> arrivals.record(number));
        pace(number -> send(near, number, to));
      }
      default -> push(near, far, to);
    }
  }

  /** The client says who it is until it has heard something, for the first may be lost. */
  private void push(DatagramChannel near, DatagramChannel far, SocketAddress to) {
    SocketAddress[] client = new SocketAddress[1];
    Thread _ =
        Thread.ofVirtual()
            .name(name)
            .start(() -> {
              while (!ended && arrivals.count() == 0) {
                send(near, 0, to);
                LockSupport.parkNanos(Duration.ofMillis(200).toNanos());
              }
            });
    receive(
        far,
        (number, from) -> {
          if (client[0] == null) {
            client[0] = from;
            pace(n -> send(far, n, from));
          }
        });
    receive(near, (number, from) -> arrivals.record(number));
  }

  private interface Receiver {
    void accept(int number, SocketAddress from) throws IOException;
  }

  private interface Sender {
    void send(int number) throws IOException;
  }

  private void receive(DatagramChannel channel, Receiver receiver) {
    run(() -> {
      ByteBuffer buffer = ByteBuffer.allocate(64);
      while (!ended) {
        SocketAddress from = channel.receive(buffer.clear());
        receiver.accept(buffer.flip().getInt(), from);
      }
    });
  }

  private static void send(DatagramChannel channel, int number, SocketAddress to) {
    try {
      var _ = channel.send(ByteBuffer.allocate(4).putInt(number).flip(), to);
    } catch (IOException e) {
      // An ICMP error for an earlier one, or the end: what matters is what arrives.
      LockSupport.parkNanos(1);
    }
  }

  /** Sends on a thread of its own; after a stall only so many are made up for. */
  private void pace(Sender sender) {
    Thread _ =
        Thread.ofPlatform()
            .daemon()
            .name(name)
            .start(() -> {
              long next = System.nanoTime();
              try {
                while (!ended) {
                  sender.send(sent.get());
                  sent.incrementAndGet();
                  next = Math.max(next + pause, System.nanoTime() - CATCH_UP * pause);
                  LockSupport.parkNanos(next - System.nanoTime());
                }
              } catch (IOException e) {
                fail(e);
              }
            });
  }

  private void connect(Place client, Namespace server, int port, Target target) throws IOException {
    ServerSocketChannel listener = own(server.listen(new InetSocketAddress("::", port)));
    SocketChannel near = own(client.namespace().socket(family(target.address())));
    run(() -> {
      try (SocketChannel far = listener.accept()) {
        own(far).setOption(StandardSocketOptions.TCP_NODELAY, true);
        DataInputStream in = new DataInputStream(far.socket().getInputStream());
        DataOutputStream out = new DataOutputStream(far.socket().getOutputStream());
        while (!ended) {
          out.writeInt(in.readInt());
        }
      }
    });
    near.socket().connect(endpoint(target), CONNECT_MILLIS);
    near.setOption(StandardSocketOptions.TCP_NODELAY, true);
    run(() -> {
      DataInputStream in = new DataInputStream(near.socket().getInputStream());
      DataOutputStream out = new DataOutputStream(near.socket().getOutputStream());
      while (!ended) {
        long start = System.nanoTime();
        out.writeInt(sent.getAndIncrement());
        arrivals.record(in.readInt());
        LockSupport.parkNanos(pause - (System.nanoTime() - start));
      }
    });
  }

  private void ping(Place client, Target target, int perSecond) throws IOException {
    Process process =
        new ProcessBuilder(
                client
                    .namespace()
                    .entering(List.of("ping", "-n", "-i", "" + 1.0 / perSecond, target.address())))
            .redirectErrorStream(true)
            .start();
    own(() -> {
      process.destroy();
      var _ = process.waitFor();
    });
    run(() -> {
      BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        Matcher reply = PING_REPLY.matcher(line);
        if (reply.find()) {
          int number = Integer.parseInt(reply.group(1));
          arrivals.record(number);
          sent.accumulateAndGet(number + 1, Math::max);
        }
      }
    });
  }

  private interface Action {
    void run() throws IOException;
  }

  private void run(Action action) {
    Thread _ =
        Thread.ofVirtual()
            .name(name)
            .start(() -> {
              try {
                action.run();
              } catch (IOException e) {
                fail(e);
              }
            });
  }

  private void fail(IOException e) {
    if (!ended) {
      failure = e.toString();
    }
  }

  private static DatagramChannel datagrams(Namespace namespace, int port, String like)
      throws IOException {
    boolean v6 = Cidr.isV6(like);
    DatagramChannel channel =
        namespace.datagram(
            family(like),
            new InetSocketAddress(InetAddress.ofLiteral(v6 ? "::" : "0.0.0.0"), port));
    return channel.setOption(StandardSocketOptions.SO_RCVBUF, BUFFER);
  }

  private static ProtocolFamily family(String address) {
    return Cidr.isV6(address) ? StandardProtocolFamily.INET6 : StandardProtocolFamily.INET;
  }

  private static InetSocketAddress endpoint(Target target) {
    return new InetSocketAddress(InetAddress.ofLiteral(target.address()), target.port());
  }

  private <T extends AutoCloseable> T own(T part) {
    synchronized (parts) {
      parts.add(part);
    }
    return part;
  }

  @Override
  public String toString() {
    return name;
  }

  @Override
  public void close() {
    ended = true;
    synchronized (parts) {
      for (AutoCloseable part : parts) {
        try {
          part.close();
        } catch (Exception e) {
          throw new IllegalStateException(name + " cannot be ended", e);
        }
      }
    }
  }
}
