package io.seine.pipeline;

import io.seine.openflow.Field;
import io.seine.openflow.FieldMatch;
import io.seine.openflow.Flow;
import io.seine.openflow.Ip;
import io.seine.openflow.IpPrefix;
import java.util.ArrayList;
import java.util.List;

/** What a peer node needs: its pods reachable by the tunnel, and no one else from its end of it. */
public final class NodeCompiler {
  /** Where nodes listen for what others send through their tunnels: Geneve's UDP port, VXLAN's. */
  private static final List<Integer> TUNNEL_PORTS = List.of(6081, 4789);

  private NodeCompiler() {}

  /** Pods of a family that this node has no network of are left out. */
  public static FlowSet compile(LocalNode node, PeerNode peer) {
    Ip end = peer.nodeAddress();
    List<Flow> flows = new ArrayList<>();
    for (IpPrefix podCidr : peer.podCidrs()) {
      if (node.network(podCidr.family()).isEmpty()) {
        continue;
      }
      flows.add(
          Rule.in(Table.SOURCE_GUARD, 200)
              .port(node.tunnelPort())
              .is(IpFields.tunnelSource(end.family()), end)
              .source(podCidr)
              .then(Rule.goTo(Table.UN_SNAT)));
      flows.add(Routes.peer(node, peer, podCidr));
    }
    if (node.network(end.family()).isPresent()) {
      TUNNEL_PORTS.forEach(port -> flows.add(noTunnelOfItsOwn(peer, port)));
    }
    return new FlowSet(flows, List.of());
  }

  /**
   * A pod's packet to a peer's tunnel port would leave with this node's address, which masquerade
   * gives it, and the peer would take what it carries, with whatever source, for ours.
   */
  private static Flow noTunnelOfItsOwn(PeerNode peer, int port) {
    return Rule.in(Table.ROUTING, 185)
        .from(Side.POD)
        .destination(peer.nodeAddress())
        .protocol(Rule.UDP)
        .when(FieldMatch.exact(Field.UDP_DST, port))
        .drop();
  }
}
