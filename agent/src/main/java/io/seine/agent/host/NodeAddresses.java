package io.seine.agent.host;

import io.seine.agent.config.Networks;
import io.seine.agent.netlink.Link;
import io.seine.agent.netlink.Netlink;
import io.seine.openflow.Ip;
import io.seine.openflow.IpPrefix;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The node's own addresses: those of all its devices but loopback and link-local ones, and but
 * those of the pod network's own device.
 */
public final class NodeAddresses {
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

    /**
     * Those of these addresses that others can reach the node by.
     *
     * @param chosen node ports are served on addresses in one of these only; empty for all
     */
    public static Own of(Stream<Ip> onDevices, List<IpPrefix> chosen) {
      List<Ip> all = onDevices.filter(Networks::isUnicast).distinct().sorted().toList();
      return new Own(
          all,
          all.stream()
              .filter(a -> chosen.isEmpty() || chosen.stream().anyMatch(c -> c.contains(a)))
              .toList());
    }
  }

  /** Whether a device's addresses are the node's own. */
  public static boolean isOwn(String device, String gatewayPort) {
    return !device.equals(gatewayPort) && !device.equals(IPVS_DEVICE);
  }

  private final Netlink netlink;
  private final String gatewayPort;
  private final List<IpPrefix> chosen;

  /**
   * @param netlink the node's namespace; not closed here
   * @param gatewayPort whose addresses are pods' gateways, and not the node's
   * @param chosen node ports are served on addresses in one of these only; empty for all
   */
  public NodeAddresses(Netlink netlink, String gatewayPort, List<IpPrefix> chosen) {
    this.netlink = netlink;
    this.gatewayPort = gatewayPort;
    this.chosen = List.copyOf(chosen);
  }

  /** The addresses at the moment. */
  public Own read() throws IOException {
    Set<Integer> others =
        netlink.links().stream()
            .filter(link -> !isOwn(link.name(), gatewayPort))
            .map(Link::index)
            .collect(Collectors.toSet());
    return Own.of(
        netlink.addresses().stream()
            .filter(a -> !others.contains(a.linkIndex()))
            .map(a -> a.address().address()),
        chosen);
  }
}
