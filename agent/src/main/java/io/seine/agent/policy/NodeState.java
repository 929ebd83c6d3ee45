package io.seine.agent.policy;

import io.seine.openflow.Ip;
import java.util.List;
import java.util.Map;

/** A node as policies see it. */
final class NodeState {
  private Map<String, String> labels = Map.of();
  private List<Ip> addresses = List.of();

  Map<String, String> labels() {
    return labels;
  }

  List<Ip> addresses() {
    return addresses;
  }

  void is(Map<String, String> nowLabels, List<Ip> nowAddresses) {
    labels = nowLabels;
    addresses = nowAddresses;
  }
}
