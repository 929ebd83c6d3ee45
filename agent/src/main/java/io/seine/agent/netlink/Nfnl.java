package io.seine.agent.netlink;

/** Numbers of linux/netfilter/nfnetlink.h, nfnetlink_conntrack.h and nf_tables.h. */
final class Nfnl {
  static final int NETLINK_NETFILTER = 12;
  static final int NLA_F_NESTED = 0x8000;

  /** The fixed part of every message: family, version, resource. */
  static final int NFGENMSG = 4;

  private static final int SUBSYS_CTNETLINK = 1 << 8;
  private static final int SUBSYS_NFTABLES = 10 << 8;
  static final int CT_NEW = SUBSYS_CTNETLINK;
  static final int CT_GET = SUBSYS_CTNETLINK | 1;
  static final int CT_DELETE = SUBSYS_CTNETLINK | 2;
  static final int NFT_NEWGEN = SUBSYS_NFTABLES | 15;
  static final int NFT_GETGEN = SUBSYS_NFTABLES | 16;

  static final int CTA_TUPLE_ORIG = 1;
  static final int CTA_ID = 12;
  static final int CTA_ZONE = 18;
  static final int CTA_FILTER = 25;
  static final int CTA_TUPLE_IP = 1;
  static final int CTA_TUPLE_PROTO = 2;
  static final int CTA_IP_V4_SRC = 1;
  static final int CTA_IP_V4_DST = 2;
  static final int CTA_IP_V6_SRC = 3;
  static final int CTA_IP_V6_DST = 4;
  static final int CTA_PROTO_NUM = 1;
  static final int CTA_PROTO_SRC_PORT = 2;
  static final int CTA_PROTO_DST_PORT = 3;
  static final int CTA_FILTER_ORIG_FLAGS = 1;

  /** Of net/netfilter/nf_internals.h: which parts of the tuple a dump is filtered by. */
  static final int FILTER_PROTO_NUM = 1 << 3;

  static final int FILTER_PROTO_DST_PORT = 1 << 5;

  static final int NFTA_GEN_ID = 1;

  static final int IPPROTO_UDP = 17;
  static final int AF_INET6 = 10;

  private Nfnl() {}
}
