package io.seine.agent.netlink;

import io.seine.agent.netlink.NetlinkSocket.Request;
import io.seine.openflow.Ip;
import io.seine.openflow.Mac;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** {@link Netlink} over one socket. Its thread safety is the socket's. */
final class RtNetlink implements Netlink {
  private final NetlinkSocket socket;

  RtNetlink(NetlinkSocket socket) {
    this.socket = socket;
  }

  @Override
  public List<Link> links() throws NetlinkException {
    return Decoder.links(socket.query("list the devices", Requests::dumpLinks));
  }

  @Override
  public Optional<Link> link(String name) throws NetlinkException {
    try {
      return Decoder.links(socket.query("look up device " + name, () -> Requests.getLink(name)))
          .stream()
          .findFirst();
    } catch (NetlinkException e) {
      if (e.isNotFound()) {
        return Optional.empty();
      }
      throw e;
    }
  }

  @Override
  public void createVeth(VethPair pair, NetworkNamespace namespace) throws NetlinkException {
    String what =
        "create veth pair " + pair.hostName() + "/" + pair.podName() + " into " + namespace;
    execute(what, Requests.createVeth(pair, namespace.fd()));
    try {
      isolate(pair.hostName());
      execute("bring up device " + pair.hostName(), Requests.setUp(pair.hostName()));
    } catch (NetlinkException e) {
      try {
        deleteLink(pair.hostName());
      } catch (NetlinkException left) {
        e.addSuppressed(left);
      }
      throw e;
    }
  }

  /** With an address of its own the host's end would solicit routers and neighbours in the pod. */
  private void isolate(String name) throws NetlinkException {
    try {
      execute("keep IPv6 addresses off " + name, Requests.withoutIpv6Address(name));
    } catch (NetlinkException e) {
      if (e.errno() != Errno.EAFNOSUPPORT) {
        throw e;
      }
    }
  }

  @Override
  public boolean deleteLink(String name) throws NetlinkException {
    return unlessGone("delete device " + name, Requests.deleteLink(name));
  }

  @Override
  public void configureLink(int index, boolean up, int mtu, Optional<Mac> mac)
      throws NetlinkException {
    execute("configure device " + index, Requests.configureLink(index, up, mtu, mac));
  }

  @Override
  public List<InterfaceAddress> addresses(int linkIndex) throws NetlinkException {
    return addresses().stream()
        .filter(a -> a.linkIndex() == linkIndex)
        .map(LinkAddress::address)
        .toList();
  }

  @Override
  public List<LinkAddress> addresses() throws NetlinkException {
    List<Reply> replies = socket.query("list the addresses", Requests::dumpAddresses);
    return Decoder.addresses(replies);
  }

  @Override
  public void putAddress(int linkIndex, InterfaceAddress address) throws NetlinkException {
    socket.execute(List.of(put(linkIndex, address)));
  }

  @Override
  public boolean removeAddress(int linkIndex, InterfaceAddress address) throws NetlinkException {
    return unlessGone(
        "remove address " + address + " from device " + linkIndex,
        Requests.removeAddress(linkIndex, address));
  }

  @Override
  public List<Route> routes() throws NetlinkException {
    return Decoder.routes(socket.query("list the routes", Requests::dumpRoutes));
  }

  @Override
  public void putRoute(Route route) throws NetlinkException {
    socket.execute(List.of(put(route)));
  }

  @Override
  public boolean removeRoute(Route route) throws NetlinkException {
    return unlessGone(describe("remove", route), Requests.removeRoute(route));
  }

  @Override
  public List<Neighbour> neighbours(int linkIndex) throws NetlinkException {
    List<Reply> replies = socket.query("list the neighbours", Requests::dumpNeighbours);
    return Decoder.neighbours(replies).stream().filter(n -> n.linkIndex() == linkIndex).toList();
  }

  @Override
  public void putNeighbour(int linkIndex, Ip address, Mac mac) throws NetlinkException {
    socket.execute(List.of(put(linkIndex, address, mac)));
  }

  @Override
  public boolean removeNeighbour(int linkIndex, Ip address) throws NetlinkException {
    return unlessGone(
        "remove neighbour " + address + " from device " + linkIndex,
        Requests.removeNeighbour(linkIndex, address));
  }

  @Override
  public void bringUp(
      int linkIndex,
      List<InterfaceAddress> addresses,
      List<Neighbour> neighbours,
      List<Route> routes)
      throws NetlinkException {
    List<Request> requests = new ArrayList<>();
    requests.add(new Request("bring up device " + linkIndex, Requests.setUp(linkIndex)));
    for (InterfaceAddress address : addresses) {
      requests.add(put(linkIndex, address));
    }
    for (Neighbour neighbour : neighbours) {
      requests.add(put(linkIndex, neighbour.address(), neighbour.mac()));
    }
    for (Route route : routes) {
      requests.add(put(route));
    }
    socket.execute(requests);
  }

  private static Request put(int linkIndex, InterfaceAddress address) {
    return new Request(
        "add address " + address + " to device " + linkIndex,
        Requests.putAddress(linkIndex, address));
  }

  private static Request put(int linkIndex, Ip address, Mac mac) {
    return new Request(
        "set neighbour " + address + " at " + mac + " on device " + linkIndex,
        Requests.putNeighbour(linkIndex, address, mac));
  }

  private static Request put(Route route) {
    return new Request(describe("make", route), Requests.putRoute(route));
  }

  private void execute(String what, Message message) throws NetlinkException {
    socket.execute(List.of(new Request(what, message)));
  }

  private boolean unlessGone(String what, Message message) throws NetlinkException {
    try {
      execute(what, message);
      return true;
    } catch (NetlinkException e) {
      if (e.isNotFound()) {
        return false;
      }
      throw e;
    }
  }

  private static String describe(String verb, Route route) {
    return verb
        + " route to "
        + route.destination()
        + route.gateway().map(g -> " via " + g).orElse("")
        + " on device "
        + route.linkIndex();
  }

  @Override
  public void close() throws NetlinkException {
    socket.close();
  }
}
