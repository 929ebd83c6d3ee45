package io.seine.agent.host;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/**
 * The control socket of an Open vSwitch daemon, which {@code ovs-appctl} speaks to: JSON-RPC
 * requests over a Unix socket (ovs lib/unixctl.c). One connection for each command. Thread safe.
 */
public final class Unixctl {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final String daemon;
  private final SocketFinder finder;

  /** A daemon that is started again has another socket: it is looked for at each call. */
  @FunctionalInterface
  private interface SocketFinder {
    Path find() throws IOException;
  }

  private Unixctl(String daemon, SocketFinder finder) {
    this.daemon = daemon;
    this.finder = finder;
  }

  /**
   * @param runDirectory where the daemon writes its pid file and, named by its pid, its socket
   * @param daemon {@code ovs-vswitchd}
   */
  public Unixctl(Path runDirectory, String daemon) {
    this(daemon, () -> socketOfPid(runDirectory, daemon));
  }

  /** The control socket of a daemon that was started with {@code --unixctl=SOCKET}. */
  public static Unixctl at(Path socket, String daemon) {
    return new Unixctl(daemon, () -> socket);
  }

  /**
   * Runs a command.
   *
   * @return what it printed
   * @throws IOException if the daemon is not there, or refused, with its own words
   */
  public String call(String command, String... arguments) throws IOException {
    try (SocketChannel channel = ask(command, arguments)) {
      InputStream in = Channels.newInputStream(channel);
      try (JsonParser parser = JSON.createParser(in)) {
        JsonNode reply = parser.readValueAsTree();
        if (reply == null) {
          throw new IOException(daemon + " closed its control socket during '" + command + "'");
        }
        if (!reply.path("error").isNull()) {
          throw refused(command, reply.path("error").asText());
        }
        return reply.path("result").asText();
      }
    }
  }

  /**
   * Runs a command that may print a lot: each line of it is handed on as it comes.
   *
   * @throws IOException if the daemon is not there, or refused, with its own words
   */
  public void lines(Consumer<String> line, String command, String... arguments) throws IOException {
    try (SocketChannel channel = ask(command, arguments)) {
      Reader in =
          new BufferedReader(
              new InputStreamReader(Channels.newInputStream(channel), StandardCharsets.UTF_8));
      String error = UnixctlReply.read(in, line);
      if (!error.isEmpty()) {
        throw refused(command, error);
      }
    }
  }

  private SocketChannel ask(String command, String... arguments) throws IOException {
    ObjectNode request = JSON.createObjectNode().put("id", 0).put("method", command);
    List.of(arguments).forEach(request.putArray("params")::add);
    SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      channel.connect(UnixDomainSocketAddress.of(finder.find()));
      ByteBuffer bytes = ByteBuffer.wrap(JSON.writeValueAsBytes(request));
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      return channel;
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  private IOException refused(String command, String words) {
    return new IOException(daemon + " refused '" + command + "': " + words.strip());
  }

  private static Path socketOfPid(Path runDirectory, String daemon) throws IOException {
    Path pidFile = runDirectory.resolve(daemon + ".pid");
    if (!Files.exists(pidFile)) {
      throw new IOException(pidFile + " is not there: is " + daemon + " running?");
    }
    return runDirectory.resolve(daemon + "." + Files.readString(pidFile).strip() + ".ctl");
  }
}
