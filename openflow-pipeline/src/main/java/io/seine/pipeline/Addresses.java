package io.seine.pipeline;

import io.seine.openflow.Bits;
import io.seine.openflow.Family;
import io.seine.openflow.Ip;
import io.seine.openflow.IpPrefix;
import io.seine.openflow.Mac;

/** The addresses that are the same on every node, and the rule that gives each pod its MAC. */
public final class Addresses {
  /** The router that pods of other nodes are behind, as the gateway port and the tunnels see it. */
  public static final Mac ROUTER_MAC = Mac.parse("0a:5e:00:00:00:01");

  /** The IPv4 {@link #router}. */
  public static final Ip ROUTER_ADDRESS = Ip.parse("169.254.0.253");

  private static final Ip ROUTER_ADDRESS_6 = Ip.parse("fd00:5e1e::fd");
  private static final Ip NODE_PORT = Ip.parse("169.254.0.252");
  private static final Ip NODE_PORT_6 = Ip.parse("fd00:5e1e::fc");
  private static final IpPrefix STAND_INS = IpPrefix.parse("169.254.64.0/18");
  private static final IpPrefix STAND_INS_6 = IpPrefix.parse("fd00:5e1e:1::/64");
  private static final long POD_MAC_PREFIX = 0x0a58L << 32;

  private Addresses() {}

  /**
   * The next hop of the host's routes into the pod network: a permanent neighbour on gw0 with
   * {@link #ROUTER_MAC}. Also the source of what the host sends to a service and gets back through
   * gw0, see {@link Table#SNAT}.
   */
  public static Ip router(Family family) {
    return family == Family.IPV4 ? ROUTER_ADDRESS : ROUTER_ADDRESS_6;
  }

  /**
   * What the host's packet filter puts in the place of the node's own address in packets to node
   * ports, before they come to the switch through gw0.
   */
  public static Ip nodePort(Family family) {
    return family == Family.IPV4 ? NODE_PORT : NODE_PORT_6;
  }

  /**
   * Where the stand-ins of external addresses come from: what the host's packet filter puts in the
   * place of the external IPs and load balancer addresses of services. They never leave the node.
   * The block keeps clear of what clouds and node-local DNS use of link-local addresses:
   * 169.254.169.254 above all, 169.254.170.0/24, 169.254.20.10, 169.254.0.2.
   */
  public static IpPrefix standIns(Family family) {
    return family == Family.IPV4 ? STAND_INS : STAND_INS_6;
  }

  /** The MAC of the pod or gateway port with this primary address: 0a:58 and its last 4 bytes. */
  public static Mac macOf(Ip address) {
    Bits value = address.value();
    return new Mac(POD_MAC_PREFIX | Bits.of(value.toByteArray(), value.size() - 4, 4).toLong());
  }
}
