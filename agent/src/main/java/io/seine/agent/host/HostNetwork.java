package io.seine.agent.host;

import io.seine.agent.netlink.InterfaceAddress;
import io.seine.agent.netlink.Link;
import io.seine.agent.netlink.Neighbour;
import io.seine.agent.netlink.Netlink;
import io.seine.agent.netlink.Route;
import io.seine.openflow.Family;
import io.seine.openflow.IpPrefix;
import io.seine.openflow.Mac;
import io.seine.pipeline.Addresses;
import io.seine.pipeline.LocalNode.Network;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The gateway port and the routes through it, compared with the kernel's and repaired.
 *
 * <p>Routes carry the protocol number {@value #ROUTE_PROTOCOL}: those with another number are not
 * Seine's and are never touched, those with it that are not wanted any more are removed. Not thread
 * safe: one thread owns it.
 */
public final class HostNetwork {
  /** Who made the route, as {@code ip route} shows it: a number that no routing daemon uses. */
  public static final int ROUTE_PROTOCOL = 83;

  private final Netlink netlink;
  private final String gatewayPort;
  private final Path noIpv6;

  /**
   * @param netlink the node's namespace; not closed here
   * @param gatewayPort name of the internal port, {@code gw0}
   */
  public HostNetwork(Netlink netlink, String gatewayPort) {
    this(netlink, gatewayPort, Path.of("/proc/sys"));
  }

  HostNetwork(Netlink netlink, String gatewayPort, Path settings) {
    this.netlink = netlink;
    this.gatewayPort = gatewayPort;
    this.noIpv6 = settings.resolve("net/ipv6/conf").resolve(gatewayPort).resolve("disable_ipv6");
  }

  /**
   * Makes the kernel's state the desired one.
   *
   * @return what had to be changed, one clause each; empty if all was right
   * @throws IOException if the gateway port is not there, or the kernel refused
   */
  public List<String> reconcile(HostFacts facts) throws IOException {
    List<String> changes = new ArrayList<>();
    Optional<Link> found = netlink.link(gatewayPort);
    if (found.isEmpty()) {
      throw new IOException(
          "the gateway port " + gatewayPort + " is not there: is ovs-vswitchd running?");
    }
    Link link = found.get();
    repairDevice(link, facts, changes);
    enableIpv6(facts, changes);
    repairAddresses(link, facts, changes);
    repairNeighbours(link, facts, changes);
    repairRoutes(link, facts, changes);
    return changes;
  }

  private void repairDevice(Link link, HostFacts facts, List<String> changes) throws IOException {
    Mac mac = Addresses.macOf(facts.networks().getFirst().gateway());
    boolean macDiffers = !link.mac().equals(Optional.of(mac));
    if (!link.up() || link.mtu() != facts.podMtu() || macDiffers) {
      netlink.configureLink(
          link.index(), true, facts.podMtu(), macDiffers ? Optional.of(mac) : Optional.empty());
      changes.add("%s set up with MTU %d and MAC %s".formatted(gatewayPort, facts.podMtu(), mac));
    }
  }

  /** Hosts that do without IPv6 themselves switch it off for devices to come. */
  private void enableIpv6(HostFacts facts, List<String> changes) throws IOException {
    boolean wanted = facts.networks().stream().anyMatch(n -> n.family() == Family.IPV6);
    if (wanted && Files.exists(noIpv6) && !Files.readString(noIpv6).strip().equals("0")) {
      Files.writeString(noIpv6, "0\n");
      changes.add("IPv6 enabled on " + gatewayPort);
    }
  }

  private void repairAddresses(Link link, HostFacts facts, List<String> changes)
      throws IOException {
    List<InterfaceAddress> wanted =
        facts.networks().stream().map(HostNetwork::gatewayAddress).toList();
    List<InterfaceAddress> actual = netlink.addresses(link.index());
    for (InterfaceAddress address : wanted) {
      if (!actual.contains(address)) {
        netlink.putAddress(link.index(), address);
        changes.add("address " + address + " added to " + gatewayPort);
      }
    }
    for (InterfaceAddress address : actual) {
      if (!wanted.contains(address)) {
        netlink.removeAddress(link.index(), address);
        changes.add("address " + address + " removed from " + gatewayPort);
      }
    }
  }

  /**
   * The gateway's address. IPv4 pods are neighbours on the gateway port, whose ARP requests the
   * switch answers; IPv6 pods are behind the router, since nothing but it has a neighbour entry.
   */
  private static InterfaceAddress gatewayAddress(Network network) {
    int length = network.family() == Family.IPV4 ? network.podCidr().length() : 128;
    return new InterfaceAddress(network.gateway(), length);
  }

  private void repairNeighbours(Link link, HostFacts facts, List<String> changes)
      throws IOException {
    List<Neighbour> actual = netlink.neighbours(link.index());
    for (Network network : facts.networks()) {
      Neighbour wanted =
          new Neighbour(
              link.index(), Addresses.router(network.family()), Addresses.ROUTER_MAC, true);
      if (!actual.contains(wanted)) {
        netlink.putNeighbour(link.index(), wanted.address(), wanted.mac());
        changes.add("neighbour " + wanted.address() + " set to " + wanted.mac());
      }
    }
  }

  private void repairRoutes(Link link, HostFacts facts, List<String> changes) throws IOException {
    Set<Route> wanted = new LinkedHashSet<>();
    for (Network network : facts.networks()) {
      wanted.addAll(routes(link, network, facts));
    }
    List<Route> ours =
        netlink.routes().stream().filter(r -> r.protocol() == ROUTE_PROTOCOL).toList();
    for (Route route : wanted) {
      if (!ours.contains(route)) {
        netlink.putRoute(route);
        changes.add("route to " + route.destination() + " made");
      }
    }
    Set<IpPrefix> kept = new HashSet<>();
    wanted.forEach(route -> kept.add(route.destination()));
    for (Route route : ours) {
      // One to a wanted destination was replaced above, if it was not right.
      if (!kept.contains(route.destination())) {
        netlink.removeRoute(route);
        changes.add("route to " + route.destination() + " removed");
      }
    }
  }

  /** The routes of one family, the one to the router first: the others need it. */
  private static List<Route> routes(Link link, Network network, HostFacts facts) {
    Family family = network.family();
    // What the node itself asks of a service whose endpoint is outside the pod network comes back
    // from the switch under the router's address, and its answer has to find the switch again.
    List<Route> routes = new ArrayList<>();
    routes.add(Route.direct(IpPrefix.only(Addresses.router(family)), link.index()));
    List<IpPrefix> destinations = new ArrayList<>(HostFacts.of(family, facts.peerCidrs()));
    destinations.addAll(HostFacts.of(family, facts.serviceCidrs()));
    destinations.add(IpPrefix.only(Addresses.nodePort(family)));
    destinations.add(Addresses.standIns(family));
    if (family == Family.IPV6) {
      destinations.add(network.podCidr());
    }
    for (IpPrefix destination : destinations) {
      routes.add(Route.via(destination, link.index(), Addresses.router(family)).withOnlink());
    }
    return routes.stream()
        .map(r -> r.withSource(network.gateway()).withProtocol(ROUTE_PROTOCOL))
        .toList();
  }
}
