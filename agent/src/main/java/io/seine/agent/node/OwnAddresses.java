package io.seine.agent.node;

import io.seine.agent.config.AgentConfig;
import io.seine.agent.config.Networks;
import io.seine.openflow.Ip;
import io.seine.openflow.IpPrefix;
import io.seine.pipeline.LocalNode;
import java.util.Collection;
import java.util.List;

/**
 * Which of a node's own addresses serve node ports. Without {@code nodePortAddresses}, those that
 * {@link SelfNode} finds, much as kube-proxy's nftables mode takes the node's primary ones ({@code
 * --nodeport-addresses primary}); with it, all that the node's devices have in the networks named.
 */
public final class OwnAddresses {
  private OwnAddresses() {}

  /**
   * The node with these addresses.
   *
   * @param onDevices all addresses that the node's devices have; those of its pod network are left
   *     out
   */
  public static LocalNode of(LocalNode self, AgentConfig config, Collection<Ip> onDevices) {
    List<IpPrefix> chosen =
        config.nodePortAddresses().stream().flatMap(t -> Networks.network(t).stream()).toList();
    if (chosen.isEmpty()) {
      return self;
    }
    return self.withAddresses(
        onDevices.stream()
            .filter(a -> chosen.stream().anyMatch(block -> block.contains(a)))
            .filter(Networks::isUnicast)
            .filter(a -> self.networks().stream().noneMatch(n -> n.podCidr().contains(a)))
            .distinct()
            .sorted()
            .toList());
  }
}
