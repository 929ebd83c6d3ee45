package io.seine.agent.node;

import io.seine.agent.config.AgentConfig;
import io.seine.agent.config.Networks;
import io.seine.agent.kube.NodeInfo;
import io.seine.openflow.Ip;
import io.seine.openflow.IpPrefix;
import io.seine.pipeline.LocalNode;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;

/**
 * Which of a node's own addresses serve node ports.
 *
 * <p>Without the option, those of the Node object, as kube-proxy's nftables mode takes the node's
 * primary addresses ({@code --nodeport-addresses primary}), and external ones with them: a cloud
 * that translates them hands over the internal one in any case. With it, all addresses of the
 * node's devices in the networks named.
 */
public final class OwnAddresses {
  private OwnAddresses() {}

  /**
   * The node with its addresses, sorted.
   *
   * @param onDevices all addresses that the node's devices have; those of its pod network are left
   *     out
   */
  public static LocalNode of(
      LocalNode self, NodeInfo node, AgentConfig config, Collection<Ip> onDevices) {
    List<IpPrefix> chosen =
        config.nodePortAddresses().stream().flatMap(t -> Networks.network(t).stream()).toList();
    Stream<Ip> addresses =
        chosen.isEmpty()
            ? Stream.concat(node.internalAddresses().stream(), node.externalAddresses().stream())
                .flatMap(t -> Networks.ip(t).stream())
            : onDevices.stream().filter(a -> chosen.stream().anyMatch(c -> c.contains(a)));
    return self.withAddresses(
        addresses
            .filter(Networks::isUnicast)
            .filter(a -> self.networks().stream().noneMatch(n -> n.podCidr().contains(a)))
            .distinct()
            .sorted()
            .toList());
  }
}
