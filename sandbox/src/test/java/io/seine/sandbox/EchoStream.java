package io.seine.sandbox;

import io.seine.sandbox.netns.Namespace;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * One TCP connection between two pods that carries a number each millisecond and waits for its
 * echo. The first thing that goes wrong ends it and is kept.
 */
final class EchoStream implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(10);
  private static final long EACH = Duration.ofMillis(1).toNanos();
  private final ServerSocketChannel listener;
  private final SocketChannel client;
  private final AtomicLong messages = new AtomicLong();
  private final AtomicLong slowest = new AtomicLong();
  private volatile Optional<String> failure = Optional.empty();
  private volatile boolean ended;

  private EchoStream(ServerSocketChannel listener, SocketChannel client) {
    this.listener = listener;
    this.client = client;
  }

  /** Connects; the server's port is any free one. */
  static EchoStream start(Namespace from, Namespace to, String address) throws IOException {
    ServerSocketChannel listener = to.listen(new InetSocketAddress(0));
    SocketChannel client = from.socket();
    EchoStream stream = new EchoStream(listener, client);
    Thread.ofVirtual().name("echo-server").start(stream::serve);
    int port = ((InetSocketAddress) listener.getLocalAddress()).getPort();
    client
        .socket()
        .connect(
            new InetSocketAddress(InetAddress.ofLiteral(address), port), (int) LIMIT.toMillis());
    client.socket().setTcpNoDelay(true);
    client.socket().setSoTimeout((int) LIMIT.toMillis());
    Thread.ofVirtual().name("echo-client").start(stream::converse);
    return stream;
  }

  private void serve() {
    try (SocketChannel channel = listener.accept()) {
      channel.socket().setTcpNoDelay(true);
      DataInputStream in = new DataInputStream(channel.socket().getInputStream());
      DataOutputStream out = new DataOutputStream(channel.socket().getOutputStream());
      while (!ended) {
        out.writeLong(in.readLong());
      }
    } catch (IOException e) {
      fail("the server: " + e);
    }
  }

  private void converse() {
    try {
      DataInputStream in = new DataInputStream(client.socket().getInputStream());
      DataOutputStream out = new DataOutputStream(client.socket().getOutputStream());
      for (long number = 0; !ended; number++) {
        long start = System.nanoTime();
        out.writeLong(number);
        long answer = in.readLong();
        if (answer != number) {
          throw new IOException("sent " + number + ", came back " + answer);
        }
        messages.incrementAndGet();
        long took = System.nanoTime() - start;
        slowest.accumulateAndGet(took, Math::max);
        LockSupport.parkNanos(EACH - took);
      }
    } catch (IOException e) {
      fail("the client after " + messages + " messages: " + e);
    }
  }

  private void fail(String what) {
    if (!ended && failure.isEmpty()) {
      failure = Optional.of(what);
    }
  }

  long messages() {
    return messages.get();
  }

  Duration slowest() {
    return Duration.ofNanos(slowest.get());
  }

  Optional<String> failure() {
    return failure;
  }

  /** Ends it; what happens from here on is no failure. */
  void end() {
    ended = true;
    try (listener) {
      client.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    end();
  }
}
