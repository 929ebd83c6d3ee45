package io.seine.openflow.testing;

import io.seine.openflow.BitRange;
import io.seine.openflow.Bits;
import io.seine.openflow.Field;
import io.seine.openflow.FieldId;
import io.seine.openflow.FieldMatch;
import io.seine.openflow.Ip;
import io.seine.openflow.Mac;
import java.util.HashMap;
import java.util.Map;

/** A packet in {@link FakePipeline}: the fields it has, with registers and connection state. */
public final class FakePacket {
  private final Map<FieldId, Long> fields = new HashMap<>();

  public static FakePacket ip(int inPort, Mac source, Mac target, Ip from, Ip to, int protocol) {
    return new FakePacket()
        .with(Field.IN_PORT, inPort)
        .with(Field.ETH_SRC, source.bits())
        .with(Field.ETH_DST, target.bits())
        .with(Field.ETH_TYPE, 0x0800)
        .with(Field.IPV4_SRC, from.value().toLong())
        .with(Field.IPV4_DST, to.value().toLong())
        .with(Field.IP_PROTO, protocol)
        .with(Field.IP_TTL, 64);
  }

  public static FakePacket tcp(
      int inPort, Mac source, Mac target, Ip from, int fromPort, Ip to, int toPort) {
    return ip(inPort, source, target, from, to, 6)
        .with(Field.TCP_SRC, fromPort)
        .with(Field.TCP_DST, toPort);
  }

  public static FakePacket arpRequest(int inPort, Mac sender, Ip senderAddress, Ip wanted) {
    return new FakePacket()
        .with(Field.IN_PORT, inPort)
        .with(Field.ETH_SRC, sender.bits())
        .with(Field.ETH_DST, (1L << 48) - 1)
        .with(Field.ETH_TYPE, 0x0806)
        .with(Field.ARP_OP, 1)
        .with(Field.ARP_SHA, sender.bits())
        .with(Field.ARP_SPA, senderAddress.value().toLong())
        .with(Field.ARP_THA, 0)
        .with(Field.ARP_TPA, wanted.value().toLong());
  }

  public FakePacket with(Field field, long value) {
    fields.put(field, value);
    return this;
  }

  public FakePacket copy() {
    FakePacket copy = new FakePacket();
    copy.fields.putAll(fields);
    return copy;
  }

  /** The field's value, 0 when it has none. */
  public long get(FieldId field) {
    return fields.getOrDefault(field, 0L);
  }

  public Ip address(Field field) {
    return Ip.of(Bits.of(get(field), 4));
  }

  public Mac mac(Field field) {
    return new Mac(get(field));
  }

  boolean matches(FieldMatch match) {
    long mask = match.mask().map(m -> m.toLong()).orElse(-1L);
    return (get(match.field()) & mask) == match.value().toLong();
  }

  long get(BitRange range) {
    return get(range.field()) >>> range.from() & mask(range);
  }

  void set(BitRange range, long value) {
    long cleared = get(range.field()) & ~(mask(range) << range.from());
    fields.put(range.field(), cleared | (value & mask(range)) << range.from());
  }

  private static long mask(BitRange range) {
    return range.width() >= 64 ? -1L : (1L << range.width()) - 1;
  }

  Field sourcePort() {
    return switch ((int) get(Field.IP_PROTO)) {
      case 6 -> Field.TCP_SRC;
      case 132 -> Field.SCTP_SRC;
      default -> Field.UDP_SRC;
    };
  }

  Field targetPort() {
    return switch ((int) get(Field.IP_PROTO)) {
      case 6 -> Field.TCP_DST;
      case 132 -> Field.SCTP_DST;
      default -> Field.UDP_DST;
    };
  }

  /** The IP packet in short, {@code 10.0.0.2:4000 > 10.0.0.3:80 ttl 64}. */
  public String story() {
    if (get(Field.ETH_TYPE) == 0x0806) {
      return "arp %s %s is at %s"
          .formatted(
              get(Field.ARP_OP) == 2 ? "reply" : "request",
              address(Field.ARP_SPA),
              mac(Field.ARP_SHA));
    }
    return "%s:%d > %s:%d ttl %d"
        .formatted(
            address(Field.IPV4_SRC),
            get(sourcePort()),
            address(Field.IPV4_DST),
            get(targetPort()),
            get(Field.IP_TTL));
  }
}
