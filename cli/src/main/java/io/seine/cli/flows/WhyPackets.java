package io.seine.cli.flows;

import io.seine.agent.facts.ClusterFacts;
import io.seine.agent.verdict.Connection;
import io.seine.agent.verdict.Transport;
import io.seine.cli.flows.WhyPlan.Entry;
import io.seine.cli.flows.WhyPlan.Hop;
import io.seine.openflow.Family;
import io.seine.openflow.Ip;
import io.seine.openflow.Mac;
import io.seine.pipeline.Addresses;
import io.seine.pipeline.LocalNode;
import io.seine.pipeline.LocalPod;
import io.seine.pipeline.ServiceFact.Protocol;
import io.seine.pipeline.explain.TracedPacket;
import java.util.Optional;
import java.util.function.Function;

/** Makes the first packet of a connection as it comes to a switch. */
final class WhyPackets {
  private static final int SOURCE_PORT = 40_000;

  private final Function<String, ClusterFacts> facts;

  WhyPackets(Function<String, ClusterFacts> facts) {
    this.facts = facts;
  }

  /**
   * The packet.
   *
   * @param which of many that differ only in what a service's choice of endpoint depends on, from 0
   */
  TracedPacket of(Hop hop, int which) {
    ClusterFacts here = facts.apply(hop.node());
    LocalNode node = here.node();
    Connection packet = hop.packet();
    TracedPacket.Payload payload = payload(packet, SOURCE_PORT + which);
    // IPv6 goes by the gateway or the router, within a node too.
    Optional<LocalPod> neighbour =
        podAt(here, packet.destination()).filter(_ -> packet.destination().family() == Family.IPV4);
    TracedPacket made =
        switch (hop.entry()) {
          case Entry.FromPod(var pod) -> {
            LocalPod from = local(here, pod);
            yield packet(
                from.ofport(),
                from.mac(),
                neighbour.map(LocalPod::mac).orElse(node.gatewayMac()),
                packet,
                payload);
          }
          case Entry.FromNode() ->
              packet(
                  node.gatewayPort(),
                  node.gatewayMac(),
                  neighbour.map(LocalPod::mac).orElse(Addresses.ROUTER_MAC),
                  packet,
                  payload);
          case Entry.FromPeer(var peer) -> {
            LocalNode there = facts.apply(peer).node();
            yield packet(
                    node.tunnelPort(), there.gatewayMac(), Addresses.ROUTER_MAC, packet, payload)
                .by(
                    node.tunnelPort(),
                    new TracedPacket.Tunnel(there.nodeAddress(), node.nodeAddress()));
          }
        };
    return made.withSlot(which + 1);
  }

  private static TracedPacket packet(
      int port, Mac from, Mac to, Connection packet, TracedPacket.Payload payload) {
    return new TracedPacket(port, from, to, packet.source(), packet.destination(), payload);
  }

  private static Optional<LocalPod> podAt(ClusterFacts facts, Ip address) {
    return facts.pods().stream().filter(pod -> pod.addresses().contains(address)).findFirst();
  }

  private static LocalPod local(ClusterFacts facts, WhyParty.Pod pod) {
    return facts.pods().stream()
        .filter(p ->
            p.namespace().equals(pod.pod().key().namespace())
                && p.name().equals(pod.pod().key().name()))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException("%s has no port on %s".formatted(pod.name(), pod.node())));
  }

  private static TracedPacket.Payload payload(Connection connection, int from) {
    return connection.transport() == Transport.ICMP
        ? new TracedPacket.Ping()
        : new TracedPacket.Ports(
            Protocol.valueOf(connection.transport().name()), from, connection.port());
  }
}
