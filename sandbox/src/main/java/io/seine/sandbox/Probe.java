package io.seine.sandbox;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.seine.sandbox.netns.Namespace;
import io.seine.sandbox.node.HttpReply;
import io.seine.sandbox.process.Commands;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

/**
 * Sends traffic from a namespace, as a program in that pod or on that node would, and says what
 * came back. Each call opens a new connection. May be used from any thread.
 */
public final class Probe {
  private static final ObjectMapper JSON = new ObjectMapper();
  private final Namespace from;
  private final Duration limit;

  /**
   * A probe.
   *
   * @param limit for each connection, answer and datagram
   */
  public Probe(Namespace from, Duration limit) {
    this.from = from;
    this.limit = limit;
  }

  /**
   * What a pod answered.
   *
   * @param pod who answered
   * @param client the address it saw
   */
  public record Answer(String pod, String client) {}

  /** Asks over a new TCP connection. */
  public Answer http(String address, int port) throws IOException {
    try (SocketChannel channel = from.socket()) {
      HttpReply reply = HttpReply.get(channel, endpoint(address, port), "/", limit);
      JsonNode json = JSON.readTree(reply.body());
      return new Answer(json.path("pod").asText(), json.path("client").asText());
    } catch (JsonProcessingException e) {
      throw new IOException("not a pod's answer", e);
    }
  }

  /** Sends a datagram and returns the echo, which starts with the answering pod's name. */
  public String udp(String address, int port, String text) throws IOException {
    try (DatagramChannel channel = from.datagram(new InetSocketAddress(0))) {
      channel.connect(endpoint(address, port));
      channel.socket().setSoTimeout(Math.toIntExact(limit.toMillis()));
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      channel.socket().send(new DatagramPacket(bytes, bytes.length, endpoint(address, port)));
      DatagramPacket reply = new DatagramPacket(new byte[65_536], 65_536);
      channel.socket().receive(reply);
      return new String(reply.getData(), 0, reply.getLength(), StandardCharsets.UTF_8);
    }
  }

  /**
   * Sends one ping.
   *
   * @param bytes of the IP packet, headers included; it is never fragmented
   */
  public Commands.Result ping(String address, int bytes) {
    return Commands.run(
        from.entering(
            List.of(
                "ping",
                "-n",
                "-c1",
                "-W" + Math.max(1, limit.toSeconds()),
                "-Mdo",
                "-s" + (bytes - 28),
                address)));
  }

  private static InetSocketAddress endpoint(String address, int port) {
    return new InetSocketAddress(InetAddress.ofLiteral(address), port);
  }
}
