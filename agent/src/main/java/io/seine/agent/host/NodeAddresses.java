package io.seine.agent.host;

import io.seine.agent.netlink.Link;
import io.seine.agent.netlink.Netlink;
import io.seine.openflow.Family;
import io.seine.openflow.Ip;
import io.seine.openflow.IpPrefix;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The node's own addresses: those of all its devices but loopback and link-local ones, and but those
 * of the pod network's own device.
 */
public final class NodeAddresses {
  private static final List<IpPrefix> NEVER =
      List.of(
          IpPrefix.parse("127.0.0.0/8"),
          IpPrefix.parse("169.254.0.0/16"),
          IpPrefix.parse("::1/128"),
          IpPrefix.parse("fe80::/10"));

  /** kube-proxy in its ipvs mode binds service addresses there, and leaves them behind. */
  private static final String IPVS_DEVICE = "kube-ipvs0";

  /**
   * The addresses at one moment, each once, sorted.
   *
   * @param all of them
   * @param nodePorts those that node ports are served on
   */
  public record Own(List<Ip> all, List<Ip> nodePorts) {
    public Own {
      all = List.copyOf(all);
      nodePorts = List.copyOf(nodePorts);
    }
  }

  private final Netlink netlink;
  private final Set<String> passedOver;
  private final List<IpPrefix> chosen;

  /**
   * @param netlink the node's namespace; not closed here
   * @param gatewayPort whose addresses are pods' gateways, and not the node's
   * @param chosen node ports are served on addresses in one of these only; empty for all
   */
  public NodeAddresses(Netlink netlink, String gatewayPort, List<IpPrefix> chosen) {
    this.netlink = netlink;
    this.passedOver = Set.of(gatewayPort, IPVS_DEVICE);
    this.chosen = List.copyOf(chosen);
  }

  /** The addresses at the moment. */
  public Own read() throws IOException {
    Set<Integer> others =
        netlink.links().stream()
            .filter(link -> passedOver.contains(link.name()))
            .map(Link::index)
            .collect(Collectors.toSet());
    List<Ip> all =
        netlink.addresses().stream()
            .filter(a -> !others.contains(a.linkIndex()))
            .map(a -> a.address().address())
            .filter(NodeAddresses::isReachable)
            .distinct()
            .sorted()
            .toList();
    return new Own(all, all.stream().filter(this::isChosen).toList());
  }

  private boolean isChosen(Ip address) {
    return chosen.isEmpty() || chosen.stream().anyMatch(block -> block.contains(address));
  }

  private static boolean isReachable(Ip address) {
    return NEVER.stream().noneMatch(block -> block.contains(address)) && !isUnspecified(address);
  }

  private static boolean isUnspecified(Ip address) {
    return address.equals(Ip.parse(address.family() == Family.IPV4 ? "0.0.0.0" : "::"));
  }
}
