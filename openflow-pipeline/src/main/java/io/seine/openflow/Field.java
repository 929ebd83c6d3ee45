package io.seine.openflow;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The match fields that Seine writes, named as {@code ovs-fields(7)} names them.
 *
 * <p>Each has the 16-bit OXM class and the 7-bit field number it has on the wire (OpenFlow 1.5,
 * section 7.2.3; {@code meta-flow.h} for the Nicira ones) and its width in bits. A field that is
 * not listed here is still decoded, as {@link UnknownField}.
 */
public enum Field implements FieldId {
  IN_PORT("in_port", 0x8000, 0, 32),
  METADATA("metadata", 0x8000, 2, 64),
  ETH_DST("eth_dst", 0x8000, 3, 48),
  ETH_SRC("eth_src", 0x8000, 4, 48),
  ETH_TYPE("eth_type", 0x8000, 5, 16),
  VLAN_VID("vlan_vid", 0x8000, 6, 13),
  VLAN_PCP("vlan_pcp", 0x8000, 7, 3),
  IP_DSCP("ip_dscp", 0x8000, 8, 6),
  IP_ECN("nw_ecn", 0x8000, 9, 2),
  IP_PROTO("nw_proto", 0x8000, 10, 8),
  IPV4_SRC("nw_src", 0x8000, 11, 32),
  IPV4_DST("nw_dst", 0x8000, 12, 32),
  TCP_SRC("tcp_src", 0x8000, 13, 16),
  TCP_DST("tcp_dst", 0x8000, 14, 16),
  UDP_SRC("udp_src", 0x8000, 15, 16),
  UDP_DST("udp_dst", 0x8000, 16, 16),
  SCTP_SRC("sctp_src", 0x8000, 17, 16),
  SCTP_DST("sctp_dst", 0x8000, 18, 16),
  ICMP_TYPE("icmp_type", 0x8000, 19, 8),
  ICMP_CODE("icmp_code", 0x8000, 20, 8),
  ARP_OP("arp_op", 0x8000, 21, 16),
  ARP_SPA("arp_spa", 0x8000, 22, 32),
  ARP_TPA("arp_tpa", 0x8000, 23, 32),
  ARP_SHA("arp_sha", 0x8000, 24, 48),
  ARP_THA("arp_tha", 0x8000, 25, 48),
  IPV6_SRC("ipv6_src", 0x8000, 26, 128),
  IPV6_DST("ipv6_dst", 0x8000, 27, 128),
  IPV6_LABEL("ipv6_label", 0x8000, 28, 20),
  ICMPV6_TYPE("icmpv6_type", 0x8000, 29, 8),
  ICMPV6_CODE("icmpv6_code", 0x8000, 30, 8),
  ND_TARGET("nd_target", 0x8000, 31, 128),
  ND_SLL("nd_sll", 0x8000, 32, 48),
  ND_TLL("nd_tll", 0x8000, 33, 48),
  MPLS_LABEL("mpls_label", 0x8000, 34, 20),
  MPLS_TC("mpls_tc", 0x8000, 35, 3),
  MPLS_BOS("mpls_bos", 0x8000, 36, 1),
  TUN_ID("tun_id", 0x8000, 38, 64),
  TCP_FLAGS("tcp_flags", 0x8000, 42, 12),
  ACTSET_OUTPUT("actset_output", 0x8000, 43, 32),
  IP_TTL("nw_ttl", 0x0001, 29, 8),
  IP_FRAG("ip_frag", 0x0001, 26, 2),
  MPLS_TTL("mpls_ttl", 0x0001, 30, 8),
  REG0("reg0", 0x0001, 0, 32),
  REG1("reg1", 0x0001, 1, 32),
  REG2("reg2", 0x0001, 2, 32),
  REG3("reg3", 0x0001, 3, 32),
  REG4("reg4", 0x0001, 4, 32),
  REG5("reg5", 0x0001, 5, 32),
  REG6("reg6", 0x0001, 6, 32),
  REG7("reg7", 0x0001, 7, 32),
  REG8("reg8", 0x0001, 8, 32),
  REG9("reg9", 0x0001, 9, 32),
  REG10("reg10", 0x0001, 10, 32),
  REG11("reg11", 0x0001, 11, 32),
  REG12("reg12", 0x0001, 12, 32),
  REG13("reg13", 0x0001, 13, 32),
  REG14("reg14", 0x0001, 14, 32),
  REG15("reg15", 0x0001, 15, 32),
  XREG0("xreg0", 0x8001, 0, 64),
  XREG1("xreg1", 0x8001, 1, 64),
  XREG2("xreg2", 0x8001, 2, 64),
  XREG3("xreg3", 0x8001, 3, 64),
  XREG4("xreg4", 0x8001, 4, 64),
  XREG5("xreg5", 0x8001, 5, 64),
  XREG6("xreg6", 0x8001, 6, 64),
  XREG7("xreg7", 0x8001, 7, 64),
  TUN_SRC("tun_src", 0x0001, 31, 32),
  TUN_DST("tun_dst", 0x0001, 32, 32),
  PKT_MARK("pkt_mark", 0x0001, 33, 32),
  DP_HASH("dp_hash", 0x0001, 35, 32),
  RECIRC_ID("recirc_id", 0x0001, 36, 32),
  CONJ_ID("conj_id", 0x0001, 37, 32),
  TUN_GBP_ID("tun_gbp_id", 0x0001, 38, 16),
  TUN_GBP_FLAGS("tun_gbp_flags", 0x0001, 39, 8),
  TUN_FLAGS("tun_flags", 0x0001, 104, 16),
  CT_STATE("ct_state", 0x0001, 105, 32),
  CT_ZONE("ct_zone", 0x0001, 106, 16),
  CT_MARK("ct_mark", 0x0001, 107, 32),
  CT_LABEL("ct_label", 0x0001, 108, 128),
  TUN_IPV6_SRC("tun_ipv6_src", 0x0001, 109, 128),
  TUN_IPV6_DST("tun_ipv6_dst", 0x0001, 110, 128),
  XXREG0("xxreg0", 0x0001, 111, 128),
  XXREG1("xxreg1", 0x0001, 112, 128),
  XXREG2("xxreg2", 0x0001, 113, 128),
  XXREG3("xxreg3", 0x0001, 114, 128),
  CT_NW_PROTO("ct_nw_proto", 0x0001, 119, 8),
  CT_NW_SRC("ct_nw_src", 0x0001, 120, 32),
  CT_NW_DST("ct_nw_dst", 0x0001, 121, 32),
  CT_IPV6_SRC("ct_ipv6_src", 0x0001, 122, 128),
  CT_IPV6_DST("ct_ipv6_dst", 0x0001, 123, 128),
  CT_TP_SRC("ct_tp_src", 0x0001, 124, 16),
  CT_TP_DST("ct_tp_dst", 0x0001, 125, 16);

  // One slot for each field number of the three classes in use; a decoder looks here often.
  private static final @Nullable Field[] BASIC = new Field[128];
  private static final @Nullable Field[] NICIRA = new Field[128];
  private static final @Nullable Field[] PACKET_REGISTERS = new Field[128];
  private static final @Nullable Field[] NONE = new Field[128];

  static {
    for (Field field : values()) {
      slots(field.oxmClass)[field.number] = field;
    }
  }

  private final String ovsName;
  private final int oxmClass;
  private final int number;
  private final int bits;

  Field(String ovsName, int oxmClass, int number, int bits) {
    this.ovsName = ovsName;
    this.oxmClass = oxmClass;
    this.number = number;
    this.bits = bits;
  }

  /** Finds the field with this OXM class and number. */
  public static Optional<Field> find(int oxmClass, int number) {
    if (number < 0 || number > 127) {
      return Optional.empty();
    }
    return Optional.ofNullable(slots(oxmClass)[number]);
  }

  private static @Nullable Field[] slots(int oxmClass) {
    return switch (oxmClass) {
      case 0x8000 -> BASIC;
      case 0x0001 -> NICIRA;
      case 0x8001 -> PACKET_REGISTERS;
      default -> NONE;
    };
  }

  @Override
  public String ovsName() {
    return ovsName;
  }

  @Override
  public int oxmClass() {
    return oxmClass;
  }

  @Override
  public int number() {
    return number;
  }

  @Override
  public int bits() {
    return bits;
  }

  /** Labels of 20 bits stand in 32 on the wire. */
  @Override
  public int bytes() {
    return bits == 20 ? 4 : FieldId.super.bytes();
  }
}
