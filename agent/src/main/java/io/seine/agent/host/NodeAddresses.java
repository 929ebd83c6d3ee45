package io.seine.agent.host;

import io.seine.agent.netlink.Link;
import io.seine.agent.netlink.Netlink;
import io.seine.agent.netlink.Netlink.LinkAddress;
import io.seine.openflow.Family;
import io.seine.openflow.Ip;
import io.seine.openflow.IpPrefix;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The node's own addresses that node ports are served on: those of all its devices but loopback and
 * link-local ones, and but those of the pod network's own device.
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

  private final Netlink netlink;
  private final Set<String> passedOver;
  private final List<IpPrefix> chosen;

  /**
   * @param netlink the node's namespace; not closed here
   * @param gatewayPort whose addresses are pods' gateways, and not the node's
   * @param chosen only addresses in one of these; empty for all
   */
  public NodeAddresses(Netlink netlink, String gatewayPort, List<IpPrefix> chosen) {
    this.netlink = netlink;
    this.passedOver = Set.of(gatewayPort, IPVS_DEVICE);
    this.chosen = List.copyOf(chosen);
  }

  /** The addresses at the moment, each once, sorted. */
  public List<Ip> read() throws IOException {
    Set<Integer> others =
        netlink.links().stream()
            .filter(link -> passedOver.contains(link.name()))
            .map(Link::index)
            .collect(Collectors.toSet());
    return netlink.addresses().stream()
        .filter(a -> !others.contains(a.linkIndex()))
        .map(LinkAddress::address)
        .map(a -> a.address())
        .filter(this::serves)
        .distinct()
        .sorted()
        .toList();
  }

  /** Whether node ports would be served on such an address, if the node had it. */
  boolean serves(Ip address) {
    return NEVER.stream().noneMatch(block -> block.contains(address))
        && !isUnspecified(address)
        && (chosen.isEmpty() || chosen.stream().anyMatch(block -> block.contains(address)));
  }

  private static boolean isUnspecified(Ip address) {
    return address.equals(Ip.parse(address.family() == Family.IPV4 ? "0.0.0.0" : "::"));
  }
}
