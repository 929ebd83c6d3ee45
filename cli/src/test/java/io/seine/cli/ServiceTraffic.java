package io.seine.cli;

import io.seine.sandbox.Probe;
import io.seine.sandbox.netns.Namespace;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Phaser;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * What clients do to a service: new connections at an even pace, by each client in turn, and one
 * connection of each that stays open and asks again and again. Everything is written down.
 *
 * <p>Several clients, because one alone comes round to a port that it has used within the half
 * minute for which Open vSwitch keeps an ended connection.
 */
final class ServiceTraffic implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(15);
  private static final long BETWEEN_QUESTIONS = Duration.ofMillis(100).toNanos();
  private static final String QUESTION = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

  /**
   * One new connection.
   *
   * @param start in {@link System#nanoTime}
   * @param pod that answered
   */
  record Answered(long start, String pod) {}

  private final String address;
  private final int port;
  private final Queue<Answered> answers = new ConcurrentLinkedQueue<>();
  private final Queue<String> failures = new ConcurrentLinkedQueue<>();
  private final AtomicLong repeats = new AtomicLong();
  private final Phaser running = new Phaser(1);
  private volatile boolean ended;

  private ServiceTraffic(String address, int port) {
    this.address = address;
    this.port = port;
  }

  static ServiceTraffic start(List<Namespace> clients, String address, int port, int perSecond) {
    ServiceTraffic traffic = new ServiceTraffic(address, port);
    for (Namespace client : clients) {
      traffic.run(() -> traffic.stay(client));
    }
    traffic.run(() -> traffic.comeAndGo(clients, Duration.ofSeconds(1).toNanos() / perSecond));
    return traffic;
  }

  private void run(Runnable task) {
    running.register();
    Thread.startVirtualThread(() -> {
      try {
        task.run();
      } finally {
        running.arriveAndDeregister();
      }
    });
  }

  private void comeAndGo(List<Namespace> clients, long pause) {
    List<Probe> probes = clients.stream().map(client -> new Probe(client, LIMIT)).toList();
    long next = System.nanoTime();
    for (int turn = 0; !ended; turn++) {
      Probe probe = probes.get(turn % probes.size());
      run(() -> ask(probe));
      next += pause;
      LockSupport.parkNanos(next - System.nanoTime());
    }
  }

  private void ask(Probe probe) {
    long start = System.nanoTime();
    try {
      answers.add(new Answered(start, probe.http(address, port).pod()));
    } catch (IOException | RuntimeException e) {
      failures.add("a new connection, after %d ms: %s".formatted(millisSince(start), e));
    }
  }

  private void stay(Namespace client) {
    long start = System.nanoTime();
    try (SocketChannel channel = client.socket(StandardProtocolFamily.INET)) {
      channel
          .socket()
          .connect(
              new InetSocketAddress(InetAddress.ofLiteral(address), port), (int) LIMIT.toMillis());
      channel.socket().setSoTimeout((int) LIMIT.toMillis());
      BufferedReader in =
          new BufferedReader(
              new InputStreamReader(channel.socket().getInputStream(), StandardCharsets.UTF_8));
      String first = "";
      while (!ended) {
        channel.socket().getOutputStream().write(QUESTION.getBytes(StandardCharsets.UTF_8));
        String body = body(in);
        if (!first.isEmpty() && !body.equals(first)) {
          throw new IOException("first answered " + first + ", now " + body);
        }
        first = body;
        repeats.incrementAndGet();
        LockSupport.parkNanos(BETWEEN_QUESTIONS);
      }
    } catch (IOException | RuntimeException e) {
      failures.add("a connection that stays, after %d ms: %s".formatted(millisSince(start), e));
    }
  }

  /** The line after the empty one. */
  private static String body(BufferedReader in) throws IOException {
    String line = in.readLine();
    while (line != null && !line.isEmpty()) {
      line = in.readLine();
    }
    String body = in.readLine();
    if (body == null) {
      throw new IOException("closed by the other side");
    }
    return body;
  }

  private static long millisSince(long start) {
    return Duration.ofNanos(System.nanoTime() - start).toMillis();
  }

  /** New connections that were answered. */
  List<Answered> answers() {
    return List.copyOf(answers);
  }

  /** Answers over connections that stay. */
  long repeats() {
    return repeats.get();
  }

  /** What went wrong, new connections and others. */
  List<String> failures() {
    return List.copyOf(failures);
  }

  /** Asks no more, and returns when each question has its answer or its failure. */
  void end() {
    ended = true;
    running.arriveAndAwaitAdvance();
  }

  @Override
  public void close() {
    end();
  }
}
