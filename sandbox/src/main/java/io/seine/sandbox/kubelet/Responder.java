package io.seine.sandbox.kubelet;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.seine.sandbox.netns.Namespace;
import io.seine.sandbox.node.Cidr;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The application of every pod: HTTP answers that name the responder and the client's address and
 * port as it saw them; on UDP the same answer to a lone question mark, and an echo with the name in
 * front to anything else. Its sockets are inside the namespace, its virtual threads in this JVM;
 * closing it closes every socket, so that the namespace can go.
 */
public final class Responder implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Responder.class);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int MAX_HEADER = 8192;
  private final Map<String, String> identity;
  private final String name;
  private final Set<AutoCloseable> open = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  private Responder(String name, Map<String, String> identity) {
    this.name = name;
    this.identity = Map.copyOf(identity);
  }

  /**
   * Starts answering on every address of a namespace, of both families.
   *
   * @param name what UDP replies start with
   * @param identity the members of every HTTP answer, besides {@code client}
   */
  public static Responder start(
      Namespace namespace, Collection<Integer> ports, String name, Map<String, String> identity) {
    return start(namespace, List.of("::"), ports, name, identity);
  }

  /** Starts answering on some addresses of a namespace. */
  public static Responder start(
      Namespace namespace,
      List<String> addresses,
      Collection<Integer> ports,
      String name,
      Map<String, String> identity) {
    Responder responder = new Responder(name, identity);
    try {
      for (String address : addresses) {
        for (int port : ports) {
          responder.serve(namespace, InetAddress.ofLiteral(address), port);
        }
      }
    } catch (RuntimeException e) {
      responder.close();
      throw e;
    }
    return responder;
  }

  private void serve(Namespace namespace, InetAddress ip, int port) {
    InetSocketAddress address = new InetSocketAddress(ip, port);
    ServerSocketChannel listener = namespace.listen(address);
    open.add(listener);
    ProtocolFamily family =
        ip instanceof Inet6Address ? StandardProtocolFamily.INET6 : StandardProtocolFamily.INET;
    DatagramChannel datagrams = namespace.datagram(family, address);
    open.add(datagrams);
    Thread.ofVirtual().name(name + "-tcp").start(() -> accept(listener));
    Thread.ofVirtual().name(name + "-udp").start(() -> echo(datagrams));
  }

  private void accept(ServerSocketChannel listener) {
    while (!closed) {
      try {
        SocketChannel channel = listener.accept();
        open.add(channel);
        Thread.ofVirtual().name(name + "-http").start(() -> converse(channel));
      } catch (IOException e) {
        if (!closed) {
          LOG.warn("{} did not accept a connection: {}", name, e.getMessage());
        }
      }
    }
  }

  private void converse(SocketChannel channel) {
    try (channel) {
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      InputStream in = new BufferedInputStream(Channels.newInputStream(channel));
      boolean more = !closed;
      while (more) {
        List<String> head = readHead(in);
        if (head.isEmpty()) {
          return;
        }
        in.skipNBytes(contentLength(head));
        more = keepsAlive(head);
        ByteBuffer answer = ByteBuffer.wrap(answer(channel.getRemoteAddress(), more));
        while (answer.hasRemaining()) {
          channel.write(answer);
        }
      }
    } catch (IOException e) {
      LOG.debug("{}: a client went away: {}", name, e.getMessage());
    } finally {
      open.remove(channel);
    }
  }

  /** The lines up to the empty one; nothing when the client closed before a request. */
  private static List<String> readHead(InputStream in) throws IOException {
    StringBuilder text = new StringBuilder();
    while (text.length() < MAX_HEADER) {
      int c = in.read();
      if (c < 0) {
        return List.of();
      }
      text.append((char) c);
      if (c == '\n' && (text.toString().endsWith("\r\n\r\n") || text.toString().endsWith("\n\n"))) {
        return text.toString().toLowerCase(Locale.ROOT).lines().toList();
      }
    }
    throw new IOException("a request's header is longer than " + MAX_HEADER + " bytes");
  }

  private static long contentLength(List<String> head) throws IOException {
    for (String line : head) {
      if (line.startsWith("content-length:")) {
        try {
          return Math.max(0, Long.parseLong(line.substring(15).strip()));
        } catch (NumberFormatException e) {
          throw new IOException("not a length: " + line, e);
        }
      }
    }
    return 0;
  }

  private static boolean keepsAlive(List<String> head) {
    boolean close = head.stream().anyMatch(l -> l.startsWith("connection:") && l.contains("close"));
    return !close && head.getFirst().endsWith("http/1.1");
  }

  private byte[] answer(SocketAddress client, boolean keepAlive) {
    String json = describe(client) + "\n";
    String head =
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\nConnection: %s\r\n\r\n"
            .formatted(
                json.getBytes(StandardCharsets.UTF_8).length, keepAlive ? "keep-alive" : "close");
    return (head + json).getBytes(StandardCharsets.UTF_8);
  }

  private ObjectNode describe(SocketAddress client) {
    ObjectNode body = JSON.createObjectNode();
    new TreeMap<>(identity).forEach(body::put);
    InetSocketAddress address = (InetSocketAddress) client;
    body.put("client", Cidr.canonical(address.getAddress()));
    body.put("clientPort", address.getPort());
    return body;
  }

  private ByteBuffer reply(ByteBuffer question, SocketAddress client) {
    if (question.remaining() == 1 && question.get(question.position()) == '?') {
      return ByteBuffer.wrap(describe(client).toString().getBytes(StandardCharsets.UTF_8));
    }
    byte[] prefix = (name + " ").getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(prefix.length + question.remaining())
        .put(prefix)
        .put(question)
        .flip();
  }

  private void echo(DatagramChannel channel) {
    ByteBuffer buffer = ByteBuffer.allocate(65_536);
    while (!closed) {
      try {
        SocketAddress client = channel.receive(buffer.clear());
        var _ = channel.send(reply(buffer.flip(), client), client);
      } catch (IOException e) {
        if (!closed) {
          LOG.debug("{}: a datagram was not answered: {}", name, e.getMessage());
        }
      }
    }
  }

  @Override
  public void close() {
    closed = true;
    for (AutoCloseable socket : open) {
      try {
        socket.close();
      } catch (Exception e) {
        LOG.debug("{}: closing a socket: {}", name, e.getMessage());
      }
    }
  }
}
