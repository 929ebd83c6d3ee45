package io.seine.openflow;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Names and values of fields as {@code ovs-fields(7)} and {@code ovs-ofctl} write them. */
final class FieldText {
  /** How the value of a field is written. */
  enum Form {
    DECIMAL,
    HEXADECIMAL,
    MAC,
    IPV4,
    IPV6,
    PORT,
    CT_STATE,
    TCP_FLAGS,
    TUNNEL_FLAGS,
    FRAGMENT
  }

  private static final List<String> CT_STATES =
      List.of("new", "est", "rel", "rpl", "inv", "trk", "snat", "dnat");
  private static final List<String> TCP_FLAG_NAMES =
      List.of("fin", "syn", "rst", "psh", "ack", "urg", "ece", "cwr", "ns");
  private static final List<String> TUNNEL_FLAG_NAMES = List.of("oam");

  // The fields that a learn() or a move can still call by the name of Nicira's first match format.
  private static final Map<Field, String> OLD_NAMES = new HashMap<>();

  static {
    for (Field field :
        List.of(
            Field.ETH_DST,
            Field.ETH_SRC,
            Field.ETH_TYPE,
            Field.TCP_SRC,
            Field.TCP_DST,
            Field.UDP_SRC,
            Field.UDP_DST,
            Field.ICMP_TYPE,
            Field.ICMP_CODE,
            Field.ARP_OP,
            Field.ARP_SPA,
            Field.ARP_TPA)) {
      OLD_NAMES.put(field, "NXM_OF_" + field.name());
    }
    OLD_NAMES.put(Field.IP_PROTO, "NXM_OF_IP_PROTO");
    OLD_NAMES.put(Field.IPV4_SRC, "NXM_OF_IP_SRC");
    OLD_NAMES.put(Field.IPV4_DST, "NXM_OF_IP_DST");
    for (Field field :
        List.of(
            Field.TUN_ID,
            Field.ARP_SHA,
            Field.ARP_THA,
            Field.IPV6_SRC,
            Field.IPV6_DST,
            Field.IPV6_LABEL,
            Field.ICMPV6_TYPE,
            Field.ICMPV6_CODE,
            Field.ND_TARGET,
            Field.ND_SLL,
            Field.ND_TLL,
            Field.IP_ECN,
            Field.TCP_FLAGS)) {
      OLD_NAMES.put(field, "NXM_NX_" + field.name());
    }
    OLD_NAMES.put(Field.TUN_SRC, "NXM_NX_TUN_IPV4_SRC");
    OLD_NAMES.put(Field.TUN_DST, "NXM_NX_TUN_IPV4_DST");
    OLD_NAMES.put(Field.ACTSET_OUTPUT, "ONFOXM_ET_ACTSET_OUTPUT");
  }

  private FieldText() {}

  /** The name in set_field and in learn(). */
  static String name(FieldId id) {
    return switch (id) {
      case Field.IPV4_SRC -> "ip_src";
      case Field.IPV4_DST -> "ip_dst";
      default -> id.ovsName();
    };
  }

  /** The name in move, output to a register and learn(): {@code NXM_NX_REG0}. */
  static String symbol(FieldId id) {
    if (!(id instanceof Field field)) {
      return id.ovsName();
    }
    String old = OLD_NAMES.get(field);
    if (old != null) {
      return old;
    }
    return switch (field.oxmClass()) {
      case 0x8001 -> "OXM_OF_PKT_REG" + field.number();
      case 0x8000 -> "OXM_OF_" + field.name();
      default -> "NXM_NX_" + field.name();
    };
  }

  /** {@code NXM_NX_REG0[]}, {@code NXM_NX_REG0[3]} or {@code NXM_NX_REG0[0..15]}. */
  static String range(BitRange range) {
    String bits;
    if (range.width() == range.field().bits()) {
      bits = "";
    } else if (range.width() == 1) {
      bits = Integer.toString(range.from());
    } else {
      bits = range.from() + ".." + range.to();
    }
    return symbol(range.field()) + "[" + bits + "]";
  }

  static Form form(FieldId id) {
    if (!(id instanceof Field field)) {
      return Form.HEXADECIMAL;
    }
    return switch (field) {
      case ETH_SRC, ETH_DST, ARP_SHA, ARP_THA, ND_SLL, ND_TLL -> Form.MAC;
      case IPV4_SRC, IPV4_DST, ARP_SPA, ARP_TPA, TUN_SRC, TUN_DST, CT_NW_SRC, CT_NW_DST ->
          Form.IPV4;
      case IPV6_SRC, IPV6_DST, ND_TARGET, TUN_IPV6_SRC, TUN_IPV6_DST, CT_IPV6_SRC, CT_IPV6_DST ->
          Form.IPV6;
      case IN_PORT, ACTSET_OUTPUT -> Form.PORT;
      case CT_STATE -> Form.CT_STATE;
      case TCP_FLAGS -> Form.TCP_FLAGS;
      case TUN_FLAGS -> Form.TUNNEL_FLAGS;
      case IP_FRAG -> Form.FRAGMENT;
      case VLAN_VID,
          VLAN_PCP,
          IP_DSCP,
          IP_ECN,
          IP_TTL,
          IP_PROTO,
          TCP_SRC,
          TCP_DST,
          UDP_SRC,
          UDP_DST,
          SCTP_SRC,
          SCTP_DST,
          ICMP_TYPE,
          ICMP_CODE,
          ICMPV6_TYPE,
          ICMPV6_CODE,
          ARP_OP,
          MPLS_LABEL,
          MPLS_TC,
          MPLS_BOS,
          MPLS_TTL,
          CONJ_ID,
          TUN_GBP_ID,
          CT_ZONE,
          CT_NW_PROTO,
          CT_TP_SRC,
          CT_TP_DST ->
          Form.DECIMAL;
      default -> Form.HEXADECIMAL;
    };
  }

  static String value(FieldId field, Bits value) {
    return switch (form(field)) {
      case MAC -> AddressText.mac(value);
      case IPV4, IPV6 -> AddressText.ip(value);
      case DECIMAL -> Long.toUnsignedString(value.toLong());
      case PORT -> ActionText.port((int) value.toLong());
      case FRAGMENT -> fragment((int) value.toLong());
      case CT_STATE -> flags(CT_STATES, value.toLong());
      case TCP_FLAGS -> flags(TCP_FLAG_NAMES, value.toLong());
      case TUNNEL_FLAGS -> flags(TUNNEL_FLAG_NAMES, value.toLong());
      case HEXADECIMAL -> hex(value);
    };
  }

  static String value(FieldId field, Bits value, Optional<Bits> mask) {
    if (mask.isEmpty()) {
      return value(field, value);
    }
    Bits bits = mask.get();
    return switch (form(field)) {
      case MAC -> AddressText.mac(value) + "/" + AddressText.mac(bits);
      case IPV4, IPV6 -> AddressText.ip(value) + AddressText.prefix(bits);
      case CT_STATE -> flags(CT_STATES, value.toLong(), bits.toLong());
      case TCP_FLAGS -> flags(TCP_FLAG_NAMES, value.toLong(), bits.toLong());
      case TUNNEL_FLAGS -> flags(TUNNEL_FLAG_NAMES, value.toLong(), bits.toLong());
      case FRAGMENT -> maskedFragment((int) value.toLong(), (int) bits.toLong());
      case DECIMAL, PORT, HEXADECIMAL -> hex(value) + "/" + hex(bits);
    };
  }

  /** As C's {@code %#x}: {@code 0x1f}, but {@code 0} for zero. */
  static String hex(long value) {
    return value == 0 ? "0" : "0x" + Long.toHexString(value);
  }

  static String hex(Bits value) {
    String digits = value.toString().replaceFirst("^0+", "");
    return digits.isEmpty() ? "0" : "0x" + digits;
  }

  private static String flags(List<String> names, long value, long mask) {
    StringBuilder text = new StringBuilder();
    for (int bit = 0; bit < names.size(); bit++) {
      if ((mask >> bit & 1) != 0) {
        text.append((value >> bit & 1) != 0 ? '+' : '-').append(names.get(bit));
      }
    }
    return text.toString();
  }

  private static String flags(List<String> names, long value) {
    List<String> set = new ArrayList<>();
    for (int bit = 0; bit < names.size(); bit++) {
      if ((value >> bit & 1) != 0) {
        set.add(names.get(bit));
      }
    }
    return set.isEmpty() ? "0" : String.join("|", set);
  }

  // 1: any fragment; 2: not the first one (ovs-fields(7), ip_frag).
  private static String fragment(int value) {
    return switch (value) {
      case 0 -> "no";
      case 1 -> "first";
      case 3 -> "later";
      default -> String.format(Locale.ROOT, "0x%x", value);
    };
  }

  private static String maskedFragment(int value, int mask) {
    return switch (mask) {
      case 1 -> value == 0 ? "no" : "yes";
      default -> value == 0 ? "not_later" : "later";
    };
  }
}
