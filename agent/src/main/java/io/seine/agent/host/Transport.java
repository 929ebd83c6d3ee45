package io.seine.agent.host;

import io.seine.agent.netlink.Link;
import io.seine.agent.netlink.Netlink;
import io.seine.agent.netlink.Netlink.LinkAddress;
import io.seine.openflow.Ip;
import java.io.IOException;
import java.util.Optional;

/**
 * The device that the tunnels run over, and what it leaves for pods.
 *
 * @param device that has the node's address; with a userspace switch the underlay bridge's own port
 */
public record Transport(Link device) {
  /** Outer Ethernet (14), IPv4 (20), UDP (8) and Geneve or VXLAN (8) header, less nothing. */
  public static final int TUNNEL_OVERHEAD = 50;

  /** An outer IPv6 header is this much longer. */
  public static final int IPV6_EXTRA = 20;

  /** More than any tunnel needs; a loopback underlay claims 65536. */
  public static final int LARGEST_POD_MTU = 65000;

  /** IPv6 cannot work below this (RFC 8200, section 5). */
  public static final int SMALLEST_POD_MTU = 1280;

  /**
   * Finds the device by the node's address.
   *
   * @throws IOException if no device has it
   */
  public static Transport find(Netlink netlink, Ip nodeAddress) throws IOException {
    for (LinkAddress candidate : netlink.addresses()) {
      if (candidate.address().address().equals(nodeAddress)) {
        Optional<Link> link =
            netlink.links().stream().filter(l -> l.index() == candidate.linkIndex()).findFirst();
        if (link.isPresent()) {
          return new Transport(link.get());
        }
      }
    }
    throw new IOException(
        "no device of this node has the address "
            + nodeAddress
            + " that its Node object names: correct the node's InternalIP or the device");
  }

  /**
   * The MTU for pods: what the device can carry less the tunnel's headers.
   *
   * @param overIpv6 whether nodes reach each other by IPv6
   * @throws IOException if that is too little for pods to work
   */
  public int podMtu(boolean overIpv6) throws IOException {
    int mtu = device.mtu() - TUNNEL_OVERHEAD - (overIpv6 ? IPV6_EXTRA : 0);
    if (mtu < SMALLEST_POD_MTU) {
      throw new IOException(
          "device %s has an MTU of %d, which leaves %d for pods: at least %d is needed"
              .formatted(device.name(), device.mtu(), mtu, SMALLEST_POD_MTU));
    }
    return Math.min(mtu, LARGEST_POD_MTU);
  }
}
