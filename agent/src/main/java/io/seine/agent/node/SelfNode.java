package io.seine.agent.node;

import io.seine.agent.config.AgentConfig;
import io.seine.agent.config.Networks;
import io.seine.agent.kube.NodeInfo;
import io.seine.openflow.Ip;
import io.seine.openflow.IpPrefix;
import io.seine.pipeline.LocalNode;
import java.util.List;
import java.util.Optional;

/** This node's own part of the network, from its Node object and the configuration. */
public sealed interface SelfNode {
  /** Enough is known to start. */
  record Known(LocalNode node) implements SelfNode {}

  /** Something is missing or wrong, which a change of the Node object can mend. */
  record Waiting(String reason) implements SelfNode {}

  /** The smallest network that has an address for a pod beside the gateway's. */
  int LONGEST_PREFIX = 30;

  static SelfNode of(NodeInfo info, AgentConfig config) {
    List<IpPrefix> services =
        config.serviceCidrs().stream().flatMap(t -> Networks.prefix(t).stream()).toList();
    Optional<Ip> address =
        config.transportAddress().flatMap(Networks::ipv4).or(() -> Nodes.address(info));
    Optional<IpPrefix> cidr = Nodes.podCidr(info);
    if (cidr.isEmpty()) {
      return new Waiting(
          "Node %s has no IPv4 network in spec.podCIDRs (it has %s); it is assigned by the"
                  .formatted(info.name(), info.podCidrs())
              + " controller manager (--allocate-node-cidrs)");
    }
    if (cidr.get().length() > LONGEST_PREFIX) {
      return new Waiting(
          "Node %s: the pod network %s has no room for pods".formatted(info.name(), cidr.get()));
    }
    Optional<IpPrefix> clash =
        services.stream().filter(s -> Networks.overlap(s, cidr.get())).findFirst();
    if (clash.isPresent()) {
      return new Waiting(
          "Node %s: the pod network %s overlaps the service network %s of the configuration"
              .formatted(info.name(), cidr.get(), clash.get()));
    }
    if (address.isEmpty()) {
      return new Waiting(
          "Node %s has no IPv4 InternalIP in status.addresses (it has %s); set the kubelet's"
                  .formatted(info.name(), info.internalAddresses())
              + " --node-ip, or 'transportAddress' in the agent's configuration");
    }
    return new Known(LocalNode.of(info.name(), address.get(), cidr.get(), services));
  }
}
