package io.seine.sandbox.api;

import io.seine.sandbox.netns.Namespace;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets a namespace reach a server of the machine: listens inside and connects from outside. One
 * virtual thread accepts, two move the bytes of each connection.
 */
public final class TcpForwarder implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TcpForwarder.class);
  private final ServerSocketChannel listener;
  private final InetSocketAddress target;
  private final Set<SocketChannel> open = ConcurrentHashMap.newKeySet();

  private TcpForwarder(ServerSocketChannel listener, InetSocketAddress target) {
    this.listener = listener;
    this.target = target;
  }

  /** Listens at an address of the namespace for connections to a server outside. */
  public static TcpForwarder start(
      Namespace namespace, InetSocketAddress inside, InetSocketAddress target) {
    TcpForwarder forwarder = new TcpForwarder(namespace.listen(inside), target);
    Thread.ofVirtual().name("forward-" + namespace.name()).start(forwarder::accept);
    return forwarder;
  }

  private void accept() {
    while (listener.isOpen()) {
      try {
        SocketChannel inner = listener.accept();
        Thread.ofVirtual().name("forward").start(() -> serve(inner));
      } catch (IOException e) {
        if (listener.isOpen()) {
          LOG.warn("a connection to {} was not accepted: {}", target, e.getMessage());
        }
      }
    }
  }

  private void serve(SocketChannel inner) {
    open.add(inner);
    try (inner;
        SocketChannel outer = SocketChannel.open(target)) {
      open.add(outer);
      inner.setOption(StandardSocketOptions.TCP_NODELAY, true);
      outer.setOption(StandardSocketOptions.TCP_NODELAY, true);
      Thread back = Thread.ofVirtual().name("forward-back").start(() -> move(outer, inner));
      move(inner, outer);
      back.join();
      open.remove(outer);
    } catch (IOException e) {
      LOG.debug("no connection to {}: {}", target, e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      open.remove(inner);
    }
  }

  /** Moves bytes until either end closes, then ends the other direction too. */
  private static void move(SocketChannel from, SocketChannel to) {
    try {
      ByteBuffer buffer = ByteBuffer.allocate(16 << 10);
      while (from.read(buffer) >= 0) {
        writeAll(buffer.flip(), to);
        buffer.clear();
      }
      to.shutdownOutput();
    } catch (IOException e) {
      close(from);
      close(to);
    }
  }

  private static void writeAll(ByteBuffer buffer, ByteChannel to) throws IOException {
    while (buffer.hasRemaining()) {
      to.write(buffer);
    }
  }

  @Override
  public void close() {
    close(listener);
    open.forEach(TcpForwarder::close);
  }

  private static void close(AutoCloseable channel) {
    try {
      channel.close();
    } catch (Exception e) {
      LOG.debug("closing {}: {}", channel, e.getMessage());
    }
  }
}
