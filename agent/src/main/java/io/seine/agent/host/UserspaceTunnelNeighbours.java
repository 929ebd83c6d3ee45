package io.seine.agent.host;

import io.seine.agent.netlink.InterfaceAddress;
import io.seine.agent.netlink.Link;
import io.seine.agent.netlink.Neighbour;
import io.seine.agent.netlink.Netlink;
import io.seine.agent.netlink.Route;
import io.seine.openflow.Family;
import io.seine.openflow.Ip;
import io.seine.openflow.IpPrefix;
import io.seine.openflow.Mac;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Comparator;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * {@link TunnelNeighbours} for the userspace datapath: lets the kernel find the next hop's Ethernet
 * address, through the underlay bridge's own port, and hands it to ovs-vswitchd.
 *
 * <p>The kernel is made to ask by a datagram to the discard port. The answer alone would do for
 * IPv4, since ovs-vswitchd learns from ARP that it delivers to the port, but when the kernel knows
 * the address already it does not ask, and a restarted ovs-vswitchd has forgotten it. Of neighbour
 * advertisements OVS 3.1 was seen not to learn all.
 */
public final class UserspaceTunnelNeighbours implements TunnelNeighbours {
  private static final int DISCARD = 9;
  private static final IpPrefix LINK_LOCAL = IpPrefix.parse("fe80::/10");
  private static final Duration LOOK_AGAIN = Duration.ofMillis(20);
  private static final Duration ASK_AGAIN = Duration.ofMillis(500);

  private final Netlink netlink;
  private final Unixctl vswitchd;
  private final Link underlay;
  private final Asker asker;

  /** Makes the kernel look for a neighbour. */
  interface Asker {
    void ask(Ip neighbour) throws IOException;
  }

  /**
   * @param netlink the node's namespace; not closed here
   * @param underlay the underlay bridge's own port, which has the node's address and the bridge's
   *     name
   */
  public UserspaceTunnelNeighbours(Netlink netlink, Unixctl vswitchd, Link underlay) {
    this(netlink, vswitchd, underlay, hop -> ask(hop, underlay.index()));
  }

  UserspaceTunnelNeighbours(Netlink netlink, Unixctl vswitchd, Link underlay, Asker asker) {
    this.netlink = netlink;
    this.vswitchd = vswitchd;
    this.underlay = underlay;
    this.asker = asker;
  }

  @Override
  public void prime(Ip peer, Duration timeout) throws IOException, InterruptedException {
    Ip hop = nextHop(peer);
    Mac mac = find(hop, peer, timeout);
    vswitchd.call("tnl/neigh/set", underlay.name(), hop.toString(), mac.toString());
  }

  private Mac find(Ip hop, Ip peer, Duration timeout) throws IOException, InterruptedException {
    long end = System.nanoTime() + timeout.toNanos();
    long askAt = System.nanoTime();
    while (true) {
      Optional<Mac> known =
          netlink.neighbours(underlay.index()).stream()
              .filter(n -> n.address().equals(hop))
              .map(Neighbour::mac)
              .findFirst();
      if (known.isPresent()) {
        return known.get();
      }
      long now = System.nanoTime();
      if (now - end >= 0) {
        throw new IOException(
            "node "
                + peer
                + " cannot be reached: "
                + hop
                + " does not answer on "
                + underlay.name());
      }
      if (now - askAt >= 0) {
        asker.ask(hop);
        askAt = now + ASK_AGAIN.toNanos();
      }
      TimeUnit.NANOSECONDS.sleep(LOOK_AGAIN.toNanos());
    }
  }

  private static void ask(Ip hop, int device) throws IOException {
    byte[] bytes = hop.value().toByteArray();
    // A router's link-local address, which IPv6 routes go by, means nothing without the device.
    InetAddress address =
        hop.family() == Family.IPV6 && LINK_LOCAL.contains(hop)
            ? Inet6Address.getByAddress(null, bytes, device)
            : InetAddress.getByAddress(bytes);
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.send(new DatagramPacket(new byte[1], 1, address, DISCARD));
    }
  }

  /** The gateway of the most specific route, or the peer itself where the underlay is one link. */
  private Ip nextHop(Ip peer) throws IOException {
    for (InterfaceAddress address : netlink.addresses(underlay.index())) {
      if (address.network().contains(peer)) {
        return peer;
      }
    }
    return netlink.routes().stream()
        .filter(r -> r.linkIndex() == underlay.index() && r.destination().contains(peer))
        .max(Comparator.comparingInt((Route r) -> r.destination().length()))
        .flatMap(Route::gateway)
        .orElse(peer);
  }
}
