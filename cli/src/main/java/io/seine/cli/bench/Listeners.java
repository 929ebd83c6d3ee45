package io.seine.cli.bench;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.util.ArrayList;
import java.util.List;

/** TCP servers in pods, each of which accepts and closes; one thread each. */
final class Listeners implements AutoCloseable {
  private final List<ServerSocketChannel> channels = new ArrayList<>();

  /** Starts a server in each pod. */
  void listen(List<BenchPods.Pod> pods, int port) {
    for (BenchPods.Pod pod : pods) {
      ServerSocketChannel channel =
          pod.namespace().listen(new InetSocketAddress(pod.address(), port));
      channels.add(channel);
      var _ =
          Thread.ofPlatform().daemon().name("server-" + pod.address()).start(() -> serve(channel));
    }
  }

  private static void serve(ServerSocketChannel channel) {
    while (channel.isOpen()) {
      try {
        channel.accept().close();
      } catch (IOException e) {
        if (!channel.isOpen()) {
          return; // this was closed
        }
        // The client was gone first, which it sees for itself.
      }
    }
  }

  @Override
  public void close() throws IOException {
    for (ServerSocketChannel channel : channels) {
      channel.close();
    }
  }
}
