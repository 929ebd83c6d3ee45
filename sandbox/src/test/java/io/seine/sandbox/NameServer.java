package io.seine.sandbox;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** A DNS server in a pod that knows IPv4 addresses of some names, and a client that asks one. */
final class NameServer implements AutoCloseable {
  private static final int PORT = 53;
  private static final int HEADER = 12;
  private static final int LIMIT_MILLIS = 1000;

  private final DatagramChannel channel;
  private final Map<String, Answer> answers = new ConcurrentHashMap<>();

  private record Answer(int ttl, List<String> addresses) {}

  NameServer(Place where) {
    channel =
        where
            .namespace()
            .datagram(StandardProtocolFamily.INET, new InetSocketAddress("0.0.0.0", PORT));
    var _ = Thread.ofVirtual().name("dns " + where.name()).start(this::serve);
  }

  /** From now on the name has these. */
  void answer(String name, int ttl, String... addresses) {
    answers.put(name, new Answer(ttl, List.of(addresses)));
  }

  private void serve() {
    ByteBuffer buffer = ByteBuffer.allocate(512);
    try {
      while (true) {
        buffer.clear();
        var from = channel.receive(buffer);
        byte[] question = Arrays.copyOf(buffer.array(), buffer.position());
        int _ = channel.send(ByteBuffer.wrap(answer(question)), from);
      }
    } catch (ClosedChannelException e) {
      return; // closed
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private byte[] answer(byte[] question) {
    StringBuilder name = new StringBuilder();
    for (int at = HEADER; question[at] != 0; at += question[at] + 1) {
      name.append(name.isEmpty() ? "" : ".")
          .append(new String(question, at + 1, question[at], StandardCharsets.US_ASCII));
    }
    Answer answer = answers.getOrDefault(name.toString(), new Answer(0, List.of()));
    ByteBuffer out = ByteBuffer.allocate(512);
    out.put(question).putShort(2, (short) 0x8180).putShort(6, (short) answer.addresses.size());
    for (String address : answer.addresses) {
      out.putShort((short) (0xc000 | HEADER)).putShort((short) 1).putShort((short) 1);
      out.putInt(answer.ttl).putShort((short) 4).put(InetAddress.ofLiteral(address).getAddress());
    }
    return Arrays.copyOf(out.array(), out.position());
  }

  /** Asks a server once for the IPv4 addresses of a name; empty if nothing came in a second. */
  static Optional<List<String>> resolve(Place from, String server, String name) {
    ByteBuffer question = ByteBuffer.allocate(512);
    question.putShort((short) 4711).putShort((short) 0x0100).putShort((short) 1);
    question.putShort((short) 0).putShort((short) 0).putShort((short) 0);
    for (String label : name.split("\\.", -1)) {
      question.put((byte) label.length()).put(label.getBytes(StandardCharsets.US_ASCII));
    }
    question.put((byte) 0).putShort((short) 1).putShort((short) 1);
    int asked = question.position();
    try (DatagramChannel client =
        from.namespace()
            .datagram(StandardProtocolFamily.INET, new InetSocketAddress("0.0.0.0", 0))) {
      client.connect(new InetSocketAddress(InetAddress.ofLiteral(server), PORT));
      client.socket().setSoTimeout(LIMIT_MILLIS);
      int _ = client.write(question.flip());
      DatagramPacket reply = new DatagramPacket(new byte[512], 512);
      client.socket().receive(reply);
      ByteBuffer answer = ByteBuffer.wrap(reply.getData(), 0, reply.getLength());
      String[] found = new String[answer.getShort(6)];
      for (int i = 0; i < found.length; i++) {
        byte[] address = new byte[4];
        answer.get(asked + 16 * i + 12, address);
        found[i] = InetAddress.getByAddress(address).getHostAddress();
      }
      return Optional.of(List.of(found));
    } catch (SocketTimeoutException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
