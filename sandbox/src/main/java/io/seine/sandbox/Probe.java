package io.seine.sandbox;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.seine.sandbox.netns.Namespace;
import io.seine.sandbox.node.Cidr;
import io.seine.sandbox.node.HttpReply;
import io.seine.sandbox.process.Commands;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.StandardProtocolFamily;
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
   * @param clientPort the port it saw
   */
  public record Answer(String pod, String client, int clientPort) {}

  /** Asks over a new TCP connection. */
  public Answer http(String address, int port) throws IOException {
    try (SocketChannel channel = from.socket(family(address))) {
      return answer(HttpReply.get(channel, endpoint(address, port), "/", limit).body());
    }
  }

  /** Asks by a datagram of its own. */
  public Answer datagram(String address, int port) throws IOException {
    return answer(udp(address, port, "?"));
  }

  private static Answer answer(String text) throws IOException {
    try {
      JsonNode json = JSON.readTree(text);
      return new Answer(
          json.path("pod").asText(), json.path("client").asText(), json.path("clientPort").asInt());
    } catch (JsonProcessingException e) {
      throw new IOException("not a pod's answer: " + text, e);
    }
  }

  /** Sends a datagram and returns the echo, which starts with the answering pod's name. */
  public String udp(String address, int port, String text) throws IOException {
    InetSocketAddress any =
        new InetSocketAddress(InetAddress.ofLiteral(Cidr.isV6(address) ? "::" : "0.0.0.0"), 0);
    try (DatagramChannel channel = from.datagram(family(address), any)) {
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
                "-s" + (bytes - (Cidr.isV6(address) ? 48 : 28)),
                address)));
  }

  private static ProtocolFamily family(String address) {
    return Cidr.isV6(address) ? StandardProtocolFamily.INET6 : StandardProtocolFamily.INET;
  }

  private static InetSocketAddress endpoint(String address, int port) {
    return new InetSocketAddress(InetAddress.ofLiteral(address), port);
  }
}
