package io.seine.pipeline;

import io.seine.openflow.Field;
import java.util.List;

/** What a peer node needs: its pods reachable by the tunnel, and no one else from its end of it. */
public final class NodeCompiler {
  private NodeCompiler() {}

  public static FlowSet compile(LocalNode node, PeerNode peer) {
    return new FlowSet(
        List.of(
            Rule.in(Table.SOURCE_GUARD, 200)
                .port(node.tunnelPort())
                .ip()
                .is(Field.TUN_SRC, peer.nodeAddress())
                .in(Field.IPV4_SRC, peer.podCidr())
                .then(Rule.goTo(Table.UN_SNAT)),
            // Lower than the rules for what came by a tunnel: nothing goes from node to node here.
            Rule.in(Table.ROUTING, 180)
                .ip()
                .in(Field.IPV4_DST, peer.podCidr())
                .then(
                    Rule.set(Field.ETH_SRC, node.gatewayMac()),
                    Rule.set(Field.ETH_DST, Addresses.ROUTER_MAC),
                    Rule.set(Field.TUN_DST, peer.nodeAddress()),
                    Registers.DESTINATION.set(Side.TUNNEL),
                    Rule.goTo(Table.TTL))),
        List.of());
  }
}
