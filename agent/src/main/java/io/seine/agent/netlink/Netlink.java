package io.seine.agent.netlink;

import io.seine.openflow.Ip;
import io.seine.openflow.Mac;
import java.util.List;
import java.util.Optional;

/**
 * Links, addresses, routes and neighbours of one network namespace. Any thread may call; calls
 * block for the kernel's work, typically well under a millisecond.
 */
public interface Netlink extends AutoCloseable {
  /** Opens the namespace of the calling thread. */
  static Netlink open() throws NetlinkException {
    return new RtNetlink(NetlinkSocket.open());
  }

  List<Link> links() throws NetlinkException;

  /** The device of that name, or empty if there is none. */
  Optional<Link> link(String name) throws NetlinkException;

  /**
   * Creates the pair, the pod's end inside {@code namespace}; the host's end comes up, without an
   * IPv6 address.
   *
   * @throws NetlinkException {@code EEXIST} if either name is taken; nothing was made then
   */
  void createVeth(VethPair pair, NetworkNamespace namespace) throws NetlinkException;

  /** Removes a device, and with a veth its peer; whether it was there. */
  boolean deleteLink(String name) throws NetlinkException;

  /** Sets what is given of a device; an empty MAC is left alone. */
  void configureLink(int index, boolean up, int mtu, Optional<Mac> mac) throws NetlinkException;

  /** The addresses of a device, but for link-local IPv6 ones, which the kernel makes itself. */
  List<InterfaceAddress> addresses(int linkIndex) throws NetlinkException;

  /** The addresses of every device in the namespace, link-local IPv6 ones left out as above. */
  List<LinkAddress> addresses() throws NetlinkException;

  /**
   * Adds the address, or leaves it as it is if it is there. An IPv6 address can be used at once: it
   * is not asked whether another host has it.
   *
   * @throws NetlinkException {@code EACCES} for an IPv6 address where the device has IPv6 disabled
   */
  void putAddress(int linkIndex, InterfaceAddress address) throws NetlinkException;

  /** Removes the address; whether it was there. */
  boolean removeAddress(int linkIndex, InterfaceAddress address) throws NetlinkException;

  /** The unicast routes of the main table, of both families. */
  List<Route> routes() throws NetlinkException;

  /** Makes the route, replacing another to the same destination, for IPv6 of the same metric. */
  void putRoute(Route route) throws NetlinkException;

  /** Removes the route; whether it was there. */
  boolean removeRoute(Route route) throws NetlinkException;

  /** The neighbours of a device, of both families, that have an Ethernet address. */
  List<Neighbour> neighbours(int linkIndex) throws NetlinkException;

  /** Makes a permanent entry, replacing what is there. */
  void putNeighbour(int linkIndex, Ip address, Mac mac) throws NetlinkException;

  /** Removes an entry; whether it was there. */
  boolean removeNeighbour(int linkIndex, Ip address) throws NetlinkException;

  /**
   * Brings a device up with addresses, permanent neighbours and routes, in one exchange with the
   * kernel. What is there already is kept or replaced, so it may be repeated.
   *
   * @throws NetlinkException the first refusal, the rest being done; {@code EACCES} for an IPv6
   *     address where the device has IPv6 disabled
   */
  void bringUp(
      int linkIndex,
      List<InterfaceAddress> addresses,
      List<Neighbour> neighbours,
      List<Route> routes)
      throws NetlinkException;

  @Override
  void close() throws NetlinkException;

  /** An address and the device that has it. */
  record LinkAddress(int linkIndex, InterfaceAddress address) {}
}
