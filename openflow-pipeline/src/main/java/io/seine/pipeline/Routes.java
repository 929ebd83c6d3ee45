package io.seine.pipeline;

import io.seine.openflow.Action;
import io.seine.openflow.Family;
import io.seine.openflow.Field;
import io.seine.openflow.Flow;
import io.seine.openflow.Ip;
import io.seine.openflow.IpPrefix;
import io.seine.openflow.Mac;
import java.util.List;

/**
 * Where packets go. IPv4 pods of one node reach each other directly; IPv6 packets are always
 * routed, so that none of them arrives with the hop limit that neighbour discovery asks for.
 */
final class Routes {
  private Routes() {}

  /** To the gateway, and to nobody. */
  static void base(LocalNode node, LocalNode.Network network, List<Flow> flows) {
    Family family = network.family();
    Action toGateway = Registers.DESTINATION.set(Side.GATEWAY);
    Action gatewayMac = Rule.set(Field.ETH_DST, node.gatewayMac());
    flows.add(
        Rule.in(Table.ROUTING, 210)
            .destination(network.gateway())
            .then(gatewayMac, toGateway, Rule.goTo(Table.DELIVERY)));
    // What the host sent to a service and an endpoint elsewhere answers: UnSnat has given it the
    // address of the host's that it was sent from, which may be any.
    flows.add(
        Rule.in(Table.ROUTING, 195)
            .ip(family)
            .from(Side.TUNNEL)
            .state(Rule.REPLY, 0)
            .when(CtMarks.SERVICE.is(1))
            .then(gatewayMac, toGateway, Rule.goTo(Table.DELIVERY)));
    flows.add(Rule.in(Table.ROUTING, 190).ip(family).from(Side.TUNNEL).drop());
    flows.add(Rule.in(Table.ROUTING, 190).destination(network.podCidr()).drop());
    for (IpPrefix services : node.serviceCidrs()) {
      if (services.family() == family) {
        flows.add(Rule.in(Table.ROUTING, 190).destination(services).drop());
      }
    }
    flows.add(
        Rule.in(Table.ROUTING, 100)
            .ip(family)
            .from(Side.POD)
            .is(Field.ETH_DST, node.gatewayMac())
            .then(toGateway, Rule.goTo(Table.DELIVERY)));
    // From the host to a service whose endpoint is a node: back to the host, which routes it.
    flows.add(
        Rule.in(Table.ROUTING, 100)
            .ip(family)
            .from(Side.GATEWAY)
            .serviceRequest()
            .then(gatewayMac, toGateway, Rule.goTo(Table.DELIVERY)));
    for (Side to : List.of(Side.POD, Side.TUNNEL)) {
      flows.add(
          Rule.in(Table.TTL, 200)
              .ip(family)
              .from(Side.POD)
              .to(to)
              .then(new Action.DecTtl(), Rule.goTo(Table.DELIVERY)));
    }
  }

  /** To one of a pod's addresses. */
  static void pod(LocalNode node, LocalPod pod, Ip address, List<Flow> flows) {
    Action toPod = Registers.DESTINATION.set(Side.POD);
    for (Mac router : List.of(node.gatewayMac(), Addresses.ROUTER_MAC)) {
      flows.add(
          Rule.in(Table.ROUTING, 200)
              .is(Field.ETH_DST, router)
              .destination(address)
              .then(
                  Rule.set(Field.ETH_SRC, node.gatewayMac()),
                  Rule.set(Field.ETH_DST, pod.mac()),
                  toPod,
                  Rule.goTo(Table.TTL)));
    }
    if (address.family() == Family.IPV4) {
      flows.add(
          Rule.in(Table.ROUTING, 200)
              .is(Field.ETH_DST, pod.mac())
              .destination(address)
              .then(toPod, Rule.goTo(Table.DELIVERY)));
    }
  }

  /** To the pods of a peer. Lower than the rules for what came by a tunnel: no node is a router. */
  static Flow peer(LocalNode node, PeerNode peer, IpPrefix podCidr) {
    Ip end = peer.nodeAddress();
    return Rule.in(Table.ROUTING, 180)
        .destination(podCidr)
        .then(
            Rule.set(Field.ETH_SRC, node.gatewayMac()),
            Rule.set(Field.ETH_DST, Addresses.ROUTER_MAC),
            Rule.set(IpFields.tunnelDestination(end.family()), end),
            Registers.DESTINATION.set(Side.TUNNEL),
            Rule.goTo(Table.TTL));
  }
}
