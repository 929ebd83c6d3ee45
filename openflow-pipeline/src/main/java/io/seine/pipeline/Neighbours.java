package io.seine.pipeline;

import io.seine.openflow.Action;
import io.seine.openflow.BitRange;
import io.seine.openflow.Family;
import io.seine.openflow.Field;
import io.seine.openflow.FieldMatch;
import io.seine.openflow.Flow;
import io.seine.openflow.Ip;
import io.seine.openflow.IpPrefix;
import io.seine.openflow.Mac;
import io.seine.openflow.Ports;
import java.util.List;

/**
 * How those at the switch learn each other's Ethernet addresses: ARP is answered by flows, IPv6
 * solicitations by the agent, and nothing of either is ever forwarded. Why IPv6 differs is in
 * {@code docs/decisions/ipv6-neighbours.md}.
 */
final class Neighbours {
  private static final int SOLICITATION = 135;

  /**
   * Never of use here, whoever sends them: messages of multicast listeners, router solicitations
   * and advertisements, neighbour advertisements, redirects (RFC 2710, RFC 4861, RFC 3810).
   */
  private static final List<Integer> UNWANTED = List.of(130, 131, 132, 133, 134, 136, 137, 143);

  private static final IpPrefix LINK_LOCAL = IpPrefix.parse("fe80::/10");

  private Neighbours() {}

  /** For the gateway port, the gateway and the router. */
  static void base(LocalNode node, List<Flow> flows) {
    node.network(Family.IPV4).ifPresent(network -> arp(node, network.gateway(), flows));
    node.network(Family.IPV6).ifPresent(network -> discovery(node, network.gateway(), flows));
  }

  private static void arp(LocalNode node, Ip gateway, List<Flow> flows) {
    flows.add(
        Rule.in(Table.CLASSIFIER, 200)
            .port(node.gatewayPort())
            .arp()
            .then(Registers.SOURCE.set(Side.GATEWAY), Rule.goTo(Table.ARP_GUARD)));
    // The host may ask with any of its addresses as the sender's.
    flows.add(
        Rule.in(Table.ARP_GUARD, 200)
            .port(node.gatewayPort())
            .arpRequest()
            .is(Field.ARP_SHA, node.gatewayMac())
            .then(Rule.goTo(Table.ARP_RESPONDER)));
    flows.add(
        Rule.in(Table.ARP_GUARD, 210)
            .port(node.gatewayPort())
            .arp()
            .is(Field.ARP_TPA, gateway)
            .drop());
    flows.add(arpAnswer(gateway, node.gatewayMac()));
    flows.add(arpAnswer(Addresses.router(Family.IPV4), Addresses.ROUTER_MAC));
  }

  private static void discovery(LocalNode node, Ip gateway, List<Flow> flows) {
    for (int type : UNWANTED) {
      flows.add(Rule.in(Table.CLASSIFIER, 220).icmpv6(type).drop());
    }
    flows.add(Rule.in(Table.CLASSIFIER, 205).icmpv6(SOLICITATION).drop());
    flows.add(Rule.in(Table.SOURCE_GUARD, 210).source(LINK_LOCAL).drop());
    flows.add(solicits(node.gatewayPort(), Side.GATEWAY));
    flows.add(
        Rule.in(Table.ARP_GUARD, 200)
            .port(node.gatewayPort())
            .is(Field.ETH_SRC, node.gatewayMac())
            .icmpv6(SOLICITATION)
            .then(Rule.goTo(Table.ARP_RESPONDER)));
    for (Ip target : List.of(gateway, Addresses.router(Family.IPV6))) {
      flows.add(
          Rule.in(Table.ARP_RESPONDER, 200)
              .icmpv6(SOLICITATION)
              .when(FieldMatch.exact(Field.ICMPV6_CODE, 0))
              .is(Field.ND_TARGET, target)
              .then(ToAgent.neighbour()));
    }
  }

  private static Flow solicits(int port, Side side) {
    return Rule.in(Table.CLASSIFIER, 210)
        .port(port)
        .icmpv6(SOLICITATION)
        .then(Registers.SOURCE.set(side), Rule.goTo(Table.ARP_GUARD));
  }

  /** What a pod may ask, and that it is answered for, with its address of one family. */
  static void pod(LocalPod pod, Ip address, List<Flow> flows) {
    if (address.family() == Family.IPV6) {
      flows.add(solicits(pod.ofport(), Side.POD));
      flows.add(
          Rule.in(Table.ARP_GUARD, 200)
              .port(pod.ofport())
              .is(Field.ETH_SRC, pod.mac())
              .source(address)
              .icmpv6(SOLICITATION)
              .then(Rule.goTo(Table.ARP_RESPONDER)));
      // Linux asks anew from the address of the link for what it knew before.
      flows.add(
          Rule.in(Table.ARP_GUARD, 200)
              .port(pod.ofport())
              .is(Field.ETH_SRC, pod.mac())
              .source(LINK_LOCAL)
              .icmpv6(SOLICITATION)
              .then(Rule.goTo(Table.ARP_RESPONDER)));
      return;
    }
    flows.add(
        Rule.in(Table.CLASSIFIER, 200)
            .port(pod.ofport())
            .arp()
            .then(Registers.SOURCE.set(Side.POD), Rule.goTo(Table.ARP_GUARD)));
    flows.add(
        Rule.in(Table.ARP_GUARD, 200)
            .port(pod.ofport())
            .is(Field.ETH_SRC, pod.mac())
            .arpRequest()
            .is(Field.ARP_SPA, address)
            .is(Field.ARP_SHA, pod.mac())
            .then(Rule.goTo(Table.ARP_RESPONDER)));
    // It announces itself, or looks for someone with its own address: there is no one to answer.
    flows.add(
        Rule.in(Table.ARP_GUARD, 210).port(pod.ofport()).arp().is(Field.ARP_TPA, address).drop());
    flows.add(arpAnswer(address, pod.mac()));
  }

  /** Turns a request for {@code address} into its answer. */
  private static Flow arpAnswer(Ip address, Mac mac) {
    return Rule.in(Table.ARP_RESPONDER, 200)
        .arpRequest()
        .is(Field.ARP_TPA, address)
        .then(
            new Action.Move(BitRange.all(Field.ETH_SRC), BitRange.all(Field.ETH_DST)),
            Rule.set(Field.ETH_SRC, mac),
            Action.SetField.of(Field.ARP_OP, 2),
            new Action.Move(BitRange.all(Field.ARP_SHA), BitRange.all(Field.ARP_THA)),
            Rule.set(Field.ARP_SHA, mac),
            new Action.Move(BitRange.all(Field.ARP_SPA), BitRange.all(Field.ARP_TPA)),
            Rule.set(Field.ARP_SPA, address),
            new Action.Output(Ports.IN_PORT));
  }
}
