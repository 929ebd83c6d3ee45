package io.seine.pipeline;

import io.seine.openflow.Family;
import io.seine.openflow.Flow;
import io.seine.openflow.Ip;
import java.util.List;

/**
 * Notes of a new connection whether it comes from outside, and whether it is to a node port.
 *
 * <p>The host hands over what comes to a node port with {@link Addresses#nodePort} for the node's
 * address; a pod's packet is to the node's address itself. What comes by the gateway with an
 * address of the node's own is from one of its processes: that is inside.
 */
final class NodePortMark {
  private NodePortMark() {}

  static void base(LocalNode node, LocalNode.Network network, List<Flow> flows) {
    Family family = network.family();
    Ip standIn = Addresses.nodePort(family);
    for (Ip own : node.own(family)) {
      flows.add(
          Rule.in(Table.NODE_PORT_MARK, 230)
              .from(Side.GATEWAY)
              .source(own)
              .destination(standIn)
              .then(Registers.NODE_PORT.set(1), Rule.goTo(Table.SERVICE_LB)));
      flows.add(
          Rule.in(Table.NODE_PORT_MARK, 220)
              .from(Side.GATEWAY)
              .source(own)
              .then(Rule.goTo(Table.SERVICE_LB)));
    }
    flows.add(
        Rule.in(Table.NODE_PORT_MARK, 210)
            .from(Side.GATEWAY)
            .destination(standIn)
            .then(
                Registers.OUTSIDE.set(1), Registers.NODE_PORT.set(1), Rule.goTo(Table.SERVICE_LB)));
    flows.add(
        Rule.in(Table.NODE_PORT_MARK, 200)
            .from(Side.GATEWAY)
            .ip(family)
            .then(Registers.OUTSIDE.set(1), Rule.goTo(Table.SERVICE_LB)));
    for (Ip address : node.nodePortAddresses().stream().distinct().sorted().toList()) {
      if (address.family() == family) {
        flows.add(
            Rule.in(Table.NODE_PORT_MARK, 200)
                .from(Side.POD)
                .destination(address)
                .then(Registers.NODE_PORT.set(1), Rule.goTo(Table.SERVICE_LB)));
      }
    }
  }
}
