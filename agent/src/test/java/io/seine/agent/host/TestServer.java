package io.seine.agent.host;

import io.seine.agent.netlink.TestNamespace;
import java.io.Closeable;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;

/** Says its name, and the client's address as it sees it, on one port of a namespace. */
public final class TestServer implements AutoCloseable {
  private static final int TIMEOUT_MILLIS = 1500;

  private final Closeable socket;

  private TestServer(Closeable socket) {
    this.socket = socket;
  }

  public static TestServer tcp(TestNamespace where, String name, int port) throws Exception {
    ServerSocket listening = where.inside(() -> new ServerSocket(port));
    Thread.ofPlatform()
        .daemon()
        .start(() -> {
          try {
            while (true) {
              try (Socket client = listening.accept()) {
                byte[] answer = answer(name, client.getInetAddress());
                client.getOutputStream().write(answer);
              }
            }
          } catch (IOException e) {
            // It is closed.
          }
        });
    return new TestServer(listening);
  }

  public static TestServer udp(TestNamespace where, String name, int port) throws Exception {
    DatagramSocket bound = where.inside(() -> new DatagramSocket(port));
    Thread.ofPlatform()
        .daemon()
        .start(() -> {
          try {
            while (true) {
              DatagramPacket packet = new DatagramPacket(new byte[64], 64);
              bound.receive(packet);
              byte[] answer = answer(name, packet.getAddress());
              bound.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
            }
          } catch (IOException e) {
            // It is closed.
          }
        });
    return new TestServer(bound);
  }

  private static byte[] answer(String name, InetAddress client) {
    return (name + " " + client.getHostAddress()).getBytes(StandardCharsets.UTF_8);
  }

  /** What answers a TCP connection from a namespace; "refused" or "silent" if nothing does. */
  public static String ask(TestNamespace from, String address, int port) throws Exception {
    return from.inside(() -> {
      try (Socket socket = new Socket()) {
        socket.connect(new InetSocketAddress(address, port), TIMEOUT_MILLIS);
        socket.setSoTimeout(TIMEOUT_MILLIS);
        return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      } catch (java.net.SocketTimeoutException e) {
        return "silent";
      } catch (SocketException e) {
        return "refused";
      }
    });
  }

  /** A socket to ask with by UDP more than once: always from the same port. */
  static DatagramSocket client(TestNamespace from) throws Exception {
    DatagramSocket socket = from.inside(() -> new DatagramSocket());
    socket.setSoTimeout(TIMEOUT_MILLIS);
    return socket;
  }

  public static String ask(DatagramSocket socket, String address, int port) throws IOException {
    byte[] question = {'?'};
    socket.send(new DatagramPacket(question, 1, new InetSocketAddress(address, port)));
    DatagramPacket answer = new DatagramPacket(new byte[256], 256);
    try {
      socket.receive(answer);
    } catch (java.net.SocketTimeoutException e) {
      return "silent";
    }
    return new String(answer.getData(), 0, answer.getLength(), StandardCharsets.UTF_8);
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
