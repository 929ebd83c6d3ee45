package io.seine.agent.netlink;

import io.seine.openflow.Family;
import io.seine.openflow.Ip;
import io.seine.openflow.Mac;
import java.util.Optional;

/** The rtnetlink requests, as values; rtnetlink(7), and veth.c for the peer's attributes. */
final class Requests {
  private Requests() {}

  static Message dumpLinks() {
    return link(Rtnl.RTM_GETLINK, Rtnl.NLM_F_DUMP, 0, 0, 0);
  }

  static Message getLink(String name) {
    return link(Rtnl.RTM_GETLINK, 0, 0, 0, 0).attributeString(Rtnl.IFLA_IFNAME, name);
  }

  static Message createVeth(VethPair pair, int namespaceFd) {
    int flags = Rtnl.NLM_F_ACK | Rtnl.NLM_F_CREATE | Rtnl.NLM_F_EXCL;
    return link(Rtnl.RTM_NEWLINK, flags, 0, 0, 0)
        .attributeString(Rtnl.IFLA_IFNAME, pair.hostName())
        .attributeU32(Rtnl.IFLA_MTU, pair.mtu())
        .attributeU32(Rtnl.IFLA_GROUP, pair.group())
        .nest(
            Rtnl.IFLA_LINKINFO,
            info ->
                info.attributeString(Rtnl.IFLA_INFO_KIND, "veth")
                    .nest(
                        Rtnl.IFLA_INFO_DATA,
                        data ->
                            data.nest(Rtnl.VETH_INFO_PEER, peer -> peer(peer, pair, namespaceFd))));
  }

  private static void peer(Message peer, VethPair pair, int namespaceFd) {
    ifinfomsg(peer, 0, 0, 0)
        .attributeString(Rtnl.IFLA_IFNAME, pair.podName())
        .attribute(Rtnl.IFLA_ADDRESS, pair.podMac().toByteArray())
        .attributeU32(Rtnl.IFLA_MTU, pair.mtu())
        .attributeU32(Rtnl.IFLA_NET_NS_FD, namespaceFd);
  }

  static Message deleteLink(String name) {
    return link(Rtnl.RTM_DELLINK, Rtnl.NLM_F_ACK, 0, 0, 0).attributeString(Rtnl.IFLA_IFNAME, name);
  }

  static Message setUp(int index) {
    return link(Rtnl.RTM_NEWLINK, Rtnl.NLM_F_ACK, index, Rtnl.IFF_UP, Rtnl.IFF_UP);
  }

  static Message setUp(String name) {
    return link(Rtnl.RTM_NEWLINK, Rtnl.NLM_F_ACK, 0, Rtnl.IFF_UP, Rtnl.IFF_UP)
        .attributeString(Rtnl.IFLA_IFNAME, name);
  }

  /** The kernel gives the device no IPv6 address by itself when it comes up. */
  static Message withoutIpv6Address(String name) {
    byte[] none = {Rtnl.IN6_ADDR_GEN_MODE_NONE};
    return link(Rtnl.RTM_NEWLINK, Rtnl.NLM_F_ACK, 0, 0, 0)
        .attributeString(Rtnl.IFLA_IFNAME, name)
        .nest(
            Rtnl.IFLA_AF_SPEC,
            families ->
                families.nest(
                    Rtnl.AF_INET6, inet6 -> inet6.attribute(Rtnl.IFLA_INET6_ADDR_GEN_MODE, none)));
  }

  static Message configureLink(int index, boolean up, int mtu, Optional<Mac> mac) {
    Message message =
        link(Rtnl.RTM_NEWLINK, Rtnl.NLM_F_ACK, index, up ? Rtnl.IFF_UP : 0, Rtnl.IFF_UP)
            .attributeU32(Rtnl.IFLA_MTU, mtu);
    mac.ifPresent(m -> message.attribute(Rtnl.IFLA_ADDRESS, m.toByteArray()));
    return message;
  }

  static Message dumpAddresses() {
    return address(Rtnl.RTM_GETADDR, Rtnl.NLM_F_DUMP, Rtnl.AF_UNSPEC, 0, 0, 0);
  }

  static Message putAddress(int linkIndex, InterfaceAddress cidr) {
    int flags = Rtnl.NLM_F_ACK | Rtnl.NLM_F_CREATE | Rtnl.NLM_F_REPLACE;
    return address(Rtnl.RTM_NEWADDR, flags, linkIndex, cidr);
  }

  static Message removeAddress(int linkIndex, InterfaceAddress cidr) {
    return address(Rtnl.RTM_DELADDR, Rtnl.NLM_F_ACK, linkIndex, cidr);
  }

  /**
   * An IPv6 address works from the first moment: it is unique already, and the packets that would
   * ask whether it is lead nowhere.
   */
  private static Message address(int type, int flags, int linkIndex, InterfaceAddress cidr) {
    int family = family(cidr.address());
    int nodad = family == Rtnl.AF_INET6 ? Rtnl.IFA_F_NODAD : 0;
    byte[] bytes = bytes(cidr.address());
    return address(type, flags, family, cidr.length(), nodad, linkIndex)
        .attribute(Rtnl.IFA_LOCAL, bytes)
        .attribute(Rtnl.IFA_ADDRESS, bytes);
  }

  static Message dumpRoutes() {
    Message message = new Message(Rtnl.RTM_GETROUTE, Rtnl.NLM_F_DUMP);
    return rtmsg(message, Rtnl.AF_UNSPEC, 0, 0, 0, 0, 0, 0);
  }

  static Message putRoute(Route route) {
    int flags = Rtnl.NLM_F_ACK | Rtnl.NLM_F_CREATE | Rtnl.NLM_F_REPLACE;
    return route(Rtnl.RTM_NEWROUTE, flags, route);
  }

  static Message removeRoute(Route route) {
    return route(Rtnl.RTM_DELROUTE, Rtnl.NLM_F_ACK, route);
  }

  private static Message route(int type, int flags, Route route) {
    Message message =
        rtmsg(
            new Message(type, flags),
            family(route.destination().network()),
            route.destination().length(),
            Rtnl.RT_TABLE_MAIN,
            route.protocol(),
            route.scope(),
            Rtnl.RTN_UNICAST,
            route.onlink() ? Rtnl.RTNH_F_ONLINK : 0);
    if (route.destination().length() > 0) {
      message.attribute(Rtnl.RTA_DST, bytes(route.destination().network()));
    }
    message.attributeU32(Rtnl.RTA_OIF, route.linkIndex());
    route.gateway().ifPresent(g -> message.attribute(Rtnl.RTA_GATEWAY, bytes(g)));
    route.source().ifPresent(s -> message.attribute(Rtnl.RTA_PREFSRC, bytes(s)));
    route
        .mtu()
        .ifPresent(mtu -> message.nest(Rtnl.RTA_METRICS, m -> m.attributeU32(Rtnl.RTAX_MTU, mtu)));
    return message;
  }

  private static Message rtmsg(
      Message message,
      int family,
      int prefix,
      int table,
      int protocol,
      int scope,
      int type,
      int flags) {
    return message
        .u8(family)
        .u8(prefix)
        .u8(0)
        .u8(0)
        .u8(table)
        .u8(protocol)
        .u8(scope)
        .u8(type)
        .u32(flags);
  }

  static Message dumpNeighbours() {
    return neighbour(Rtnl.RTM_GETNEIGH, Rtnl.NLM_F_DUMP, Rtnl.AF_UNSPEC, 0, 0);
  }

  static Message putNeighbour(int linkIndex, Ip address, Mac mac) {
    int flags = Rtnl.NLM_F_ACK | Rtnl.NLM_F_CREATE | Rtnl.NLM_F_REPLACE;
    return neighbour(Rtnl.RTM_NEWNEIGH, flags, family(address), linkIndex, Rtnl.NUD_PERMANENT)
        .attribute(Rtnl.NDA_DST, bytes(address))
        .attribute(Rtnl.NDA_LLADDR, mac.toByteArray());
  }

  static Message removeNeighbour(int linkIndex, Ip address) {
    return neighbour(Rtnl.RTM_DELNEIGH, Rtnl.NLM_F_ACK, family(address), linkIndex, 0)
        .attribute(Rtnl.NDA_DST, bytes(address));
  }

  /** An address as attributes carry it, in network order. */
  private static byte[] bytes(Ip address) {
    return address.value().toByteArray();
  }

  private static int family(Ip address) {
    return address.family() == Family.IPV4 ? Rtnl.AF_INET : Rtnl.AF_INET6;
  }

  private static Message neighbour(int type, int flags, int family, int linkIndex, int state) {
    return new Message(type, flags)
        .u8(family)
        .u8(0)
        .u16(0)
        .u32(linkIndex)
        .u16(state)
        .u8(0)
        .u8(Rtnl.RTN_UNICAST);
  }

  private static Message address(
      int type, int flags, int family, int prefix, int addressFlags, int linkIndex) {
    return new Message(type, flags).u8(family).u8(prefix).u8(addressFlags).u8(0).u32(linkIndex);
  }

  private static Message link(int type, int flags, int index, int set, int change) {
    return ifinfomsg(new Message(type, flags), index, set, change);
  }

  private static Message ifinfomsg(Message message, int index, int set, int change) {
    return message.u8(0).u8(0).u16(0).u32(index).u32(set).u32(change);
  }
}
