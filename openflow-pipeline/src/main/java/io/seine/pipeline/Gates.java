package io.seine.pipeline;

import io.seine.openflow.Family;
import io.seine.openflow.Flow;
import io.seine.openflow.Ip;
import java.util.List;

/**
 * What no policy can forbid, in EgressPolicy and IngressPolicy, the gates of the tables that judge:
 * the answers within a connection that is allowed, and whatever a pod has to do with itself or with
 * its own node ({@code NetworkPolicy} of the Kubernetes API: "traffic to and from the node where a
 * Pod is running is always allowed"). What is left of a pod that policies select is judged, packet
 * by packet, see {@code docs/decisions/judging-every-packet.md}.
 *
 * <p>Priorities in both gates:
 */
public final class Gates {
  /** Answers of DNS servers that are to be read, in IngressPolicy. */
  public static final int ANSWER = 230;

  /** Answers, and ICMP errors about an allowed connection. */
  public static final int REPLY = 220;

  /** The pod's own node. */
  public static final int OWN_NODE = 210;

  /** The pod itself; in EgressPolicy a flow for each pod that is judged. */
  public static final int SELF = 205;

  /** A pod that policies select: on to the tables that judge. */
  public static final int JUDGED = 200;

  /** Of answers within a denied connection, in ConntrackState. */
  private static final int DENIED_REPLY = 207;

  private Gates() {}

  static void base(LocalNode node, LocalNode.Network network, List<Flow> flows) {
    Family family = network.family();
    answers(family, flows);
    for (Ip own : node.own(family)) {
      flows.add(
          Rule.in(Table.EGRESS_POLICY, OWN_NODE)
              .from(Side.POD)
              .destination(own)
              .then(Rule.goTo(Table.ROUTING)));
      flows.add(
          Rule.in(Table.INGRESS_POLICY, OWN_NODE)
              .from(Side.GATEWAY)
              .source(own)
              .then(Rule.goTo(Table.COMMIT)));
    }
    flows.add(
        Rule.in(Table.INGRESS_POLICY, SELF)
            .ip(family)
            .from(Side.POD)
            .when(Registers.HAIRPIN.is(1))
            .then(Rule.goTo(Table.COMMIT)));
  }

  private static void answers(Family family, List<Flow> flows) {
    flows.add(
        Rule.in(Table.CONNTRACK_STATE, DENIED_REPLY)
            .ip(family)
            .state(Rule.REPLY, 0)
            .when(CtMarks.DENIED.is(1))
            .drop());
    flows.add(
        Rule.in(Table.CONNTRACK_STATE, DENIED_REPLY)
            .ip(family)
            .state(Rule.RELATED, 0)
            .when(CtMarks.DENIED.is(1))
            .drop());
    // It asks about a connection, and must not make one.
    flows.add(
        Rule.in(Table.CONNTRACK_STATE, DENIED_REPLY)
            .ip(family)
            .state(Rule.NEW, 0)
            .when(Registers.PROBE.is(1))
            .drop());
    for (Table gate : List.of(Table.EGRESS_POLICY, Table.INGRESS_POLICY)) {
      Table past = gate == Table.EGRESS_POLICY ? Table.ROUTING : Table.COMMIT;
      flows.add(Rule.in(gate, REPLY).ip(family).state(Rule.REPLY, 0).then(Rule.goTo(past)));
      flows.add(
          Rule.in(gate, REPLY).ip(family).state(Rule.RELATED, Rule.NEW).then(Rule.goTo(past)));
    }
  }
}
