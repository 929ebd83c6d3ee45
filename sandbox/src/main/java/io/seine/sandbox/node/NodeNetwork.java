package io.seine.sandbox.node;

import io.seine.sandbox.netns.Namespace;
import io.seine.sandbox.process.Commands;
import io.seine.sandbox.process.Waiting;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * A node's place in the underlay. The cable ends in a bridge of the node's Open vSwitch, whose
 * internal port holds the node's address: the userspace datapath sends tunnel packets only through
 * bridges of its own.
 */
final class NodeNetwork {
  static final String BRIDGE = "br-underlay";
  private static final String UPLINK = "uplink";
  private static final String UPLINK_GROUP = "24034";
  private static final Duration DEVICE = Duration.ofSeconds(10);

  /**
   * The switch reads the cable by a packet socket, and the kernel sees the same packets: without
   * these rules it would answer a second time for every local address.
   */
  private static final String ISOLATE_UPLINK =
      """
      table inet seine_sandbox {
        chain isolate {
          type filter hook prerouting priority -400; policy accept;
          meta iifgroup %1$s drop
        }
      }
      table arp seine_sandbox {
        chain isolate {
          type filter hook input priority 0; policy accept;
          meta iifgroup %1$s drop
        }
      }
      """
          .formatted(UPLINK_GROUP);

  private final Namespace namespace;
  private final NodeOvs ovs;
  private final List<String> addresses;

  NodeNetwork(Namespace namespace, NodeOvs ovs, List<String> addresses) {
    this.namespace = namespace;
    this.ovs = ovs;
    this.addresses = List.copyOf(addresses);
  }

  /** Connects the node; Open vSwitch must be running. */
  void create(Underlay underlay, int number) {
    prepareIpv6();
    underlay.connect(namespace, UPLINK, "n" + number);
    namespace.option("ipv6/conf/" + UPLINK + "/disable_ipv6", "1");
    Commands.checkWith(Map.of(), ISOLATE_UPLINK, namespace.entering(List.of("nft", "-f", "-")));
    namespace.ip("link set " + UPLINK + " group " + UPLINK_GROUP + " up");
    namespace.option("ipv4/ip_forward", "1");
    ovs.vsctl(
        "--",
        "add-br",
        BRIDGE,
        "--",
        "set",
        "bridge",
        BRIDGE,
        "datapath_type=netdev",
        "--",
        "add-port",
        BRIDGE,
        UPLINK);
    configure();
  }

  /**
   * Gives the bridge's device its address and route; ovs-vswitchd makes the device anew at each
   * start.
   */
  void configure() {
    boolean there = Waiting.until(DEVICE, () -> namespace.hasDevice(BRIDGE));
    if (!there) {
      throw new IllegalStateException(
          "ovs-vswitchd made no device "
              + BRIDGE
              + " in "
              + namespace.name()
              + "; see its log in "
              + ovs.directory());
    }
    namespace.ip("link set " + BRIDGE + " up");
    for (String address : addresses) {
      namespace.ip(
          "addr replace %s dev %s".formatted(Underlay.onDevice(address), BRIDGE),
          "route replace default via " + Underlay.routerFor(address));
    }
  }

  /**
   * Before any device is made: addresses are used at once, without asking whether others have them,
   * and routes come from nobody but the administrator.
   */
  private void prepareIpv6() {
    for (String scope : List.of("all", "default")) {
      namespace.option("ipv6/conf/" + scope + "/accept_dad", "0");
      namespace.option("ipv6/conf/" + scope + "/accept_ra", "0");
    }
    if (addresses.stream().anyMatch(Cidr::isV6)) {
      namespace.option("ipv6/conf/all/forwarding", "1");
    }
  }
}
