package io.seine.agent.cni;

import io.seine.agent.netlink.Errno;
import io.seine.agent.netlink.InterfaceAddress;
import io.seine.agent.netlink.Link;
import io.seine.agent.netlink.Neighbour;
import io.seine.agent.netlink.Netlink;
import io.seine.agent.netlink.NetlinkException;
import io.seine.agent.netlink.NetworkNamespace;
import io.seine.agent.netlink.Route;
import io.seine.agent.netlink.VethPair;
import io.seine.openflow.Family;
import io.seine.openflow.IpPrefix;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * {@link PodLinks} by netlink. Pairs are known again by the device group of the host's end, which
 * the kernel sets in the same step that makes the pair, so that there is no moment in which a crash
 * would leave one unmarked.
 */
public final class NetlinkPodLinks implements PodLinks {
  /** The device group of the host ends of pods, by which the packet filter knows them too. */
  public static final int DEVICE_GROUP = 24033;

  private static final IpPrefix EVERYWHERE = IpPrefix.parse("0.0.0.0/0");
  private static final IpPrefix EVERYWHERE_6 = IpPrefix.parse("::/0");

  /** Opens sockets in the node's own namespace. */
  public interface Sockets {
    Netlink open() throws NetlinkException;
  }

  private final Netlink host;
  private final Sockets sockets;
  private final boolean completeChecksums;

  /**
   * @param host the node's own namespace; not closed here
   * @param sockets more of the same
   * @param completeChecksums whether pods must send packets with checksums filled in, as the
   *     userspace datapath needs
   */
  public NetlinkPodLinks(Netlink host, Sockets sockets, boolean completeChecksums) {
    this.host = host;
    this.sockets = sockets;
    this.completeChecksums = completeChecksums;
  }

  @Override
  public void create(PodPort port, PodSide side) throws IOException {
    try (NetworkNamespace namespace = NetworkNamespace.open(Path.of(port.netns()))) {
      String name = port.attachment().ifname();
      host.createVeth(
          new VethPair(port.portName(), name, port.mac(), port.mtu(), DEVICE_GROUP), namespace);
      try {
        configure(namespace, port, side);
      } catch (NetlinkException e) {
        try {
          host.deleteLink(port.portName());
        } catch (NetlinkException left) {
          e.addSuppressed(left);
        }
        throw e;
      }
    }
  }

  @Override
  public void configure(PodPort port, PodSide side) throws IOException {
    try (NetworkNamespace namespace = NetworkNamespace.open(Path.of(port.netns()))) {
      configure(namespace, port, side);
    }
  }

  private void configure(NetworkNamespace namespace, PodPort port, PodSide side)
      throws NetlinkException {
    String name = port.attachment().ifname();
    Optional<Link> link = namespace.netlink().link(name);
    if (link.isEmpty()) {
      throw new NetlinkException("find interface " + name + " in " + namespace, 19, "");
    }
    if (completeChecksums) {
      namespace.disableTxChecksum(name);
    }
    int index = link.get().index();
    try {
      bringUp(namespace, index, side);
    } catch (NetlinkException e) {
      boolean ipv6 = side.addresses().stream().anyMatch(a -> a.family() == Family.IPV6);
      if (e.errno() != Errno.EACCES || !ipv6) {
        throw e;
      }
      // Runtimes switch IPv6 off in the namespaces they make, for networks that do not have it.
      namespace.enableIpv6(name);
      bringUp(namespace, index, side);
    }
  }

  private static void bringUp(NetworkNamespace namespace, int index, PodSide side)
      throws NetlinkException {
    List<Neighbour> neighbours = new ArrayList<>();
    List<Route> routes = new ArrayList<>();
    for (PodAddress address : side.addresses()) {
      if (address.family() == Family.IPV4) {
        routes.add(Route.via(EVERYWHERE, index, address.gateway()));
      } else {
        neighbours.add(new Neighbour(index, address.gateway(), side.gatewayMac(), true));
        routes.add(Route.via(EVERYWHERE_6, index, address.gateway()).withOnlink());
      }
    }
    List<InterfaceAddress> addresses =
        side.addresses().stream().map(PodAddress::onInterface).toList();
    namespace.netlink().bringUp(index, addresses, neighbours, routes);
  }

  @Override
  public Optional<Found> inspect(String netns, String ifname) throws IOException {
    try (NetworkNamespace namespace = NetworkNamespace.open(Path.of(netns))) {
      Netlink netlink = namespace.netlink();
      Optional<Link> link = netlink.link(ifname);
      if (link.isEmpty()) {
        return Optional.empty();
      }
      Link device = link.get();
      List<InterfaceAddress> addresses = netlink.addresses(device.index());
      List<Route> routes = new ArrayList<>(netlink.routes());
      routes.removeIf(r -> r.linkIndex() != device.index());
      return Optional.of(
          new Found(device.mac(), device.mtu(), device.up(), addresses, List.copyOf(routes)));
    } catch (NetlinkException e) {
      if (e.isNotFound()) {
        return Optional.empty();
      }
      throw e;
    }
  }

  @Override
  public boolean exists(String portName) throws IOException {
    return host.link(portName).filter(NetlinkPodLinks::isOurs).isPresent();
  }

  /**
   * The kernel holds the call until no packet can be on its way through the device any more, some
   * ten milliseconds, but may remove several at a time: each removal has a socket and a thread of
   * its own, and it is no virtual thread, whose carrier would be held as well.
   */
  @Override
  public boolean delete(String portName) throws IOException {
    if (!exists(portName)) {
      return false;
    }
    FutureTask<Boolean> removal =
        new FutureTask<>(() -> {
          try (Netlink own = sockets.open()) {
            return own.deleteLink(portName);
          }
        });
    Thread.ofPlatform().daemon().name("remove " + portName).start(removal);
    try {
      return removal.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while " + portName + " was removed");
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException failure) {
        throw failure;
      }
      throw new IllegalStateException("cannot remove " + portName, e.getCause());
    }
  }

  @Override
  public Set<String> all() throws IOException {
    Set<String> names = new HashSet<>();
    for (Link link : host.links()) {
      if (isOurs(link)) {
        names.add(link.name());
      }
    }
    return names;
  }

  private static boolean isOurs(Link link) {
    return link.group() == DEVICE_GROUP && link.kind().equals(Optional.of("veth"));
  }
}
