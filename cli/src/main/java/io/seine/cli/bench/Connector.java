package io.seine.cli.bench;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Connects from the client pods of one node. Every connection of a pod has a source port of its
 * own, and none comes again: what a connection tracker still remembers of one cannot be in the way
 * of another, be it to a service or to the endpoint directly.
 */
final class Connector {
  /** Of each client pod. */
  static final int AT_ONCE = 2;

  private static final int FIRST_PORT = 1024;
  private static final int LAST_PORT = 65535;

  /** A connection that takes longer has lost its first packet, which is sent again after 1 s. */
  private static final long LOST_NANOS = 900_000_000;

  private static final long ALL_READY_SECONDS = 30;
  private final List<Client> clients;
  private final AtomicInteger lost = new AtomicInteger();
  private int turn;

  /** A client pod with the source port that it uses next. */
  private record Client(BenchPods.Pod pod, AtomicInteger port) {
    /** A socket with the pod's next port; the calling thread must be in its namespace. */
    SocketChannel socket() throws IOException {
      int next = port.getAndIncrement();
      if (next > LAST_PORT) {
        throw new IllegalStateException(
            "pod %s has made all connections that it has ports for".formatted(pod.address()));
      }
      return SocketChannel.open(StandardProtocolFamily.INET)
          .bind(new InetSocketAddress(pod.address(), next));
    }
  }

  Connector(List<BenchPods.Pod> clients) {
    this.clients =
        clients.stream().map(pod -> new Client(pod, new AtomicInteger(FIRST_PORT))).toList();
    // A packet that is lost for good shall end the benchmark soon: after 1 + 2 + 4 s.
    clients.forEach(pod -> pod.namespace().option("ipv4/tcp_syn_retries", "2"));
  }

  /** How many connections so far had to send their first packet again. */
  int lost() {
    return lost.get();
  }

  /**
   * The rate of connections that are made and closed, some at a time from each pod.
   *
   * @param each how many connections each of those makes; before them come some that do not count
   * @param destinations taken in turn
   * @return connections a second
   * @throws IOException if one is refused or not answered
   */
  double rate(int each, List<InetSocketAddress> destinations)
      throws IOException, InterruptedException {
    int loops = clients.size() * AT_ONCE;
    CyclicBarrier start = new CyclicBarrier(loops);
    List<Callable<long[]>> work = new ArrayList<>();
    for (int i = 0; i < loops; i++) {
      Client client = clients.get(i % clients.size());
      int first = i;
      work.add(() ->
          client.pod().namespace().call(() -> loop(client, first, each, destinations, start)));
    }
    long began = Long.MAX_VALUE;
    long ended = Long.MIN_VALUE;
    for (long[] times : together(work)) {
      began = Math.min(began, times[0]);
      ended = Math.max(ended, times[1]);
    }
    return loops * (double) each / ((ended - began) / 1e9);
  }

  /** Returns when the counted connections began and ended. */
  private long[] loop(
      Client client, int first, int each, List<InetSocketAddress> destinations, CyclicBarrier start)
      throws Exception {
    int next = first;
    for (int i = 0; i < each / 8; i++) {
      connectFrom(client, destinations.get(next++ % destinations.size()));
    }
    var _ = start.await(ALL_READY_SECONDS, TimeUnit.SECONDS);
    long began = System.nanoTime();
    for (int i = 0; i < each; i++) {
      connectFrom(client, destinations.get(next++ % destinations.size()));
    }
    return new long[] {began, System.nanoTime()};
  }

  /** The calling thread must be in the client's namespace. */
  private void connectFrom(Client client, InetSocketAddress destination) throws IOException {
    try (SocketChannel channel = client.socket()) {
      var _ = connect(channel, destination);
    }
  }

  /**
   * One connection, from the pod whose turn it is.
   *
   * @param before done when the socket is there, just before it connects
   * @return the milliseconds that connecting took
   * @throws IOException if it is refused or not answered
   */
  double connect(InetSocketAddress destination, Runnable before) throws IOException {
    Client client = clients.get(turn++ % clients.size());
    try (SocketChannel channel = client.pod().namespace().call(client::socket)) {
      before.run();
      return connect(channel, destination) / 1e6;
    }
  }

  private long connect(SocketChannel channel, InetSocketAddress destination) throws IOException {
    SocketAddress source = channel.getLocalAddress();
    long start = System.nanoTime();
    try {
      var _ = channel.connect(destination);
    } catch (IOException e) {
      throw new IOException(
          "%s does not get a connection to %s: %s".formatted(source, destination, e.getMessage()),
          e);
    }
    long took = System.nanoTime() - start;
    if (took > LOST_NANOS) {
      var _ = lost.incrementAndGet();
    }
    return took;
  }

  private static <T> List<T> together(List<Callable<T>> work)
      throws IOException, InterruptedException {
    List<T> results = new ArrayList<>();
    try (ExecutorService executor =
        Executors.newThreadPerTaskExecutor(Thread.ofVirtual().factory())) {
      List<Future<T>> futures = work.stream().map(executor::submit).toList();
      for (Future<T> future : futures) {
        results.add(future.get());
      }
    } catch (ExecutionException e) {
      throw new IOException(e.getCause());
    }
    return results;
  }
}
