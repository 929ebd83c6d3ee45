package io.seine.agent.host;

import io.seine.agent.netlink.InterfaceAddress;
import io.seine.agent.netlink.Link;
import io.seine.agent.netlink.Neighbour;
import io.seine.agent.netlink.Netlink;
import io.seine.agent.netlink.Route;
import io.seine.openflow.IpPrefix;
import io.seine.openflow.Mac;
import io.seine.pipeline.Addresses;
import java.io.IOException;
import java.util.ArrayList;
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

  /**
   * @param netlink the node's namespace; not closed here
   * @param gatewayPort name of the internal port, {@code gw0}
   */
  public HostNetwork(Netlink netlink, String gatewayPort) {
    this.netlink = netlink;
    this.gatewayPort = gatewayPort;
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
    repairAddresses(link, facts, changes);
    repairNeighbour(link, changes);
    repairRoutes(link, facts, changes);
    return changes;
  }

  private void repairDevice(Link link, HostFacts facts, List<String> changes) throws IOException {
    Mac mac = Addresses.macOf(facts.gateway());
    boolean macDiffers = !link.mac().equals(Optional.of(mac));
    if (!link.up() || link.mtu() != facts.podMtu() || macDiffers) {
      netlink.configureLink(
          link.index(), true, facts.podMtu(), macDiffers ? Optional.of(mac) : Optional.empty());
      changes.add("%s set up with MTU %d and MAC %s".formatted(gatewayPort, facts.podMtu(), mac));
    }
  }

  private void repairAddresses(Link link, HostFacts facts, List<String> changes)
      throws IOException {
    InterfaceAddress wanted = new InterfaceAddress(facts.gateway(), facts.podCidr().length());
    List<InterfaceAddress> actual = netlink.addresses(link.index());
    if (!actual.contains(wanted)) {
      netlink.putAddress(link.index(), wanted);
      changes.add("address " + wanted + " added to " + gatewayPort);
    }
    for (InterfaceAddress address : actual) {
      if (!address.equals(wanted)) {
        netlink.removeAddress(link.index(), address);
        changes.add("address " + address + " removed from " + gatewayPort);
      }
    }
  }

  private void repairNeighbour(Link link, List<String> changes) throws IOException {
    Neighbour wanted =
        new Neighbour(link.index(), Addresses.ROUTER_ADDRESS, Addresses.ROUTER_MAC, true);
    if (!netlink.neighbours(link.index()).contains(wanted)) {
      netlink.putNeighbour(link.index(), wanted.address(), wanted.mac());
      changes.add("neighbour " + wanted.address() + " set to " + wanted.mac());
    }
  }

  private void repairRoutes(Link link, HostFacts facts, List<String> changes) throws IOException {
    Set<Route> wanted = new LinkedHashSet<>();
    List<IpPrefix> destinations = new ArrayList<>(facts.peerCidrs());
    destinations.addAll(facts.serviceCidrs());
    // What the node itself asks of a service whose endpoint is outside the pod network comes back
    // from the switch under this address, and its answer has to find the switch again.
    IpPrefix router = new IpPrefix(Addresses.ROUTER_ADDRESS, 32);
    wanted.add(
        Route.direct(router, link.index())
            .withSource(facts.gateway())
            .withProtocol(ROUTE_PROTOCOL));
    for (IpPrefix destination : destinations) {
      wanted.add(
          Route.via(destination, link.index(), Addresses.ROUTER_ADDRESS)
              .withOnlink()
              .withSource(facts.gateway())
              .withProtocol(ROUTE_PROTOCOL));
    }
    List<Route> ours =
        netlink.routes().stream().filter(r -> r.protocol() == ROUTE_PROTOCOL).toList();
    for (Route route : wanted) {
      if (!ours.contains(route)) {
        netlink.putRoute(route);
        changes.add("route to " + route.destination() + " made");
      }
    }
    Set<IpPrefix> kept = new LinkedHashSet<>(destinations);
    kept.add(router);
    for (Route route : ours) {
      // One to a wanted destination was replaced above, if it was not right.
      if (!kept.contains(route.destination())) {
        netlink.removeRoute(route);
        changes.add("route to " + route.destination() + " removed");
      }
    }
  }
}
