package io.seine.pipeline;

import io.seine.openflow.Ipv4;
import io.seine.openflow.Mac;

/** The addresses that are the same on every node, and the rule that gives each pod its MAC. */
public final class Addresses {
  /** The router that pods of other nodes are behind, as the gateway port and the tunnels see it. */
  public static final Mac ROUTER_MAC = Mac.parse("0a:5e:00:00:00:01");

  /**
   * The next hop of the host's routes into the pod network: a permanent neighbour on gw0 with
   * {@link #ROUTER_MAC}. Also the source of what the host sends to a service and gets back through
   * gw0, see {@link Table#SNAT}.
   */
  public static final Ipv4 ROUTER_ADDRESS = Ipv4.parse("169.254.0.253");

  private static final long POD_MAC_PREFIX = 0x0a58L << 32;

  private Addresses() {}

  /** The MAC of the pod or gateway port with this address: 0a:58 and the four bytes. */
  public static Mac macOf(Ipv4 address) {
    return new Mac(POD_MAC_PREFIX | address.toLong());
  }
}
