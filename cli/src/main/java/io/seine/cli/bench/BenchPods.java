package io.seine.cli.bench;

import io.seine.sandbox.netns.Namespace;
import java.util.List;

/**
 * The connected pods of one node.
 *
 * @param clients those that connect
 * @param servers those that are connected to
 */
record BenchPods(List<Pod> clients, List<Pod> servers) {
  static final int CLIENTS = 4;
  static final int SERVERS = ServiceLoad.Many.ENDPOINTS;

  BenchPods {
    clients = List.copyOf(clients);
    servers = List.copyOf(servers);
  }

  /** The first pods become clients, the rest servers. */
  static BenchPods of(List<Pod> pods) {
    return new BenchPods(pods.subList(0, CLIENTS), pods.subList(CLIENTS, CLIENTS + SERVERS));
  }

  /** A pod that is connected. */
  record Pod(Namespace namespace, String address) {}

  List<String> serverAddresses() {
    return servers.stream().map(Pod::address).toList();
  }
}
