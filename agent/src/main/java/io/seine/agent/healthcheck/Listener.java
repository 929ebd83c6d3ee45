package io.seine.agent.healthcheck;

import io.seine.openflow.Ip;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One port on the node's addresses. Every request is answered with the same, whatever its path, and
 * the connection closed. Threads are virtual: there may be many such ports.
 */
final class Listener implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Listener.class);
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final long PAUSE_NANOS = Duration.ofMillis(100).toNanos();
  private static final int LONGEST_REQUEST = 16_384;
  private static final int BACKLOG = 32;

  /** At once, over all ports: anyone who reaches the node may ask. */
  private static final Semaphore PLACES = new Semaphore(256);

  private final List<ServerSocket> sockets = new ArrayList<>();
  private final Supplier<Answer> answer;

  private Listener(Supplier<Answer> answer) {
    this.answer = answer;
  }

  /**
   * Listens on those of the addresses that the node's devices have.
   *
   * @throws IOException if the port is taken on one of them, or none is there; nothing listens then
   */
  static Listener start(List<Ip> addresses, int port, Supplier<Answer> answer) throws IOException {
    Listener listener = new Listener(answer);
    try {
      for (Ip address : addresses) {
        InetAddress inet = InetAddress.getByAddress(address.value().toByteArray());
        if (NetworkInterface.getByInetAddress(inet) != null) {
          listener.listen(new InetSocketAddress(inet, port));
        }
      }
      if (listener.sockets.isEmpty()) {
        throw new IOException("no device has any of the node's addresses " + addresses);
      }
    } catch (IOException e) {
      listener.close();
      throw e;
    }
    listener.sockets.forEach(
        socket -> Thread.ofVirtual().name("health-check").start(() -> listener.accept(socket)));
    return listener;
  }

  private void listen(InetSocketAddress address) throws IOException {
    ServerSocket socket = new ServerSocket();
    try {
      socket.bind(address, BACKLOG);
      sockets.add(socket);
    } catch (IOException e) {
      socket.close();
      throw new IOException(
          "%s port %d: %s"
              .formatted(address.getAddress().getHostAddress(), address.getPort(), e.getMessage()),
          e);
    }
  }

  private void accept(ServerSocket socket) {
    while (!socket.isClosed()) {
      try {
        Socket client = socket.accept();
        // A virtual thread that waits in accept may get one more when the socket has been closed.
        if (!socket.isClosed() && PLACES.tryAcquire()) {
          Thread.ofVirtual().name("health-check").start(() -> serve(client));
        } else {
          client.close();
        }
      } catch (IOException e) {
        LOG.debug("a health check did not get through: {}", e.toString());
        // With no file descriptor left, the next attempt fails at once as well.
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    }
  }

  private void serve(Socket client) {
    try (client) {
      String request = request(client);
      if (!request.isEmpty()) {
        OutputStream out = client.getOutputStream();
        out.write(answer.get().http(request.startsWith("HEAD ")));
        out.flush();
      }
    } catch (IOException e) {
      LOG.debug("a health check was not answered: {}", e.toString());
    } finally {
      PLACES.release();
    }
  }

  /** The request up to the empty line; empty if it never comes, or not in time. */
  private static String request(Socket client) throws IOException {
    InputStream in = client.getInputStream();
    long end = System.nanoTime() + PATIENCE.toNanos();
    StringBuilder text = new StringBuilder();
    byte[] buffer = new byte[1024];
    while (text.length() < LONGEST_REQUEST) {
      long left = Duration.ofNanos(end - System.nanoTime()).toMillis();
      if (left <= 0) {
        return "";
      }
      client.setSoTimeout((int) left);
      int read = in.read(buffer);
      if (read < 0) {
        return "";
      }
      text.append(new String(buffer, 0, read, StandardCharsets.ISO_8859_1));
      if (text.indexOf("\r\n\r\n") >= 0 || text.indexOf("\n\n") >= 0) {
        return text.toString();
      }
    }
    return "";
  }

  @Override
  public void close() {
    for (ServerSocket socket : sockets) {
      try {
        socket.close();
      } catch (IOException e) {
        LOG.debug("while closing a health check: {}", e.toString());
      }
    }
  }
}
