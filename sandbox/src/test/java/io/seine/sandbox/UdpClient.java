package io.seine.sandbox;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.nio.channels.DatagramChannel;
import java.nio.charset.StandardCharsets;

/** A client that keeps its UDP port, so that all its datagrams are one connection to conntrack. */
final class UdpClient implements AutoCloseable {
  private static final int LIMIT_MILLIS = 500;
  private final DatagramChannel channel;

  UdpClient(Place from, Target target) {
    try {
      channel =
          from.namespace()
              .datagram(StandardProtocolFamily.INET, new InetSocketAddress("0.0.0.0", 0));
      channel.connect(
          new InetSocketAddress(InetAddress.ofLiteral(target.address()), target.port()));
      channel.socket().setSoTimeout(LIMIT_MILLIS);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Asks once: the pod that answered, "refused", or "nothing" within half a second. */
  String ask() {
    byte[] question = "who".getBytes(StandardCharsets.UTF_8);
    DatagramPacket reply = new DatagramPacket(new byte[2048], 2048);
    try {
      channel
          .socket()
          .send(new DatagramPacket(question, question.length, channel.getRemoteAddress()));
      channel.socket().receive(reply);
      return new String(reply.getData(), 0, reply.getLength(), StandardCharsets.UTF_8)
          .split(" ", 2)[0];
    } catch (PortUnreachableException e) {
      return "refused";
    } catch (SocketTimeoutException e) {
      return "nothing";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
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
