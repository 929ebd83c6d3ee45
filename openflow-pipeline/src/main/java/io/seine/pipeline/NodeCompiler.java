package io.seine.pipeline;

import io.seine.openflow.Field;
import io.seine.openflow.FieldMatch;
import io.seine.openflow.Flow;
import java.util.List;

/** What a peer node needs: its pods reachable by the tunnel, and no one else from its end of it. */
public final class NodeCompiler {
  /** Where nodes listen for what others send through their tunnels: Geneve's UDP port, VXLAN's. */
  private static final List<Integer> TUNNEL_PORTS = List.of(6081, 4789);

  private static final int UDP = 17;

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
                    Rule.goTo(Table.TTL)),
            noTunnelOfItsOwn(peer, TUNNEL_PORTS.get(0)),
            noTunnelOfItsOwn(peer, TUNNEL_PORTS.get(1))),
        List.of());
  }

  /**
   * A pod's packet to a peer's tunnel port would leave with this node's address, which masquerade
   * gives it, and the peer would take what it carries, with whatever source, for ours.
   */
  private static Flow noTunnelOfItsOwn(PeerNode peer, int port) {
    return Rule.in(Table.ROUTING, 185)
        .ip()
        .when(FieldMatch.exact(Field.IP_PROTO, UDP))
        .from(Side.POD)
        .is(Field.IPV4_DST, peer.nodeAddress())
        .when(FieldMatch.exact(Field.UDP_DST, port))
        .drop();
  }
}
