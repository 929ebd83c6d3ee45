package io.seine.sandbox.node;

import io.seine.sandbox.netns.Namespace;
import io.seine.sandbox.process.Commands;

/**
 * The network the nodes stand in: a namespace with a Linux bridge, which is also the nodes' router
 * and, at {@link #OUTSIDE}, a host outside the cluster. It knows no route to any pod, so that only
 * traffic with a node's source address is ever answered.
 */
public final class Underlay {
  /** The prefix length of the node network. */
  public static final int PREFIX = 24;

  /** The router's own address in the node network. */
  public static final String ROUTER = "172.31.200.1";

  /** A host that is neither node nor pod. */
  public static final String OUTSIDE = "203.0.113.10";

  private static final String BRIDGE = "lan0";
  private final Namespace namespace;

  private Underlay(Namespace namespace) {
    this.namespace = namespace;
  }

  public static Underlay create(Layout layout) {
    Namespace namespace = Namespace.create(layout.lanNamespace());
    namespace.ip(
        "link add " + BRIDGE + " type bridge forward_delay 0 mcast_snooping 0",
        "addr add " + ROUTER + "/" + PREFIX + " dev " + BRIDGE,
        "addr add " + OUTSIDE + "/32 dev " + BRIDGE,
        "link set " + BRIDGE + " up");
    return new Underlay(namespace);
  }

  public Namespace namespace() {
    return namespace;
  }

  /** The address of the node with this number, counted from 1. */
  public static String nodeAddress(int number) {
    return "172.31.200." + (10 + number);
  }

  /**
   * Lays a cable to a node. Checksum offload is off at this end: what Open vSwitch's userspace
   * datapath reads from the far end must carry finished checksums and no more than one packet.
   */
  void connect(Namespace node, String device, int number) {
    String here = "n" + number;
    namespace.ip(
        "link add %s type veth peer name %s netns %s".formatted(here, device, node.name()),
        "link set %s master %s up".formatted(here, BRIDGE));
    for (String name : new String[] {here, BRIDGE}) {
      Commands.check(
          namespace.entering(
              java.util.List.of(
                  "ethtool", "-K", name, "tx", "off", "tso", "off", "gso", "off", "gro", "off")));
    }
  }
}
