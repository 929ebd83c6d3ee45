package io.seine.agent.netlink;

import io.seine.openflow.Bits;
import io.seine.openflow.Family;
import io.seine.openflow.Ip;
import io.seine.openflow.IpPrefix;
import io.seine.openflow.Mac;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** Reads the kernel's answers. Messages of another type, or too short, are passed over. */
final class Decoder {
  private static final Ip NONE_4 = Ip.parse("0.0.0.0");
  private static final Ip NONE_6 = Ip.parse("::");
  private static final IpPrefix LINK_LOCAL = IpPrefix.parse("fe80::/10");

  private Decoder() {}

  static List<Link> links(List<Reply> replies) {
    List<Link> links = new ArrayList<>();
    for (Reply reply : replies) {
      if (reply.type() != Rtnl.RTM_NEWLINK || reply.length() < Message.HEADER + 16) {
        continue;
      }
      ByteBuffer body = reply.buffer();
      Attributes attributes = reply.attributes(16);
      links.add(
          new Link(
              body.getInt(Message.HEADER + 4),
              attributes.string(Rtnl.IFLA_IFNAME).orElse(""),
              attributes.nested(Rtnl.IFLA_LINKINFO).flatMap(i -> i.string(Rtnl.IFLA_INFO_KIND)),
              attributes.bytes(Rtnl.IFLA_ADDRESS, 6).map(Decoder::mac),
              attributes.u32(Rtnl.IFLA_MTU).orElse(0),
              (body.getInt(Message.HEADER + 8) & Rtnl.IFF_UP) != 0,
              attributes.u32(Rtnl.IFLA_GROUP).orElse(0)));
    }
    return links;
  }

  static List<Netlink.LinkAddress> addresses(List<Reply> replies) {
    List<Netlink.LinkAddress> addresses = new ArrayList<>();
    for (Reply reply : replies) {
      if (reply.type() != Rtnl.RTM_NEWADDR || reply.length() < Message.HEADER + 8) {
        continue;
      }
      ByteBuffer body = reply.buffer();
      Attributes attributes = reply.attributes(8);
      Optional<Ip> local =
          address(attributes, Rtnl.IFA_LOCAL).or(() -> address(attributes, Rtnl.IFA_ADDRESS));
      int length = body.get(Message.HEADER + 1) & 0xff;
      boolean usable =
          local.filter(a -> length <= a.family().bits() && !isLinkLocal(a)).isPresent();
      if (usable && local.get().family() == family(body)) {
        InterfaceAddress cidr = new InterfaceAddress(local.get(), length);
        addresses.add(new Netlink.LinkAddress(body.getInt(Message.HEADER + 4), cidr));
      }
    }
    return addresses;
  }

  static List<Route> routes(List<Reply> replies) {
    List<Route> routes = new ArrayList<>();
    for (Reply reply : replies) {
      if (reply.type() != Rtnl.RTM_NEWROUTE || reply.length() < Message.HEADER + 12) {
        continue;
      }
      ByteBuffer body = reply.buffer();
      Attributes attributes = reply.attributes(12);
      int table = attributes.u32(Rtnl.RTA_TABLE).orElse(body.get(Message.HEADER + 4) & 0xff);
      OptionalInt device = attributes.u32(Rtnl.RTA_OIF);
      int family = body.get(Message.HEADER);
      boolean ours =
          (family == Rtnl.AF_INET || family == Rtnl.AF_INET6)
              && body.get(Message.HEADER + 7) == Rtnl.RTN_UNICAST
              && table == Rtnl.RT_TABLE_MAIN
              && (body.getInt(Message.HEADER + 8) & Rtnl.RTM_F_CLONED) == 0;
      if (!ours || device.isEmpty()) {
        continue;
      }
      int length = body.get(Message.HEADER + 1) & 0xff;
      Ip destination =
          address(attributes, Rtnl.RTA_DST).orElse(family == Rtnl.AF_INET ? NONE_4 : NONE_6);
      if (length > destination.family().bits() || destination.family() != family(body)) {
        continue;
      }
      routes.add(
          new Route(
              new InterfaceAddress(destination, length).network(),
              device.getAsInt(),
              address(attributes, Rtnl.RTA_GATEWAY),
              address(attributes, Rtnl.RTA_PREFSRC),
              attributes
                  .nested(Rtnl.RTA_METRICS)
                  .map(m -> m.u32(Rtnl.RTAX_MTU))
                  .orElse(OptionalInt.empty()),
              (body.getInt(Message.HEADER + 8) & Rtnl.RTNH_F_ONLINK) != 0,
              body.get(Message.HEADER + 5) & 0xff,
              body.get(Message.HEADER + 6) & 0xff));
    }
    return routes;
  }

  static List<Neighbour> neighbours(List<Reply> replies) {
    List<Neighbour> neighbours = new ArrayList<>();
    for (Reply reply : replies) {
      if (reply.type() != Rtnl.RTM_NEWNEIGH || reply.length() < Message.HEADER + 12) {
        continue;
      }
      ByteBuffer body = reply.buffer();
      Attributes attributes = reply.attributes(12);
      Optional<Ip> address = address(attributes, Rtnl.NDA_DST);
      Optional<Mac> mac = attributes.bytes(Rtnl.NDA_LLADDR, 6).map(Decoder::mac);
      if (address.isPresent() && mac.isPresent()) {
        neighbours.add(
            new Neighbour(
                body.getInt(Message.HEADER + 4),
                address.get(),
                mac.get(),
                (body.getShort(Message.HEADER + 8) & Rtnl.NUD_PERMANENT) != 0));
      }
    }
    return neighbours;
  }

  /** The family that a message's fixed part begins with. */
  private static Family family(ByteBuffer body) {
    return body.get(Message.HEADER) == Rtnl.AF_INET6 ? Family.IPV6 : Family.IPV4;
  }

  /** The kernel gives one to every device by itself. */
  private static boolean isLinkLocal(Ip address) {
    return LINK_LOCAL.contains(address);
  }

  private static Optional<Ip> address(Attributes attributes, int type) {
    return attributes
        .bytes(type)
        .filter(b -> b.length == 4 || b.length == 16)
        .map(b -> Ip.of(Bits.of(b)));
  }

  private static Mac mac(byte[] bytes) {
    return new Mac(Bits.of(bytes).toLong());
  }
}
