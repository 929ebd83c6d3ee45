package io.seine.ovsdb;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Listens on a Unix socket in ovsdb-server's place and does with each request what the test says.
 */
final class ScriptedPeer implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** What to do with a request; the call's thread reads no further request until it returns. */
  interface Script {
    void request(Connection connection, String method, String id) throws IOException;
  }

  private final Path dir;
  private final Path socket;
  private final ServerSocketChannel listener;
  private final AtomicInteger accepted = new AtomicInteger();

  ScriptedPeer(Script script) {
    try {
      dir = Files.createTempDirectory("seine-peer-");
      socket = dir.resolve("db.sock");
      listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
      listener.bind(UnixDomainSocketAddress.of(socket));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread.ofVirtual().start(() -> accept(script));
  }

  /**
   * Answers as a server with an empty schema does; whatever is not needed to connect goes to the
   * script.
   */
  static ScriptedPeer afterSchema(Script script) {
    return new ScriptedPeer((connection, method, id) -> {
      if (method.equals("get_schema")) {
        connection.result(id, "{\"name\":\"Open_vSwitch\",\"version\":\"8.3.1\",\"tables\":{}}");
      } else {
        script.request(connection, method, id);
      }
    });
  }

  Path socket() {
    return socket;
  }

  /** How many connections there have been. */
  int accepted() {
    return accepted.get();
  }

  /** The peer's end of one connection. */
  record Connection(SocketChannel channel) {

    void result(String id, String result) throws IOException {
      raw("{\"id\":\"" + id + "\",\"result\":" + result + ",\"error\":null}");
    }

    void raw(String text) throws IOException {
      ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(UTF_8));
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    }

    /** Writes each byte by a call of its own; the reader may still find several at once. */
    void bytewise(String text) throws IOException {
      for (byte b : text.getBytes(UTF_8)) {
        channel.write(ByteBuffer.wrap(new byte[] {b}));
      }
    }

    void close() throws IOException {
      channel.close();
    }
  }

  private void accept(Script script) {
    try {
      while (true) {
        SocketChannel channel = listener.accept();
        accepted.incrementAndGet();
        Thread.ofVirtual().start(() -> serve(script, new Connection(channel)));
      }
    } catch (IOException e) {
      // The listener was closed: the test is over.
    }
  }

  private static void serve(Script script, Connection connection) {
    try (SocketChannel channel = connection.channel();
        MappingIterator<JsonNode> requests =
            JSON.readerFor(JsonNode.class).readValues(Channels.newInputStream(channel))) {
      while (requests.hasNextValue()) {
        JsonNode request = requests.nextValue();
        script.request(connection, request.path("method").asText(), request.path("id").asText());
      }
    } catch (IOException e) {
      // The client, or the script, closed the connection.
    }
  }

  @Override
  public void close() {
    try {
      listener.close();
      Files.deleteIfExists(socket);
      Files.deleteIfExists(dir);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
