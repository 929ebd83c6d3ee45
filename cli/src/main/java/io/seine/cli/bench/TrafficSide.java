package io.seine.cli.bench;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;

/** A node on which services are reached in one of the two ways: Seine's, or the peer's. */
final class TrafficSide {
  private final Connector connector;
  private final List<InetSocketAddress> direct;
  private final List<InetSocketAddress> services;
  private final Runnable forget;
  private int turn;

  /**
   * @param pods the node's, with servers listening
   * @param services the numbers of the services that have those for endpoints
   * @param forget has the node forget the way of all packets that it saw
   */
  TrafficSide(BenchPods pods, List<Integer> services, Runnable forget) {
    this.connector = new Connector(pods.clients());
    this.direct =
        pods.serverAddresses().stream()
            .map(address -> new InetSocketAddress(address, SyntheticServices.TARGET_PORT))
            .toList();
    this.services =
        services.stream()
            .map(SyntheticServices::clusterIp)
            .map(address -> new InetSocketAddress(address, SyntheticServices.PORT))
            .toList();
    this.forget = forget;
  }

  /** How many connections so far had to send their first packet again. */
  int lost() {
    return connector.lost();
  }

  /**
   * Connects to each service and each server, so that all is known to be there.
   *
   * @throws IOException if one does not answer
   */
  void check() throws IOException {
    for (InetSocketAddress destination : direct) {
      var _ = connector.connect(destination, () -> {});
    }
    for (InetSocketAddress destination : services) {
      var _ = connector.connect(destination, () -> {});
    }
  }

  /** Connections a second to the pods, in turns. */
  double directRate(int each) throws IOException, InterruptedException {
    return connector.rate(each, direct);
  }

  /** Connections a second to one service, the next at each call. */
  double serviceRate(int each) throws IOException, InterruptedException {
    return connector.rate(each, List.of(next(services)));
  }

  /** The milliseconds to connect to a pod when nothing of the way is remembered. */
  double directConnect() throws IOException {
    return connector.connect(next(direct), forget);
  }

  /** The same to a service, the next at each call. */
  double serviceConnect() throws IOException {
    return connector.connect(next(services), forget);
  }

  private InetSocketAddress next(List<InetSocketAddress> destinations) {
    return destinations.get(turn++ % destinations.size());
  }
}
