package io.seine.agent.node;

import io.seine.openflow.Family;
import io.seine.pipeline.LocalNode;

/** How families and networks are named to people. */
final class Words {
  private Words() {}

  static String of(Family family) {
    return family == Family.IPV4 ? "IPv4" : "IPv6";
  }

  static String cidrs(LocalNode node) {
    return node.networks().stream().map(LocalNode.Network::podCidr).toList().toString();
  }
}
