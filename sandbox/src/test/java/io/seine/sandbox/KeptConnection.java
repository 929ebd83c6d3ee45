package io.seine.sandbox;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/** One TCP connection on which a pod is asked again and again. */
final class KeptConnection implements AutoCloseable {
  private static final int LIMIT_MILLIS = 2000;
  private final SocketChannel channel;
  private final Socket socket;
  private final BufferedReader in;

  KeptConnection(Place from, Target target) {
    try {
      channel = from.namespace().socket();
      socket = channel.socket();
      socket.connect(
          new InetSocketAddress(InetAddress.ofLiteral(target.address()), target.port()),
          LIMIT_MILLIS);
      socket.setSoTimeout(LIMIT_MILLIS);
      in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Asks once more and returns the whole answer.
   *
   * @throws IOException if the connection has ended
   */
  String ask() throws IOException {
    socket
        .getOutputStream()
        .write("GET / HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    int length = -1;
    for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
      if (line.startsWith("Content-Length: ")) {
        length = Integer.parseInt(line.substring(16));
      }
    }
    if (length < 0) {
      throw new IOException("the connection has ended");
    }
    char[] body = new char[length];
    for (int at = 0; at < length; ) {
      int n = in.read(body, at, length - at);
      if (n < 0) {
        throw new IOException("the connection has ended within an answer");
      }
      at += n;
    }
    return new String(body);
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
