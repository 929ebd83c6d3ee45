package io.seine.agent.netlink;

import io.seine.agent.netlink.Netfilter.Destination;
import io.seine.openflow.Bits;
import io.seine.openflow.Family;
import io.seine.openflow.Ip;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * The messages of nfnetlink's connection tracking that {@link NfNetlink} exchanges. Unlike in
 * rtnetlink, numbers in attributes are big-endian and a nested attribute says that it is one.
 */
final class Conntrack {
  private Conntrack() {}

  /**
   * A tracked connection of UDP.
   *
   * @param source and {@code sourcePort} of its client
   * @param destination where the client sent to
   * @param id the kernel's own, so that one that came in its place is not meant
   */
  record Entry(Ip source, int sourcePort, Destination destination, Optional<Bits> id) {}

  static Message getGeneration() {
    return header(Nfnl.NFT_GETGEN, Rtnl.NLM_F_ACK, 0);
  }

  static OptionalLong generation(List<Reply> replies) {
    return replies.stream()
        .filter(r -> r.type() == Nfnl.NFT_NEWGEN)
        .flatMap(r -> r.attributes(Nfnl.NFGENMSG).bytes(Nfnl.NFTA_GEN_ID, 4).stream())
        .mapToLong(b -> Bits.of(b).toLong())
        .findFirst();
  }

  /**
   * Lists the connections of UDP in one family, or those to one port only. Not those to an address:
   * the kernel's filter takes IPv6 addresses the wrong way round, and lists all but the one meant
   * (ctnetlink_filter_match_tuple, seen with Linux 6.18).
   */
  static Message dumpUdp(Family family, OptionalInt port) {
    Message message = header(Nfnl.CT_GET, Rtnl.NLM_F_DUMP, number(family));
    message.nest(
        Nfnl.CTA_TUPLE_ORIG | Nfnl.NLA_F_NESTED,
        tuple ->
            tuple.nest(
                Nfnl.CTA_TUPLE_PROTO | Nfnl.NLA_F_NESTED,
                proto -> {
                  proto.attribute(Nfnl.CTA_PROTO_NUM, new byte[] {Nfnl.IPPROTO_UDP});
                  port.ifPresent(p -> proto.attribute(Nfnl.CTA_PROTO_DST_PORT, port(p)));
                }));
    int flags = Nfnl.FILTER_PROTO_NUM | (port.isPresent() ? Nfnl.FILTER_PROTO_DST_PORT : 0);
    return message.nest(
        Nfnl.CTA_FILTER | Nfnl.NLA_F_NESTED,
        filter -> filter.attributeU32(Nfnl.CTA_FILTER_ORIG_FLAGS, flags));
  }

  /** The UDP connections among the answers that are of no zone; others are passed over. */
  static List<Entry> udpEntries(List<Reply> replies) {
    List<Entry> entries = new ArrayList<>();
    for (Reply reply : replies) {
      if (reply.type() == Nfnl.CT_NEW && reply.length() >= Message.HEADER + Nfnl.NFGENMSG) {
        entry(reply.attributes(Nfnl.NFGENMSG)).ifPresent(entries::add);
      }
    }
    return entries;
  }

  private static Optional<Entry> entry(Attributes attributes) {
    boolean zoned =
        attributes.bytes(Nfnl.CTA_ZONE, 2).filter(b -> Bits.of(b).toLong() != 0).isPresent();
    Optional<Attributes> tuple = attributes.nested(Nfnl.CTA_TUPLE_ORIG);
    Optional<Attributes> ip = tuple.flatMap(t -> t.nested(Nfnl.CTA_TUPLE_IP));
    Optional<Attributes> proto = tuple.flatMap(t -> t.nested(Nfnl.CTA_TUPLE_PROTO));
    boolean udp =
        proto
            .flatMap(p -> p.bytes(Nfnl.CTA_PROTO_NUM, 1))
            .filter(b -> b[0] == Nfnl.IPPROTO_UDP)
            .isPresent();
    if (zoned || !udp || ip.isEmpty()) {
      return Optional.empty();
    }
    Optional<Ip> source = address(ip.get(), Nfnl.CTA_IP_V4_SRC, Nfnl.CTA_IP_V6_SRC);
    Optional<Ip> destination = address(ip.get(), Nfnl.CTA_IP_V4_DST, Nfnl.CTA_IP_V6_DST);
    Optional<Integer> sourcePort = port(proto.get(), Nfnl.CTA_PROTO_SRC_PORT);
    Optional<Integer> destinationPort = port(proto.get(), Nfnl.CTA_PROTO_DST_PORT);
    if (source.isEmpty()
        || destination.isEmpty()
        || sourcePort.isEmpty()
        || destinationPort.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new Entry(
            source.get(),
            sourcePort.get(),
            new Destination(destination.get(), destinationPort.get()),
            attributes.bytes(Nfnl.CTA_ID, 4).map(Bits::of)));
  }

  /** Deletes this one entry. The tuple is never left out: without it, all entries go. */
  static Message delete(Entry entry) {
    Family family = entry.source().family();
    Message message = header(Nfnl.CT_DELETE, Rtnl.NLM_F_ACK, number(family));
    message.nest(
        Nfnl.CTA_TUPLE_ORIG | Nfnl.NLA_F_NESTED,
        tuple -> {
          tuple.nest(
              Nfnl.CTA_TUPLE_IP | Nfnl.NLA_F_NESTED,
              ip -> {
                ip.attribute(sourceType(family), bytes(entry.source()));
                ip.attribute(destinationType(family), bytes(entry.destination().address()));
              });
          tuple.nest(
              Nfnl.CTA_TUPLE_PROTO | Nfnl.NLA_F_NESTED,
              proto -> {
                proto.attribute(Nfnl.CTA_PROTO_NUM, new byte[] {Nfnl.IPPROTO_UDP});
                proto.attribute(Nfnl.CTA_PROTO_SRC_PORT, port(entry.sourcePort()));
                proto.attribute(Nfnl.CTA_PROTO_DST_PORT, port(entry.destination().port()));
              });
        });
    entry.id().ifPresent(id -> message.attribute(Nfnl.CTA_ID, id.toByteArray()));
    return message;
  }

  private static Message header(int type, int flags, int family) {
    return new Message(type, flags).u8(family).u8(0).u16(0);
  }

  private static int number(Family family) {
    return family == Family.IPV4 ? Rtnl.AF_INET : Nfnl.AF_INET6;
  }

  private static int sourceType(Family family) {
    return family == Family.IPV4 ? Nfnl.CTA_IP_V4_SRC : Nfnl.CTA_IP_V6_SRC;
  }

  private static int destinationType(Family family) {
    return family == Family.IPV4 ? Nfnl.CTA_IP_V4_DST : Nfnl.CTA_IP_V6_DST;
  }

  private static byte[] bytes(Ip address) {
    return address.value().toByteArray();
  }

  private static byte[] port(int port) {
    return ByteBuffer.allocate(2).putShort((short) port).array();
  }

  private static Optional<Integer> port(Attributes attributes, int type) {
    return attributes.bytes(type, 2).map(b -> (int) Bits.of(b).toLong());
  }

  private static Optional<Ip> address(Attributes attributes, int type4, int type6) {
    return attributes
        .bytes(type4, 4)
        .or(() -> attributes.bytes(type6, 16))
        .map(b -> Ip.of(Bits.of(b)));
  }
}
