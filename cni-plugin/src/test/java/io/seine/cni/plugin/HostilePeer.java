package io.seine.cni.plugin;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;

/**
 * A listener in the agent's place that sends what a test gives it, then nothing more, and reads
 * until the plugin has gone.
 */
final class HostilePeer implements AutoCloseable {
  private final ServerSocketChannel listener;

  private volatile byte[] reply = new byte[0];
  private volatile int chunk = Integer.MAX_VALUE;
  private volatile boolean closes = true;

  HostilePeer(Path socket) throws IOException {
    listener =
        ServerSocketChannel.open(StandardProtocolFamily.UNIX)
            .bind(UnixDomainSocketAddress.of(socket));
    Thread.ofVirtual().start(this::accept);
  }

  /**
   * What the next connections get.
   *
   * @param bytes what to send
   * @param size how many bytes to send at once
   * @param thenClose whether to close the sending side afterwards, as against falling silent
   */
  void serve(byte[] bytes, int size, boolean thenClose) {
    reply = bytes;
    chunk = size;
    closes = thenClose;
  }

  private void accept() {
    try {
      while (true) {
        SocketChannel connection = listener.accept();
        Thread.ofVirtual().start(() -> talk(connection));
      }
    } catch (ClosedChannelException _) {
      // The test is over.
    } catch (IOException e) {
      throw new AssertionError("accepting", e);
    }
  }

  private void talk(SocketChannel connection) {
    try (connection) {
      ByteBuffer request = ByteBuffer.allocate(64 << 10);
      connection.read(request);
      ByteBuffer rest = ByteBuffer.wrap(reply);
      while (rest.hasRemaining()) {
        ByteBuffer part = rest.slice(rest.position(), Math.min(chunk, rest.remaining()));
        rest.position(rest.position() + connection.write(part));
      }
      if (closes) {
        connection.shutdownOutput();
      }
      while (connection.read(request.clear()) >= 0) {
        // Until the plugin has gone.
      }
    } catch (IOException _) {
      // The plugin closed its end first, as it may.
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
  }
}
