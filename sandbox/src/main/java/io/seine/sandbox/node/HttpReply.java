package io.seine.sandbox.node;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * The answer to one HTTP request over a socket of some network namespace, which no HTTP client of
 * the JDK can be given.
 *
 * @param status for example 200
 * @param body as UTF-8
 */
public record HttpReply(int status, String body) {
  private static final int LIMIT = 64 << 20;

  /**
   * Connects the socket and asks for a path, once.
   *
   * @param limit for the connection, and again for each read
   * @throws IOException if there is no connection, or no whole answer in time
   */
  public static HttpReply get(
      SocketChannel channel, InetSocketAddress server, String path, Duration limit)
      throws IOException {
    int millis = Math.toIntExact(limit.toMillis());
    Socket socket = channel.socket();
    socket.connect(server, millis);
    socket.setSoTimeout(millis);
    String request =
        "GET %s HTTP/1.1\r\nHost: %s:%d\r\nConnection: close\r\n\r\n"
            .formatted(path, server.getAddress().getHostAddress(), server.getPort());
    socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
    return parse(read(socket.getInputStream()));
  }

  private static byte[] read(InputStream stream) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    byte[] buffer = new byte[8192];
    for (int n = stream.read(buffer); n >= 0; n = stream.read(buffer)) {
      bytes.write(buffer, 0, n);
      if (bytes.size() > LIMIT) {
        throw new SocketTimeoutException("the answer is longer than " + LIMIT + " bytes");
      }
    }
    return bytes.toByteArray();
  }

  static HttpReply parse(byte[] raw) throws IOException {
    String text = new String(raw, StandardCharsets.UTF_8);
    int end = text.indexOf("\r\n\r\n");
    if (end < 0 || !text.startsWith("HTTP/1.") || text.length() < 12) {
      throw new IOException(
          "not an HTTP answer: '" + text.substring(0, Math.min(60, text.length())) + "'");
    }
    String head = text.substring(0, end).toLowerCase(java.util.Locale.ROOT);
    String body = text.substring(end + 4);
    boolean chunked = head.contains("transfer-encoding: chunked");
    return new HttpReply(Integer.parseInt(text.substring(9, 12)), chunked ? unchunk(body) : body);
  }

  /**
   * Undoes the chunked transfer coding; lengths are of bytes, so only for ASCII framing of text.
   */
  private static String unchunk(String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    int at = 0;
    while (true) {
      int line = at;
      while (line + 1 < bytes.length && !(bytes[line] == '\r' && bytes[line + 1] == '\n')) {
        line++;
      }
      int size = chunkSize(new String(bytes, at, line - at, StandardCharsets.US_ASCII));
      if (size == 0) {
        return out.toString(StandardCharsets.UTF_8);
      }
      if (line + 2 + size > bytes.length) {
        throw new IOException("the answer ends inside a chunk");
      }
      out.write(bytes, line + 2, size);
      at = line + 2 + size + 2;
    }
  }

  private static int chunkSize(String line) throws IOException {
    String digits = line.split(";", 2)[0].strip();
    if (!digits.matches("[0-9a-fA-F]{1,7}")) {
      throw new IOException("not a chunk length: '" + digits + "'");
    }
    return Integer.parseInt(digits, 16);
  }
}
