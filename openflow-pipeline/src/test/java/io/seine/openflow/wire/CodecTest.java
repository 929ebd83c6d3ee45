package io.seine.openflow.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.seine.openflow.Action;
import io.seine.openflow.Bits;
import io.seine.openflow.Change;
import io.seine.openflow.CtFlush;
import io.seine.openflow.Field;
import io.seine.openflow.FieldMatch;
import io.seine.openflow.Flow;
import io.seine.openflow.Group;
import io.seine.openflow.InstalledFlow;
import io.seine.openflow.Ip;
import io.seine.openflow.Match;
import io.seine.openflow.OvsText;
import io.seine.openflow.UnknownField;
import io.seine.openflow.testing.SampleFlows;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The codec against bytes. */
class CodecTest {
  static Stream<Flow> flows() {
    return SampleFlows.all().stream();
  }

  @ParameterizedTest
  @MethodSource("flows")
  void shouldReadTheFlowThatItWrites(Flow flow) throws Exception {
    assertThat(Messages.flows(new Input(Replies.flows(List.of(flow)))).entries())
        .containsExactly(
            new InstalledFlow(
                flow,
                0x5e1,
                Duration.ofSeconds(12, 345_000_000),
                Duration.ofSeconds(3),
                77,
                7700,
                5,
                6));
  }

  @Test
  void shouldReadTheGroupsThatItWrites() throws Exception {
    List<Group> groups = SampleFlows.groups();
    assertThat(Messages.groups(new Input(Replies.groups(groups))).entries()).isEqualTo(groups);
  }

  /** Bytes as Open vSwitch 3.1 reported them for the action beside them. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "output:1          | 0000 0010 00000001 0000 000000000000",
        "resubmit(,5)      | ffff 0010 00002320 000e fff8 05 000000",
        "ct_clear          | ffff 0010 00002320 002b 000000000000",
        "conjunction(77,2/3) | ffff 0010 00002320 0022 01 03 0000004d",
        "set_field:0x30/0xf0->reg0 | 0019 0010 00010108 00000030 000000f0",
        "dec_ttl           | 0018 0008 00000000",
        "group:9           | 0016 0008 00000009",
        "meter:1           | 001d 0008 00000001",
        "push_vlan:0x8100  | 0011 0008 8100 0000",
        "pop_vlan          | 0012 0008 00000000",
        "ct(table=12,zone=65520,nat) | ffff 0028 00002320 0023 0000 00000000 fff0 0c 000000 0000"
            + " ffff 0010 00002320 0024 0000 0000 0000",
        "ct(commit,table=20,zone=65520,nat(dst=10.0.1.5:8080)) | ffff 0030 00002320 0023 0001"
            + " 00000000 fff0 14 000000 0000"
            + " ffff 0018 00002320 0024 0000 0002 0011 0a000105 1f90 0000",
        "controller(id=7,userdata=01.02.03.04.05) | ffff 0028 00002320 0025 000000000000"
            + " 0001 0008 0007 0000 0003 0009 0102030405 00000000000000",
        "controller(userdata=01,meter_id=1) | ffff 0020 00002320 0025 000000000000"
            + " 0003 0005 01 000000 0005 0008 00000001",
        "learn(table=18,idle_timeout=10800,priority=200,delete_learned,cookie=0x5e1f000000000001,"
            + "eth_type=0x86dd,NXM_NX_IPV6_SRC[],NXM_NX_REG6[],load:0x1->NXM_NX_REG7[])"
            + " | ffff 0058 00002320 0010 2a30 0000 00c8 5e1f000000000001 0002 12 00 0000 0000"
            + " 2010 86dd 80000a02 0000 0080 80003410 0000 80003410 0000"
            + " 0020 00010c04 0000 00010c04 0000 2820 00000001 00010e04 0000 000000000000",
        "move:NXM_NX_REG0[0..15]->NXM_NX_REG5[16..31] | 001c 0018 0010 0000 0010 0000"
            + " 00010004 00010a04 00000000",
        "output:NXM_NX_REG1[] | ffff 0018 00002320 000f 001f 00010204 ffff 000000000000",
        "note:01.02.03.00.00.00 | ffff 0010 00002320 0008 010203000000",
      })
  void shouldWriteAndReadTheBytesOfOpenVSwitch(String text, String digits) throws Exception {
    byte[] bytes = HexFormat.of().parseHex(digits.replace(" ", ""));
    List<Action> actions = ActionReader.readAll(new Input(bytes));
    assertThat(actions).hasSize(1);
    assertThat(OvsText.of(actions.getFirst())).isEqualTo(text.strip());
    ByteBuf out = Unpooled.buffer();
    ActionWriter.write(out, actions);
    assertThat(HexFormat.of().formatHex(Replies.bytes(out)))
        .isEqualTo(HexFormat.of().formatHex(bytes));
  }

  /** As {@code ovs-ofctl ct-flush} of Open vSwitch 3.1 sends it, for the same words. */
  @Test
  void shouldWriteTheFlushOfOpenVSwitch() {
    assertThat(
            flush(
                CtFlush.between(
                    65520,
                    17,
                    CtFlush.Peer.of(Ip.parse("10.100.0.7"), 53),
                    CtFlush.Peer.of(Ip.parse("10.0.0.9"), 5353))))
        .isEqualTo(
            "060400700000000200002320000000201100000000000000"
                + "00000028000000000001001400000000000000000000ffff0a640007000000000003000800350000"
                + "00010028000000000000001400000000000000000000ffff0a000009000000000002000814e90000"
                + "00020008fff00000");
    assertThat(flush(CtFlush.to(65520, 17, CtFlush.Peer.of(Ip.parse("fd00::1"), 53))))
        .isEqualTo(
            "060400480000000200002320000000201100000000000000"
                + "000000280000000000010014fd000000000000000000000000000001000000000003000800350000"
                + "00020008fff00000");
  }

  private static String flush(CtFlush flush) {
    ByteBuf out = Unpooled.buffer();
    Messages.flushConnections(out, 2, flush);
    return HexFormat.of().formatHex(Replies.bytes(out));
  }

  @ParameterizedTest
  @CsvSource({
    "0005000800000000", // a type that is not known
    "ffff00100000232000ff000000000000", // a subtype that is not known
    "ffff001012345678000e000000000000", // a vendor that is not known
    "ffff0010000023200023000000000000", // a ct() that is too short
    "ffff002800002320002300000000000000000000000000ffffff001000002320ffff000000000000", // odd ct
  })
  void shouldKeepAnActionItDoesNotKnowByteForByte(String digits) throws Exception {
    byte[] bytes = HexFormat.of().parseHex(digits);
    List<Action> actions = ActionReader.readAll(new Input(bytes));
    ByteBuf out = Unpooled.buffer();
    ActionWriter.write(out, actions);
    assertThat(Replies.bytes(out)).isEqualTo(bytes);
  }

  @Test
  void shouldKeepAnInstructionItDoesNotKnow() throws Exception {
    // write_metadata and goto_table
    byte[] bytes =
        HexFormat.of()
            .parseHex("0002001800000000" + "0000000000000005ffffffffffffffff" + "0001000807000000");
    List<Action> actions = FlowCodec.readInstructions(new Input(bytes));
    assertThat(actions).hasSize(2).contains(new Action.GotoTable(7));
    ByteBuf out = Unpooled.buffer();
    FlowCodec.instructions(out, actions);
    assertThat(Replies.bytes(out)).isEqualTo(bytes);
  }

  @Test
  void shouldKeepAFieldItDoesNotKnow() throws Exception {
    Match match =
        Match.of(
            new FieldMatch(new UnknownField(1, 40, 32, 0), Bits.of(5, 4), Optional.empty()),
            new FieldMatch(
                new UnknownField(0xffff, 3, 16, 0x4f4e4600),
                Bits.of(5, 2),
                Optional.of(Bits.of(7, 2))));
    ByteBuf out = Unpooled.buffer();
    Oxm.match(out, match);
    assertThat(Oxm.readMatch(new Input(Replies.bytes(out)))).isEqualTo(match);
  }

  @Test
  void shouldTakeWideRegistersForTheNarrowOnesTheyAre() {
    assertThat(Match.of(FieldMatch.exact(Field.XREG1, 0x0000000500000006L)))
        .isEqualTo(Match.of(FieldMatch.exact(Field.REG2, 5), FieldMatch.exact(Field.REG3, 6)));
    assertThat(Match.of(FieldMatch.masked(Field.REG0, 0, 0))).isEqualTo(Match.ANY);
    assertThat(FieldMatch.masked(Field.VLAN_VID, 0x1005, 0xffff))
        .isEqualTo(FieldMatch.exact(Field.VLAN_VID, 0x1005));
  }

  @Test
  void shouldSplitALargeGroupIntoMessages() {
    List<Group.Bucket> buckets = new ArrayList<>();
    for (int i = 0; i < 5000; i++) {
      buckets.add(new Group.Bucket(i, 1, List.of(new Action.Output(i))));
    }
    Group group = new Group(1, Group.Type.SELECT, Optional.empty(), buckets);
    List<Change> steps = Messages.split(new Change.ModifyGroup(group));
    List<Group.Bucket> again = new ArrayList<>();
    for (Change step : steps) {
      switch (step) {
        case Change.ModifyGroup first -> again.addAll(first.group().buckets());
        case Change.InsertBuckets more -> again.addAll(more.buckets());
        default -> throw new AssertionError(step);
      }
      ByteBuf out = Unpooled.buffer();
      Messages.bundleAdd(out, 1, 1, step);
      assertThat(out.readableBytes()).isLessThan(65_536);
    }
    assertThat(steps).hasSizeGreaterThan(2);
    assertThat(steps.getFirst()).isInstanceOf(Change.ModifyGroup.class);
    assertThat(again).isEqualTo(buckets);
  }

  @Test
  void shouldRefuseWhatDoesNotFitAMessage() {
    Flow flow = new Flow(0, 1, Match.ANY, List.of(new Action.Note(Bits.ones(70_000))));
    assertThatThrownBy(
            () -> Messages.bundleAdd(Unpooled.buffer(), 1, 1, new Change.AddFlow(flow, 0)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("16 bits");
  }

  @ParameterizedTest
  @CsvSource({
    "00020004, OFPBAC_BAD_OUT_PORT",
    "00060000, OFPGMFC_GROUP_EXISTS",
    "0011000d, OFPBFC_MSG_FAILED",
    "ffff000f00002320, NXBAC_BAD_CONJUNCTION",
    "ffff08fc4f4e4600, experimenter error 2300 of ONF",
    "00630001, error type 99 code 1",
  })
  void shouldNameErrors(String digits, String name) throws Exception {
    byte[] bytes = HexFormat.of().parseHex(digits);
    assertThat(OpenFlowError.read(new Input(bytes)).name()).isEqualTo(name);
  }
}
