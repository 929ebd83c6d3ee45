package io.seine.openflow.testing;

import io.seine.openflow.Action;
import io.seine.openflow.Action.Ct;
import io.seine.openflow.Action.LearnSpec;
import io.seine.openflow.Action.Nat;
import io.seine.openflow.Action.SetField;
import io.seine.openflow.Action.Zone;
import io.seine.openflow.BitRange;
import io.seine.openflow.Bits;
import io.seine.openflow.Field;
import io.seine.openflow.FieldMatch;
import io.seine.openflow.Flow;
import io.seine.openflow.Group;
import io.seine.openflow.Group.Bucket;
import io.seine.openflow.Group.Selection;
import io.seine.openflow.Match;
import io.seine.openflow.Ports;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** One flow for each match field, action and extension that the codec knows. */
public final class SampleFlows {
  public static final FieldMatch IP = FieldMatch.exact(Field.ETH_TYPE, 0x0800);
  public static final FieldMatch IPV6 = FieldMatch.exact(Field.ETH_TYPE, 0x86dd);
  public static final FieldMatch ARP = FieldMatch.exact(Field.ETH_TYPE, 0x0806);
  public static final FieldMatch TCP = FieldMatch.exact(Field.IP_PROTO, 6);
  public static final FieldMatch UDP = FieldMatch.exact(Field.IP_PROTO, 17);
  public static final FieldMatch SCTP = FieldMatch.exact(Field.IP_PROTO, 132);
  public static final FieldMatch ICMP = FieldMatch.exact(Field.IP_PROTO, 1);
  public static final FieldMatch ICMPV6 = FieldMatch.exact(Field.IP_PROTO, 58);
  public static final FieldMatch TRACKED = FieldMatch.masked(Field.CT_STATE, 0x22, 0x22);

  private static final Bits V6 = hex("20010db8000000000000000000000001");
  private static final Bits V6_B = hex("20010db8000000000000000000000009");

  private SampleFlows() {}

  /** Every sample, each in a place of its own, so that all can stand in one switch at once. */
  public static List<Flow> all() {
    List<Flow> flows = new ArrayList<>();
    int priority = 100;
    for (Match match : matches()) {
      flows.add(new Flow(0, priority++, match, List.of()));
    }
    for (List<Action> actions : actions()) {
      flows.add(new Flow(1, priority++, Match.of(IP, TCP), actions));
    }
    for (List<Action> actions : arpActions()) {
      flows.add(new Flow(2, priority++, Match.of(ARP), actions));
    }
    for (List<Action> actions : ipv6Actions()) {
      flows.add(new Flow(3, priority++, Match.of(IPV6), actions));
    }
    return flows;
  }

  public static List<Match> matches() {
    return List.of(
        Match.ANY,
        Match.of(FieldMatch.exact(Field.IN_PORT, 7)),
        Match.of(FieldMatch.exact(Field.IN_PORT, Ports.LOCAL)),
        Match.of(FieldMatch.exact(Field.METADATA, 0x123456789abcdef0L)),
        Match.of(FieldMatch.masked(Field.METADATA, 0xf0, 0xf0)),
        Match.of(FieldMatch.exact(Field.ETH_SRC, 0x0a5e00000001L)),
        Match.of(FieldMatch.masked(Field.ETH_DST, 0x010000000000L, 0x010000000000L)),
        Match.of(FieldMatch.exact(Field.ETH_TYPE, 0x88cc)),
        Match.of(FieldMatch.exact(Field.VLAN_VID, 0x1005)),
        Match.of(FieldMatch.exact(Field.VLAN_VID, 0)),
        Match.of(FieldMatch.masked(Field.VLAN_VID, 0x1000, 0x1000)),
        Match.of(
            FieldMatch.masked(Field.VLAN_VID, 0x1000, 0x1000), FieldMatch.exact(Field.VLAN_PCP, 3)),
        Match.of(IP, FieldMatch.exact(Field.IP_DSCP, 46)),
        Match.of(IP, FieldMatch.exact(Field.IP_ECN, 2)),
        Match.of(IP, FieldMatch.exact(Field.IP_TTL, 1)),
        Match.of(IP, FieldMatch.exact(Field.IP_FRAG, 1)),
        Match.of(IP, FieldMatch.masked(Field.IP_FRAG, 1, 1)),
        Match.of(IP, FieldMatch.exact(Field.IPV4_SRC, 0x0a000001)),
        Match.of(IP, FieldMatch.masked(Field.IPV4_DST, 0x0a000100, 0xffffff00)),
        Match.of(IP, FieldMatch.masked(Field.IPV4_DST, 0x0a000001, 0xff0000ff)),
        Match.of(IP, TCP, FieldMatch.exact(Field.TCP_DST, 80)),
        Match.of(IP, TCP, FieldMatch.masked(Field.TCP_SRC, 0x1000, 0xf000)),
        Match.of(IP, TCP, FieldMatch.exact(Field.TCP_FLAGS, 2)),
        Match.of(IP, TCP, FieldMatch.masked(Field.TCP_FLAGS, 2, 0x12)),
        Match.of(IP, UDP, FieldMatch.exact(Field.UDP_DST, 53), FieldMatch.exact(Field.UDP_SRC, 1)),
        Match.of(
            IP, SCTP, FieldMatch.exact(Field.SCTP_DST, 9), FieldMatch.exact(Field.SCTP_SRC, 8)),
        Match.of(
            IP, ICMP, FieldMatch.exact(Field.ICMP_TYPE, 8), FieldMatch.exact(Field.ICMP_CODE, 0)),
        Match.of(ARP, FieldMatch.exact(Field.ARP_OP, 1)),
        Match.of(
            ARP,
            FieldMatch.exact(Field.ARP_SPA, 0x0a000001),
            FieldMatch.masked(Field.ARP_TPA, 0x0a000000, 0xff000000),
            FieldMatch.exact(Field.ARP_SHA, 0x0a580a000001L),
            FieldMatch.exact(Field.ARP_THA, 0)),
        Match.of(IPV6, FieldMatch.exact(Field.IPV6_SRC, V6)),
        Match.of(
            IPV6, FieldMatch.masked(Field.IPV6_DST, V6, hex("ffffffffffffffff0000000000000000"))),
        Match.of(IPV6, FieldMatch.exact(Field.IPV6_LABEL, 5)),
        Match.of(
            IPV6,
            ICMPV6,
            FieldMatch.exact(Field.ICMPV6_TYPE, 135),
            FieldMatch.exact(Field.ICMPV6_CODE, 0),
            FieldMatch.exact(Field.ND_TARGET, V6),
            FieldMatch.exact(Field.ND_SLL, 1)),
        Match.of(
            IPV6,
            ICMPV6,
            FieldMatch.exact(Field.ICMPV6_TYPE, 136),
            FieldMatch.exact(Field.ICMPV6_CODE, 0),
            FieldMatch.exact(Field.ND_TLL, 1)),
        Match.of(FieldMatch.exact(Field.TUN_ID, 5)),
        Match.of(FieldMatch.masked(Field.TUN_ID, 5, 0xff)),
        Match.of(FieldMatch.exact(Field.TUN_SRC, 0xc0a80001)),
        Match.of(FieldMatch.masked(Field.TUN_DST, 0xc0a80000, 0xffff0000)),
        Match.of(FieldMatch.exact(Field.TUN_IPV6_SRC, V6)),
        Match.of(FieldMatch.exact(Field.TUN_IPV6_DST, V6)),
        Match.of(FieldMatch.masked(Field.TUN_FLAGS, 1, 1)),
        Match.of(FieldMatch.exact(Field.PKT_MARK, 0x123)),
        Match.of(FieldMatch.masked(Field.PKT_MARK, 0x120, 0xff0)),
        Match.of(FieldMatch.exact(Field.CONJ_ID, 77)),
        Match.of(FieldMatch.exact(Field.RECIRC_ID, 0)),
        Match.of(FieldMatch.exact(Field.REG0, 0x12345678)),
        Match.of(FieldMatch.masked(Field.REG1, 0x12, 0xff), FieldMatch.exact(Field.REG15, 9)),
        Match.of(FieldMatch.exact(Field.XREG1, 0x1122334455667788L)),
        Match.of(FieldMatch.masked(Field.XREG1, 0x1100000000000000L, 0xff00000000000000L)),
        Match.of(FieldMatch.masked(Field.XXREG1, V6, hex("ffffffff00000000000000000000ffff"))),
        Match.of(FieldMatch.exact(Field.REG0, 0), FieldMatch.masked(Field.REG1, 0, 0xff)),
        Match.of(FieldMatch.exact(Field.METADATA, 0), FieldMatch.exact(Field.TUN_ID, 0)),
        Match.of(FieldMatch.masked(Field.CT_STATE, 0x21, 0x23)),
        Match.of(FieldMatch.masked(Field.CT_STATE, 0x20, 0x28)),
        Match.of(FieldMatch.masked(Field.CT_STATE, 0xf4, 0xf4)),
        Match.of(IP, TRACKED, FieldMatch.masked(Field.CT_MARK, 0, 0x10)),
        Match.of(IP, TRACKED, FieldMatch.masked(Field.CT_LABEL, Bits.of(0, 16), Bits.of(1, 16))),
        Match.of(
            FieldMatch.exact(Field.IN_PORT, 3),
            FieldMatch.exact(Field.ETH_SRC, 1),
            FieldMatch.exact(Field.ETH_DST, 2),
            IP,
            UDP,
            FieldMatch.exact(Field.IPV4_SRC, 1),
            FieldMatch.exact(Field.IPV4_DST, 2),
            FieldMatch.exact(Field.IP_TTL, 2),
            FieldMatch.exact(Field.UDP_DST, 4789),
            FieldMatch.exact(Field.REG3, 2),
            FieldMatch.exact(Field.METADATA, 2),
            FieldMatch.exact(Field.TUN_SRC, 2),
            FieldMatch.exact(Field.TUN_ID, 2),
            FieldMatch.exact(Field.PKT_MARK, 2),
            FieldMatch.exact(Field.CONJ_ID, 2),
            FieldMatch.masked(Field.CT_STATE, 0x22, 0x22),
            FieldMatch.exact(Field.CT_MARK, 2)),
        Match.of(IP, FieldMatch.exact(Field.IP_PROTO, 47)),
        Match.of(IPV6, TCP, FieldMatch.exact(Field.TCP_DST, 80)),
        Match.of(IPV6, UDP, FieldMatch.exact(Field.IP_TTL, 80)),
        Match.of(IP, FieldMatch.exact(Field.IP_FRAG, 0)),
        Match.of(IP, FieldMatch.exact(Field.IP_FRAG, 3)),
        Match.of(IP, FieldMatch.masked(Field.IP_FRAG, 0, 2)),
        Match.of(IP, TRACKED, FieldMatch.exact(Field.CT_ZONE, 65520)),
        Match.of(IP, TRACKED, FieldMatch.exact(Field.CT_MARK, 0x10)),
        Match.of(IP, TRACKED, FieldMatch.masked(Field.CT_MARK, 0x10, 0x10)),
        Match.of(IP, TRACKED, FieldMatch.exact(Field.CT_LABEL, V6)),
        Match.of(
            IP,
            TRACKED,
            FieldMatch.masked(Field.CT_LABEL, V6_B, hex("0000000000000000000000000000ffff"))),
        Match.of(
            IP,
            TRACKED,
            FieldMatch.exact(Field.CT_NW_PROTO, 6),
            FieldMatch.masked(Field.CT_NW_SRC, 0x0a000000, 0xff000000),
            FieldMatch.exact(Field.CT_NW_DST, 0x0a000002),
            FieldMatch.exact(Field.CT_TP_SRC, 1),
            FieldMatch.exact(Field.CT_TP_DST, 2)),
        Match.of(
            IPV6,
            TRACKED,
            FieldMatch.exact(Field.CT_IPV6_SRC, V6),
            FieldMatch.exact(Field.CT_IPV6_DST, V6)),
        Match.of(
            FieldMatch.exact(Field.ETH_TYPE, 0x8847),
            FieldMatch.exact(Field.MPLS_LABEL, 17),
            FieldMatch.exact(Field.MPLS_TC, 1),
            FieldMatch.exact(Field.MPLS_BOS, 1)));
  }

  public static List<List<Action>> actions() {
    return List.of(
        List.of(new Action.Output(3)),
        List.of(new Action.Output(Ports.IN_PORT)),
        List.of(new Action.Output(Ports.LOCAL)),
        List.of(new Action.Output(Ports.CONTROLLER)),
        List.of(new Action.OutputReg(BitRange.all(Field.REG1))),
        List.of(new Action.OutputReg(new BitRange(Field.REG1, 0, 15), 128)),
        List.of(SetField.of(Field.ETH_DST, 0x0a5e00000001L)),
        List.of(SetField.masked(Field.ETH_SRC, 0x010000000000L, 0x010000000000L)),
        List.of(SetField.of(Field.IPV4_SRC, 0x0a000001), SetField.of(Field.IPV4_DST, 0x0a000002)),
        List.of(SetField.of(Field.TCP_DST, 8080), SetField.of(Field.TCP_SRC, 80)),
        List.of(SetField.of(Field.IP_TTL, 64), SetField.of(Field.IP_DSCP, 46)),
        List.of(SetField.of(Field.TUN_DST, 0xc0a80002), SetField.of(Field.TUN_ID, 1)),
        List.of(new SetField(Field.TUN_IPV6_DST, V6, Optional.empty())),
        List.of(SetField.of(Field.PKT_MARK, 0x4000)),
        List.of(SetField.of(Field.REG0, 0x12345678)),
        List.of(SetField.of(new BitRange(Field.REG0, 4, 7), 3)),
        List.of(SetField.of(Field.REG15, 1), SetField.of(Field.REG1, 0)),
        List.of(SetField.masked(Field.REG1, 0, 8), SetField.of(Field.IP_ECN, 2)),
        List.of(SetField.of(Field.XREG3, 0x1122334455667788L)),
        List.of(SetField.masked(Field.XREG3, 0x1100L, 0xff00L)),
        List.of(new SetField(Field.XXREG3, V6, Optional.empty())),
        List.of(new SetField(Field.XXREG0, V6_B, Optional.of(Bits.of(0xff, 16)))),
        List.of(SetField.of(Field.METADATA, 7)),
        List.of(new Action.Move(new BitRange(Field.REG0, 0, 15), new BitRange(Field.REG5, 16, 31))),
        List.of(new Action.Move(BitRange.all(Field.IPV4_SRC), BitRange.all(Field.REG3))),
        List.of(new Action.Move(BitRange.all(Field.XXREG0), BitRange.all(Field.XXREG1))),
        List.of(new Action.DecTtl(), new Action.Output(1)),
        List.of(Action.Resubmit.to(5)),
        List.of(new Action.Resubmit(5, OptionalInt.of(9))),
        List.of(new Action.Resubmit(255, OptionalInt.of(9))),
        List.of(new Action.Resubmit(6, OptionalInt.of(Ports.LOCAL))),
        List.of(new Action.CtClear()),
        List.of(Ct.of(12, 65520)),
        List.of(Ct.of(12, 65520).withNat(Nat.APPLY)),
        List.of(Ct.of(40, 65521).withCommit().withNat(Nat.source(Bits.of(0x0a000001, 4)))),
        List.of(
            Ct.of(20, 65520)
                .withCommit(
                    SetField.masked(Field.CT_MARK, 0x10, 0x10),
                    SetField.of(Field.CT_MARK, 3),
                    new SetField(Field.CT_LABEL, V6, Optional.empty()),
                    new Action.Move(BitRange.all(Field.REG3), new BitRange(Field.CT_LABEL, 32, 63)))
                .withNat(Nat.destination(Bits.of(0x0a000105, 4), 8080))),
        List.of(
            new Ct(
                true,
                true,
                OptionalInt.empty(),
                new Zone.FromField(new BitRange(Field.REG4, 0, 15)),
                Optional.empty(),
                0,
                List.of())),
        List.of(
            new Ct(
                true,
                false,
                OptionalInt.empty(),
                new Zone.Fixed(0),
                Optional.empty(),
                21,
                List.of())),
        List.of(
            Ct.of(1, 1)
                .withCommit()
                .withNat(
                    new Nat(
                        Nat.Kind.SRC,
                        16,
                        Optional.of(Bits.of(0x0a000001, 4)),
                        Optional.of(Bits.of(0x0a000009, 4)),
                        OptionalInt.of(1000),
                        OptionalInt.of(2000)))),
        List.of(
            Ct.of(1, 1)
                .withCommit()
                .withNat(
                    new Nat(
                        Nat.Kind.SRC,
                        12,
                        Optional.of(Bits.of(0x0a000001, 4)),
                        Optional.of(Bits.of(0x0a000009, 4)),
                        OptionalInt.empty(),
                        OptionalInt.empty()))),
        List.of(learn()),
        List.of(new Action.Conjunction(77, 1, 3)),
        List.of(new Action.Conjunction(77, 0, 2), new Action.Conjunction(78, 1, 2)),
        List.of(Action.Controller.of(0, Bits.EMPTY)),
        List.of(new Action.Controller(128, 7, 0, Bits.EMPTY, false, OptionalInt.empty())),
        List.of(Action.Controller.of(7, hex("0102030405"))),
        List.of(new Action.Controller(100, 7, 2, hex("01"), true, OptionalInt.of(1))),
        List.of(new Action.Note(hex("010203"))),
        List.of(new Action.Note(hex("010203040506070809"))),
        List.of(
            new Action.PushVlan(0x8100), SetField.of(Field.VLAN_VID, 0x1005), new Action.Output(1)),
        List.of(new Action.PushVlan(0x8100), new Action.PopVlan(), new Action.Output(1)),
        List.of(new Action.Group(9)),
        List.of(new Action.Meter(1), new Action.Output(1)),
        List.of(SetField.of(Field.REG0, 1), new Action.GotoTable(10)),
        List.of(new Action.GotoTable(10)));
  }

  /** Groups of every type, with the selection methods of Open vSwitch. */
  public static List<Group> groups() {
    List<Action> output = List.of(new Action.Output(1));
    Bucket one = new Bucket(1, 100, output);
    Bucket two =
        new Bucket(
            0x00ffff00,
            7,
            List.of(
                Ct.of(20, 65520)
                    .withCommit(SetField.masked(Field.CT_MARK, 0x10, 0x10))
                    .withNat(Nat.destination(Bits.of(0x0a000105, 4), 8080))));
    Selection hash =
        new Selection(
            "hash",
            0,
            List.of(
                Selection.hashed(Field.IPV4_SRC),
                FieldMatch.exact(Field.IPV4_DST, 0xffffff00),
                Selection.hashed(Field.IP_PROTO)));
    return List.of(
        new Group(1, Group.Type.ALL, Optional.empty(), List.of(one, two)),
        new Group(2, Group.Type.INDIRECT, Optional.empty(), List.of(one)),
        new Group(3, Group.Type.SELECT, Optional.empty(), List.of(one, two)),
        new Group(4, Group.Type.SELECT, Optional.empty(), List.of()),
        new Group(5, Group.Type.SELECT, Optional.of(hash), List.of(one, two)),
        new Group(
            6,
            Group.Type.SELECT,
            Optional.of(new Selection("dp_hash", 7, List.of())),
            List.of(two, one)),
        new Group(
            7,
            Group.Type.FAST_FAILOVER,
            Optional.empty(),
            List.of(new Bucket(3, 0, output, hex("0001000800000001")))),
        new Group(
            0xfffffeff,
            Group.Type.SELECT,
            Optional.empty(),
            List.of(new Bucket(0, 0, List.of()), new Bucket(9, 1, output))));
  }

  /** What turns an ARP request into its answer. */
  public static List<List<Action>> arpActions() {
    return List.of(
        List.of(
            new Action.Move(BitRange.all(Field.ETH_SRC), BitRange.all(Field.ETH_DST)),
            SetField.of(Field.ETH_SRC, 0x0a5e00000001L),
            SetField.of(Field.ARP_OP, 2),
            new Action.Move(BitRange.all(Field.ARP_SHA), BitRange.all(Field.ARP_THA)),
            SetField.of(Field.ARP_SHA, 0x0a5e00000001L),
            new Action.Move(BitRange.all(Field.ARP_SPA), BitRange.all(Field.ARP_TPA)),
            SetField.of(Field.ARP_SPA, 0x0a000001),
            new Action.Output(Ports.IN_PORT)));
  }

  public static List<List<Action>> ipv6Actions() {
    return List.of(
        List.of(
            Ct.of(1, 1)
                .withCommit()
                .withNat(
                    new Nat(
                        Nat.Kind.DST,
                        0,
                        Optional.of(V6),
                        Optional.of(V6_B),
                        OptionalInt.of(80),
                        OptionalInt.empty()))),
        List.of(
            new SetField(Field.IPV6_SRC, V6, Optional.empty()),
            new SetField(Field.IPV6_DST, V6_B, Optional.empty()),
            new Action.Output(1)),
        List.of(Ct.of(1, 1).withCommit().withNat(Nat.source(V6))));
  }

  private static Action learn() {
    return new Action.Learn(
        10,
        20,
        200,
        0x5e1L,
        1,
        18,
        3,
        4,
        List.of(
            new LearnSpec.MatchValue(Bits.of(0x0800, 2), BitRange.all(Field.ETH_TYPE)),
            new LearnSpec.MatchValue(Bits.of(6, 1), BitRange.all(Field.IP_PROTO)),
            new LearnSpec.MatchField(BitRange.all(Field.IPV4_SRC), BitRange.all(Field.IPV4_SRC)),
            new LearnSpec.MatchField(
                new BitRange(Field.REG0, 0, 15), new BitRange(Field.REG1, 16, 31)),
            new LearnSpec.LoadField(BitRange.all(Field.REG3), BitRange.all(Field.REG3)),
            new LearnSpec.LoadValue(Bits.of(1, 2), new BitRange(Field.REG0, 3, 3)),
            new LearnSpec.LoadValue(Bits.of(0x123456789aL, 8), BitRange.all(Field.XREG4)),
            new LearnSpec.OutputField(new BitRange(Field.REG5, 0, 15))));
  }

  private static Bits hex(String digits) {
    return Bits.of(HexFormat.of().parseHex(digits));
  }
}
