package io.seine.pipeline;

import io.seine.openflow.Action;
import io.seine.openflow.Family;
import io.seine.openflow.Flow;
import io.seine.openflow.Match;
import io.seine.openflow.Ports;
import java.util.ArrayList;
import java.util.List;

/**
 * What every node's switch has: the miss of each table, the tunnel and gateway ports, connection
 * tracking, and the rules that depend on no pod, peer or service. Only packets of the families that
 * the node has a network of get past the first table.
 */
public final class BaseCompiler {
  private BaseCompiler() {}

  public static FlowSet compile(LocalNode node) {
    List<Flow> flows = new ArrayList<>();
    for (Table table : Table.values()) {
      flows.add(miss(table));
    }
    Neighbours.base(node, flows);
    for (LocalNode.Network network : node.networks()) {
      classify(node, network.family(), flows);
      connections(network, flows);
      NodePortMark.base(node, network, flows);
      Gates.base(node, network, flows);
      Routes.base(node, network, flows);
      Commits.base(network, flows);
      SourceNat.base(network, flows);
      send(node, network.family(), flows);
    }
    deliver(node, flows);
    return new FlowSet(flows, List.of());
  }

  private static Flow miss(Table table) {
    List<Action> actions = new ArrayList<>();
    // A rule that is only tried may have had the rest of the tier skipped, and no more than that.
    if (table == Table.EGRESS_ADMIN || table == Table.INGRESS_ADMIN) {
      actions.add(Registers.DRY_PASSED.set(0));
    }
    table.miss().map(Rule::goTo).ifPresent(actions::add);
    return new Flow(table.number(), 0, Match.ANY, actions);
  }

  private static void classify(LocalNode node, Family family, List<Flow> flows) {
    flows.add(
        Rule.in(Table.CLASSIFIER, 200)
            .port(node.tunnelPort())
            .ip(family)
            .then(Registers.SOURCE.set(Side.TUNNEL), Rule.goTo(Table.SOURCE_GUARD)));
    flows.add(
        Rule.in(Table.CLASSIFIER, 200)
            .port(node.gatewayPort())
            .ip(family)
            .then(Registers.SOURCE.set(Side.GATEWAY), Rule.goTo(Table.SOURCE_GUARD)));
    flows.add(
        Rule.in(Table.SOURCE_GUARD, 200)
            .port(node.gatewayPort())
            .ip(family)
            .then(Rule.goTo(Table.UN_SNAT)));
  }

  private static void connections(LocalNode.Network network, List<Flow> flows) {
    Family family = network.family();
    SourceNat.undo(network, flows);
    flows.add(
        Rule.in(Table.CONNTRACK, 200)
            .ip(family)
            .then(Rule.track(Zones.MAIN, Table.CONNTRACK_STATE)));
    flows.add(Rule.in(Table.CONNTRACK_STATE, 210).ip(family).state(Rule.INVALID, 0).drop());
    flows.add(
        Rule.in(Table.CONNTRACK_STATE, 200)
            .ip(family)
            .state(Rule.NEW, 0)
            .then(Rule.goTo(Table.NODE_PORT_MARK)));
  }

  private static void send(LocalNode node, Family family, List<Flow> flows) {
    flows.add(
        Rule.in(Table.DELIVERY, 220)
            .ip(family)
            .from(Side.GATEWAY)
            .to(Side.GATEWAY)
            .when(CtMarks.SERVICE.is(1))
            .then(
                Registers.HAIRPIN.set(1),
                Registers.OUTPUT_PORT.set(node.gatewayPort()),
                Rule.goTo(Table.INGRESS_POLICY)));
    flows.add(
        Rule.in(Table.OUTPUT, 200)
            .ip(family)
            .then(new Action.OutputReg(Registers.OUTPUT_PORT.range())));
  }

  private static void deliver(LocalNode node, List<Flow> flows) {
    flows.add(
        Rule.in(Table.DELIVERY, 200)
            .to(Side.TUNNEL)
            .then(Registers.OUTPUT_PORT.set(node.tunnelPort()), Rule.goTo(Table.INGRESS_POLICY)));
    flows.add(Rule.in(Table.DELIVERY, 210).from(Side.GATEWAY).to(Side.GATEWAY).drop());
    flows.add(
        Rule.in(Table.DELIVERY, 200)
            .to(Side.GATEWAY)
            .then(Registers.OUTPUT_PORT.set(node.gatewayPort()), Rule.goTo(Table.INGRESS_POLICY)));
    flows.add(
        Rule.in(Table.OUTPUT, 210)
            .when(Registers.HAIRPIN.is(1))
            .then(new Action.Output(Ports.IN_PORT)));
  }
}
