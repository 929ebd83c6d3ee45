package io.seine.agent.node;

import io.seine.agent.config.AgentConfig;
import io.seine.agent.config.Networks;
import io.seine.agent.ipam.AddressPool;
import io.seine.agent.kube.NodeInfo;
import io.seine.openflow.Family;
import io.seine.openflow.Ip;
import io.seine.openflow.IpPrefix;
import io.seine.pipeline.LocalNode;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** This node's own part of the network, from its Node object and the configuration. */
public sealed interface SelfNode {
  /** Enough is known to start. */
  record Known(LocalNode node) implements SelfNode {}

  /** Something is missing or wrong, which a change of the Node object can mend. */
  record Waiting(String reason) implements SelfNode {}

  /** The OpenFlow numbers of the agent's own ports. */
  int TUNNEL_PORT = 1;

  int GATEWAY_PORT = 2;

  /**
   * The node as far as its Node object tells; its own addresses are {@code InternalIP}, {@code
   * ExternalIP} and the tunnel's.
   *
   * <p>The tunnels run over IPv4 where the node has it, so that nodes whose objects list their
   * addresses in different orders agree.
   */
  static SelfNode of(NodeInfo info, AgentConfig config) {
    List<IpPrefix> services =
        config.serviceCidrs().stream().flatMap(t -> Networks.network(t).stream()).toList();
    List<IpPrefix> cidrs = Nodes.podCidrs(info);
    if (cidrs.isEmpty()) {
      return new Waiting(
          "Node %s has no network in spec.podCIDRs (it has %s); it is assigned by the"
                  .formatted(info.name(), info.podCidrs())
              + " controller manager (--allocate-node-cidrs)");
    }
    for (IpPrefix cidr : cidrs) {
      Optional<String> problem = AddressPool.problem(cidr);
      if (problem.isPresent()) {
        return new Waiting("Node %s: %s".formatted(info.name(), problem.get()));
      }
      Optional<IpPrefix> clash =
          services.stream().filter(s -> Networks.overlap(s, cidr)).findFirst();
      if (clash.isPresent()) {
        return new Waiting(
            "Node %s: the pod network %s overlaps the service network %s of the configuration"
                .formatted(info.name(), cidr, clash.get()));
      }
    }
    Optional<Ip> address =
        config
            .transportAddress()
            .flatMap(Networks::ip)
            .or(() -> Nodes.address(info, Family.IPV4))
            .or(() -> Nodes.address(info, Family.IPV6));
    if (address.isEmpty()) {
      return new Waiting(
          "Node %s has no InternalIP in status.addresses (it has %s); set the kubelet's"
                  .formatted(info.name(), info.internalAddresses())
              + " --node-ip, or 'transportAddress' in the agent's configuration");
    }
    return new Known(
        new LocalNode(
            info.name(),
            address.get(),
            cidrs.stream().map(LocalNode.Network::of).toList(),
            services,
            ownAddresses(info, address.get()),
            TUNNEL_PORT,
            GATEWAY_PORT));
  }

  private static List<Ip> ownAddresses(NodeInfo info, Ip tunnel) {
    Stream<String> texts =
        Stream.concat(info.internalAddresses().stream(), info.externalAddresses().stream());
    return Stream.concat(texts.flatMap(t -> Networks.ip(t).stream()), Stream.of(tunnel))
        .filter(Networks::isUnicast)
        .distinct()
        .toList();
  }
}
