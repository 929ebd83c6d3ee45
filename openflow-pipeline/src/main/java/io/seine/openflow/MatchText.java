package io.seine.openflow;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A match in the words and the order of {@code ovs-ofctl dump-flows}. */
final class MatchText {
  /** What comes before the word for the protocol, in order. */
  private static final List<Field> BEFORE =
      List.of(
          Field.PKT_MARK,
          Field.RECIRC_ID,
          Field.DP_HASH,
          Field.CONJ_ID,
          Field.ACTSET_OUTPUT,
          Field.CT_STATE,
          Field.CT_ZONE,
          Field.CT_MARK,
          Field.CT_LABEL,
          Field.CT_NW_SRC,
          Field.CT_IPV6_SRC,
          Field.CT_NW_DST,
          Field.CT_IPV6_DST,
          Field.CT_NW_PROTO,
          Field.CT_TP_SRC,
          Field.CT_TP_DST);

  /** What comes behind it and behind the registers, in order. */
  private static final List<Field> BEHIND =
      List.of(
          Field.TUN_ID,
          Field.TUN_SRC,
          Field.TUN_DST,
          Field.TUN_IPV6_SRC,
          Field.TUN_IPV6_DST,
          Field.TUN_GBP_ID,
          Field.TUN_GBP_FLAGS,
          Field.TUN_FLAGS,
          Field.METADATA,
          Field.IN_PORT,
          Field.VLAN_VID,
          Field.VLAN_PCP,
          Field.ETH_SRC,
          Field.ETH_DST,
          Field.ETH_TYPE,
          Field.IPV6_SRC,
          Field.IPV6_DST,
          Field.IPV6_LABEL,
          Field.ARP_SPA,
          Field.ARP_TPA,
          Field.IPV4_SRC,
          Field.IPV4_DST,
          Field.ARP_OP,
          Field.IP_PROTO,
          Field.ARP_SHA,
          Field.ARP_THA,
          Field.IP_DSCP,
          Field.IP_ECN,
          Field.IP_TTL,
          Field.MPLS_LABEL,
          Field.MPLS_TC,
          Field.MPLS_TTL,
          Field.MPLS_BOS,
          Field.IP_FRAG,
          Field.ICMP_TYPE,
          Field.ICMP_CODE,
          Field.ICMPV6_TYPE,
          Field.ICMPV6_CODE,
          Field.ND_TARGET,
          Field.ND_SLL,
          Field.ND_TLL,
          Field.TCP_SRC,
          Field.UDP_SRC,
          Field.SCTP_SRC,
          Field.TCP_DST,
          Field.UDP_DST,
          Field.SCTP_DST,
          Field.TCP_FLAGS);

  private static final int VLAN_PRESENT = 0x1000;

  private final Match match;
  private final List<String> words = new ArrayList<>();
  private final Set<Field> done = EnumSet.noneOf(Field.class);

  private MatchText(Match match) {
    this.match = match;
  }

  static String of(Match match) {
    return new MatchText(match).render();
  }

  private String render() {
    BEFORE.forEach(this::add);
    protocol();
    for (FieldMatch field : match.fields()) {
      if (isRegister(field.field())) {
        words.add(text(field));
      }
    }
    BEHIND.forEach(this::add);
    for (FieldMatch field : match.fields()) {
      if (!isRegister(field.field()) && !(field.field() instanceof Field known && isDone(known))) {
        words.add(text(field));
      }
    }
    return String.join(",", words);
  }

  private boolean isDone(Field field) {
    return done.contains(field);
  }

  private static boolean isRegister(FieldId id) {
    return id instanceof Field field
        && field.compareTo(Field.REG0) >= 0
        && field.compareTo(Field.REG15) <= 0;
  }

  private void add(Field field) {
    if (!done.contains(field)) {
      match.get(field).ifPresent(present -> words.add(text(present)));
      done.add(field);
    }
  }

  private Optional<Long> exactly(Field field) {
    return match.get(field).filter(m -> m.mask().isEmpty()).map(m -> m.value().toLong());
  }

  /** One word stands for the Ethernet type, and for the IP protocol where there is one. */
  private void protocol() {
    long type = exactly(Field.ETH_TYPE).orElse(-1L);
    String plain =
        switch ((int) type) {
          case 0x0800 -> "ip";
          case 0x86dd -> "ipv6";
          case 0x0806 -> "arp";
          case 0x8035 -> "rarp";
          case 0x8847 -> "mpls";
          case 0x8848 -> "mplsm";
          default -> "";
        };
    if (plain.isEmpty()) {
      return;
    }
    done.add(Field.ETH_TYPE);
    boolean ipv6 = type == 0x86dd;
    String transport =
        switch (exactly(Field.IP_PROTO).orElse(-1L).intValue()) {
          case 6 -> ipv6 ? "tcp6" : "tcp";
          case 17 -> ipv6 ? "udp6" : "udp";
          case 132 -> ipv6 ? "sctp6" : "sctp";
          case 1 -> ipv6 ? "" : "icmp";
          case 58 -> ipv6 ? "icmp6" : "";
          default -> "";
        };
    if (!transport.isEmpty()) {
      done.add(Field.IP_PROTO);
    }
    words.add(transport.isEmpty() ? plain : transport);
  }

  private String text(FieldMatch field) {
    String value = FieldText.value(field.field(), field.value(), field.mask());
    return switch (field.field()) {
      case Field.VLAN_VID -> vlan(field);
      case Field.ETH_TYPE -> "dl_type=0x%04x".formatted(field.value().toLong());
      case Field.IP_DSCP -> "nw_tos=" + (field.value().toLong() << 2);
      case Field.IPV6_LABEL -> "ipv6_label=" + label(field);
      case Field known -> name(known) + "=" + value;
      case UnknownField unknown -> unknown.ovsName() + "=" + value;
    };
  }

  private static String label(FieldMatch field) {
    String value = "0x%05x".formatted(field.value().toLong());
    return field.mask().map(mask -> value + "/0x%05x".formatted(mask.toLong())).orElse(value);
  }

  private String vlan(FieldMatch field) {
    long value = field.value().toLong();
    if (field.mask().isEmpty() && (value & VLAN_PRESENT) != 0) {
      return "dl_vlan=" + (value & ~VLAN_PRESENT);
    }
    // A priority says by itself that there is a tag.
    long mask = field.mask().map(Bits::toLong).orElse(0x1fffL);
    Optional<FieldMatch> priority = match.get(Field.VLAN_PCP);
    if (priority.isPresent() && mask == VLAN_PRESENT && value == VLAN_PRESENT) {
      done.add(Field.VLAN_PCP);
      return "dl_vlan_pcp=" + priority.get().value().toLong();
    }
    return "vlan_tci=0x%04x/0x%04x".formatted(value, mask);
  }

  private static String name(Field field) {
    return switch (field) {
      case ETH_SRC -> "dl_src";
      case ETH_DST -> "dl_dst";
      case VLAN_PCP -> "dl_vlan_pcp";
      case TCP_SRC, UDP_SRC, SCTP_SRC -> "tp_src";
      case TCP_DST, UDP_DST, SCTP_DST -> "tp_dst";
      case ICMPV6_TYPE -> "icmp_type";
      case ICMPV6_CODE -> "icmp_code";
      case IP_FRAG -> "nw_frag";
      default -> field.ovsName();
    };
  }
}
