package io.seine.sandbox.node;

import io.seine.sandbox.netns.Namespace;
import io.seine.sandbox.process.Commands;
import java.util.List;

/**
 * The network the nodes stand in: a namespace with a Linux bridge, which is also the nodes' router
 * and, at {@link #OUTSIDE}, a host outside the cluster. It knows no route to any pod, so that only
 * traffic with a node's source address is ever answered.
 */
public final class Underlay {
  /** The prefix length of the node network. */
  public static final int PREFIX = 24;

  /** The prefix length of the node network of IPv6. */
  public static final int PREFIX_V6 = 64;

  /** The router's own address in the node network. */
  public static final String ROUTER = "172.31.200.1";

  /** The router's own address in the node network of IPv6. */
  public static final String ROUTER_V6 = "fd00:31:200::1";

  /** A host that is neither node nor pod. */
  public static final String OUTSIDE = "203.0.113.10";

  /** The same host's IPv6 address. */
  public static final String OUTSIDE_V6 = "2001:db8:113::10";

  private static final String BRIDGE = "lan0";
  private static final String NETWORK = "172.31.200.";
  private static final String NETWORK_V6 = "fd00:31:200::";
  private final Namespace namespace;

  private Underlay(Namespace namespace) {
    this.namespace = namespace;
  }

  public static Underlay create(Layout layout) {
    Namespace namespace = Namespace.create(layout.lanNamespace());
    namespace.ip(
        "link add " + BRIDGE + " type bridge forward_delay 0 mcast_snooping 0",
        "link set " + BRIDGE + " up");
    for (String address : List.of(ROUTER, ROUTER_V6)) {
      namespace.ip("addr add " + onDevice(address) + " dev " + BRIDGE);
    }
    namespace.ip(
        "addr add " + OUTSIDE + "/32 dev " + BRIDGE,
        "addr add " + OUTSIDE_V6 + "/128 dev " + BRIDGE + " nodad");
    return new Underlay(namespace);
  }

  /** The underlay of a sandbox that is up. */
  public static Underlay of(Layout layout) {
    return new Underlay(new Namespace(layout.lanNamespace()));
  }

  public Namespace namespace() {
    return namespace;
  }

  /** The address of the node with this number, counted from 1. */
  public static String nodeAddress(int number, boolean v6) {
    return address(10 + number, v6);
  }

  /**
   * An address of the node network; its last digits are the number in either family.
   *
   * @param number 2 to 254
   */
  public static String address(int number, boolean v6) {
    return (v6 ? NETWORK_V6 : NETWORK) + number;
  }

  /** The router that a host with this address uses. */
  static String routerFor(String address) {
    return Cidr.isV6(address) ? ROUTER_V6 : ROUTER;
  }

  /** How `ip addr` is told of an address in the node network. */
  static String onDevice(String address) {
    return Cidr.isV6(address) ? address + "/" + PREFIX_V6 + " nodad" : address + "/" + PREFIX;
  }

  /**
   * Lays a cable to a namespace. Checksum offload is off at this end: what Open vSwitch's userspace
   * datapath reads from the far end must carry finished checksums and no more than one packet.
   *
   * @param device the far end's name
   * @param here this end's name
   */
  void connect(Namespace other, String device, String here) {
    namespace.ip(
        "link add %s type veth peer name %s netns %s".formatted(here, device, other.name()),
        "link set %s master %s up".formatted(here, BRIDGE));
    withoutOffload(namespace, here);
    withoutOffload(namespace, BRIDGE);
  }

  static void withoutOffload(Namespace namespace, String device) {
    Commands.check(
        namespace.entering(
            List.of(
                "ethtool", "-K", device, "tx", "off", "tso", "off", "gso", "off", "gro", "off")));
  }
}
