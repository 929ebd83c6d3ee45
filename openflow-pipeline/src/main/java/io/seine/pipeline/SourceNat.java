package io.seine.pipeline;

import io.seine.openflow.Action;
import io.seine.openflow.Family;
import io.seine.openflow.Flow;
import io.seine.openflow.Ip;
import java.util.List;
import java.util.Optional;

/**
 * Who gets which source address.
 *
 * <p>Whatever goes to a pod with the gateway's address, translated or the node's own, is recorded
 * in the SNAT zone, which keeps its port unless another connection has it: so the answers to two of
 * them never look alike.
 */
final class SourceNat {
  private SourceNat() {}

  static void base(LocalNode.Network network, List<Flow> flows) {
    Family family = network.family();
    Ip gateway = network.gateway();
    // The host would not take a packet with its own address from outside.
    flows.add(
        Rule.in(Table.SNAT, 220)
            .ip(family)
            .from(Side.GATEWAY)
            .to(Side.GATEWAY)
            .serviceRequest()
            .then(translate(Addresses.router(family))));
    flows.add(
        Rule.in(Table.SNAT, 215)
            .from(Side.GATEWAY)
            .source(gateway)
            .serviceRequest()
            .then(translate(gateway)));
    for (ServiceFact.Protocol protocol : ServiceFact.Protocol.values()) {
      flows.add(
          Rule.in(Table.SNAT, 210)
              .from(Side.GATEWAY)
              .source(gateway)
              .protocol(protocol)
              .state(0, Rule.REPLY)
              .when(CtMarks.SERVICE.is(0))
              .then(translate(gateway)));
    }
    flows.add(
        Rule.in(Table.SNAT, 205)
            .ip(family)
            .from(Side.GATEWAY)
            .serviceRequest()
            .when(CtMarks.LOCAL.is(1))
            .then(Rule.goTo(Table.OUTPUT)));
    flows.add(
        Rule.in(Table.SNAT, 200)
            .ip(family)
            .from(Side.GATEWAY)
            .serviceRequest()
            .then(translate(gateway)));
  }

  /**
   * A pod to itself, through a service. Not under the gateway's address: the node's own connections
   * to the pod have that one.
   */
  static Flow hairpin(Ip pod) {
    return Rule.in(Table.SNAT, 200)
        .source(pod)
        .destination(pod)
        .serviceRequest()
        .then(translate(Addresses.router(pod.family())));
  }

  /** The way back. */
  static void undo(LocalNode.Network network, List<Flow> flows) {
    for (Ip own : List.of(network.gateway(), Addresses.router(network.family()))) {
      flows.add(
          Rule.in(Table.UN_SNAT, 200)
              .destination(own)
              .then(Rule.track(Zones.SNAT, Table.CONNTRACK)));
    }
  }

  /**
   * Translates the source of a connection, or keeps apart the port of one that has the address
   * already. The port stays what the client's kernel chose, unless another translated connection
   * has it: a port from elsewhere comes round again while the endpoint's socket is still in
   * TIME_WAIT, which refuses it when the timestamps do not fit (Linux 6.18 counts them anew for
   * each pair of ports), and the client waits in vain.
   */
  private static Action translate(Ip address) {
    return Rule.commit(
        Zones.SNAT,
        Table.OUTPUT,
        Optional.of(Action.Nat.source(address.value())),
        CtMarks.SNAT.set(1));
  }
}
