package io.seine.pipeline;

import io.seine.openflow.Action;
import io.seine.openflow.BitRange;
import io.seine.openflow.Field;
import io.seine.openflow.Flow;
import io.seine.openflow.Ip;
import io.seine.openflow.IpPrefix;
import io.seine.openflow.Mac;
import io.seine.openflow.Match;
import io.seine.openflow.Ports;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What every node's switch has: the miss of each table, the tunnel and gateway ports, connection
 * tracking, and the rules that depend on no pod, peer or service.
 */
public final class BaseCompiler {
  private BaseCompiler() {}

  public static FlowSet compile(LocalNode node) {
    List<Flow> flows = new ArrayList<>();
    for (Table table : Table.values()) {
      flows.add(miss(table));
    }
    classify(node, flows);
    connections(node, flows);
    routing(node, flows);
    sourceNat(node, flows);
    delivery(node, flows);
    return new FlowSet(flows, List.of());
  }

  private static Flow miss(Table table) {
    List<Action> actions = table.miss().map(Rule::goTo).map(List::of).orElse(List.of());
    return new Flow(table.number(), 0, Match.ANY, actions);
  }

  private static void classify(LocalNode node, List<Flow> flows) {
    int gateway = node.gatewayPort();
    flows.add(
        Rule.in(Table.CLASSIFIER, 200)
            .port(node.tunnelPort())
            .ip()
            .then(Registers.SOURCE.set(Side.TUNNEL), Rule.goTo(Table.SOURCE_GUARD)));
    flows.add(
        Rule.in(Table.CLASSIFIER, 200)
            .port(gateway)
            .arp()
            .then(Registers.SOURCE.set(Side.GATEWAY), Rule.goTo(Table.ARP_GUARD)));
    flows.add(
        Rule.in(Table.CLASSIFIER, 200)
            .port(gateway)
            .ip()
            .then(Registers.SOURCE.set(Side.GATEWAY), Rule.goTo(Table.SOURCE_GUARD)));
    // The host may ask with any of its addresses as the sender's.
    flows.add(
        Rule.in(Table.ARP_GUARD, 200)
            .port(gateway)
            .arpRequest()
            .is(Field.ARP_SHA, node.gatewayMac())
            .then(Rule.goTo(Table.ARP_RESPONDER)));
    flows.add(
        Rule.in(Table.ARP_GUARD, 210)
            .port(gateway)
            .arp()
            .is(Field.ARP_TPA, node.gatewayAddress())
            .drop());
    flows.add(arpAnswer(node.gatewayAddress(), node.gatewayMac()));
    flows.add(arpAnswer(Addresses.ROUTER_ADDRESS, Addresses.ROUTER_MAC));
    flows.add(Rule.in(Table.SOURCE_GUARD, 200).port(gateway).ip().then(Rule.goTo(Table.UN_SNAT)));
  }

  /** Turns a request for {@code address} into its answer. */
  static Flow arpAnswer(Ip address, Mac mac) {
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

  private static void connections(LocalNode node, List<Flow> flows) {
    for (Ip own : List.of(node.gatewayAddress(), Addresses.ROUTER_ADDRESS)) {
      flows.add(
          Rule.in(Table.UN_SNAT, 200)
              .ip()
              .is(Field.IPV4_DST, own)
              .then(Rule.track(Zones.SNAT, Table.CONNTRACK)));
    }
    flows.add(
        Rule.in(Table.CONNTRACK, 200).ip().then(Rule.track(Zones.MAIN, Table.CONNTRACK_STATE)));
    flows.add(Rule.in(Table.CONNTRACK_STATE, 210).ip().state(Rule.INVALID, 0).drop());
    flows.add(
        Rule.in(Table.CONNTRACK_STATE, 200)
            .ip()
            .state(Rule.NEW, 0)
            .then(Rule.goTo(Table.SERVICE_LB)));
    flows.add(
        Rule.in(Table.COMMIT, 200)
            .ip()
            .state(Rule.NEW, 0)
            .when(CtMarks.SERVICE.is(0))
            .then(Rule.commit(Zones.MAIN, Table.OUTPUT, Optional.empty())));
  }

  private static void routing(LocalNode node, List<Flow> flows) {
    Action toGateway = Registers.DESTINATION.set(Side.GATEWAY);
    Action gatewayMac = Rule.set(Field.ETH_DST, node.gatewayMac());
    flows.add(
        Rule.in(Table.ROUTING, 210)
            .ip()
            .is(Field.IPV4_DST, node.gatewayAddress())
            .then(gatewayMac, toGateway, Rule.goTo(Table.SNAT)));
    // What the host sent to a service and an endpoint elsewhere answers: UnSnat has given it the
    // address of the host's that it was sent from, which may be any.
    flows.add(
        Rule.in(Table.ROUTING, 195)
            .ip()
            .from(Side.TUNNEL)
            .state(Rule.REPLY, 0)
            .when(CtMarks.SERVICE.is(1))
            .then(gatewayMac, toGateway, Rule.goTo(Table.SNAT)));
    flows.add(Rule.in(Table.ROUTING, 190).ip().from(Side.TUNNEL).drop());
    flows.add(Rule.in(Table.ROUTING, 190).ip().in(Field.IPV4_DST, node.podCidr()).drop());
    for (IpPrefix services : node.serviceCidrs()) {
      flows.add(Rule.in(Table.ROUTING, 190).ip().in(Field.IPV4_DST, services).drop());
    }
    flows.add(
        Rule.in(Table.ROUTING, 100)
            .ip()
            .from(Side.POD)
            .is(Field.ETH_DST, node.gatewayMac())
            .then(toGateway, Rule.goTo(Table.SNAT)));
    // From the host to a service whose endpoint is a node: back to the host, which routes it.
    flows.add(
        Rule.in(Table.ROUTING, 100)
            .ip()
            .from(Side.GATEWAY)
            .serviceRequest()
            .then(gatewayMac, toGateway, Rule.goTo(Table.SNAT)));
    for (Side to : List.of(Side.POD, Side.TUNNEL)) {
      flows.add(
          Rule.in(Table.TTL, 200)
              .ip()
              .from(Side.POD)
              .to(to)
              .then(new Action.DecTtl(), Rule.goTo(Table.SNAT)));
    }
  }

  private static void sourceNat(LocalNode node, List<Flow> flows) {
    // The host would not take a packet with its own address from outside.
    flows.add(
        Rule.in(Table.SNAT, 220)
            .ip()
            .from(Side.GATEWAY)
            .to(Side.GATEWAY)
            .serviceRequest()
            .then(sourceNat(Addresses.ROUTER_ADDRESS)));
    flows.add(
        Rule.in(Table.SNAT, 210)
            .ip()
            .from(Side.GATEWAY)
            .is(Field.IPV4_SRC, node.gatewayAddress())
            .then(Rule.goTo(Table.DELIVERY)));
    flows.add(
        Rule.in(Table.SNAT, 200)
            .ip()
            .from(Side.GATEWAY)
            .serviceRequest()
            .then(sourceNat(node.gatewayAddress())));
  }

  /**
   * Translates the source of a connection to a service. The port stays what the client's kernel
   * chose, unless another translated connection has it: a port from elsewhere comes round again
   * while the endpoint's socket is still in TIME_WAIT, which refuses it when the timestamps do not
   * fit (Linux 6.18 counts them anew for each pair of ports), and the client waits in vain.
   */
  static Action sourceNat(Ip address) {
    Action.Nat nat =
        new Action.Nat(
            Action.Nat.Kind.SRC,
            0,
            Optional.of(address.value()),
            Optional.empty(),
            OptionalInt.empty(),
            OptionalInt.empty());
    return Rule.commit(
        Zones.SNAT, Table.DELIVERY, Optional.of(nat), CtMarks.SERVICE.set(1), CtMarks.SNAT.set(1));
  }

  private static void delivery(LocalNode node, List<Flow> flows) {
    flows.add(
        Rule.in(Table.DELIVERY, 200)
            .to(Side.TUNNEL)
            .then(Registers.OUTPUT_PORT.set(node.tunnelPort()), Rule.goTo(Table.INGRESS_POLICY)));
    flows.add(
        Rule.in(Table.DELIVERY, 220)
            .ip()
            .from(Side.GATEWAY)
            .to(Side.GATEWAY)
            .when(CtMarks.SERVICE.is(1))
            .then(
                Registers.HAIRPIN.set(1),
                Registers.OUTPUT_PORT.set(node.gatewayPort()),
                Rule.goTo(Table.INGRESS_POLICY)));
    flows.add(Rule.in(Table.DELIVERY, 210).from(Side.GATEWAY).to(Side.GATEWAY).drop());
    flows.add(
        Rule.in(Table.DELIVERY, 200)
            .to(Side.GATEWAY)
            .then(Registers.OUTPUT_PORT.set(node.gatewayPort()), Rule.goTo(Table.INGRESS_POLICY)));
    flows.add(
        Rule.in(Table.OUTPUT, 210)
            .when(Registers.HAIRPIN.is(1))
            .then(new Action.Output(Ports.IN_PORT)));
    flows.add(
        Rule.in(Table.OUTPUT, 200).ip().then(new Action.OutputReg(Registers.OUTPUT_PORT.range())));
  }
}
