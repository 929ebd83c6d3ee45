package io.seine.agent.netlink;

import static org.assertj.core.api.Assertions.assertThat;

import io.seine.agent.netlink.Netfilter.Destination;
import io.seine.openflow.Bits;
import io.seine.openflow.Family;
import io.seine.openflow.Ip;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** The messages byte by byte, as on a little-endian machine. */
class ConntrackTest {
  private static final Conntrack.Entry ENTRY =
      new Conntrack.Entry(
          Ip.parse("172.30.0.2"),
          40886,
          new Destination(Ip.parse("203.0.113.7"), 80),
          Optional.of(Bits.of(0x941dd0c5L, 4)));

  /** The address and protocol attributes of {@link #ENTRY}, as the kernel writes them, too. */
  private static final String TUPLE =
      "34000180" // CTA_TUPLE_ORIG, nested
          + "14000180" // CTA_TUPLE_IP, nested
          + "08000100ac1e0002"
          + "08000200cb007107"
          + "1c000280" // CTA_TUPLE_PROTO, nested
          + "0500010011000000" // UDP
          + "060002009fb60000" // 40886
          + "0600030000500000"; // 80

  private static String hex(Message message) {
    return HexFormat.of().formatHex(message.encode(7));
  }

  private static Reply reply(int type, String body) {
    byte[] bytes = HexFormat.of().parseHex(body);
    ByteBuffer message = ByteBuffer.allocate(16 + bytes.length).order(ByteOrder.nativeOrder());
    message.putInt(message.capacity()).putShort((short) type).putShort((short) 2);
    message.putInt(7).putInt(0).put(bytes);
    return Reply.split(message.array()).getFirst();
  }

  @Test
  void oneEntryIsDeletedByItsTupleAndId() {
    assertThat(hex(Conntrack.delete(ENTRY)))
        .isEqualTo(
            "50000000"
                + "0201" // IPCTNL_MSG_CT_DELETE
                + "0500" // NLM_F_REQUEST | NLM_F_ACK
                + "0700000000000000"
                + "02000000" // nfgenmsg: AF_INET
                + TUPLE
                + "08000c00941dd0c5"); // CTA_ID
  }

  @Test
  void theListIsAskedForByProtocolAndPort() {
    assertThat(hex(Conntrack.dumpUdp(Family.IPV6, OptionalInt.of(53))))
        .isEqualTo(
            "38000000"
                + "0101"
                + "0103" // NLM_F_REQUEST | NLM_F_DUMP
                + "0700000000000000"
                + "0a000000"
                + "18000180"
                + "14000280"
                + "0500010011000000"
                + "0600030000350000"
                + "0c001980" // CTA_FILTER, nested
                + "0800010028000000");
    assertThat(hex(Conntrack.dumpUdp(Family.IPV4, OptionalInt.empty())))
        .contains("0c0002800500010011000000")
        .endsWith("0c0019800800010008000000");
  }

  @Test
  void whatTheKernelListsIsRead() {
    Reply entry = reply(0x100, "02000000" + TUPLE + "08000c00941dd0c5");

    assertThat(Conntrack.udpEntries(List.of(entry))).containsExactly(ENTRY);
  }

  @Test
  void connectionsOfAnotherProtocolOrOfAZoneArePassedOver() {
    String tcp = TUPLE.replace("0500010011", "0500010006");
    Reply zoned = reply(0x100, "02000000" + TUPLE + "06001200fff00000");
    Reply broken = reply(0x100, "02000000" + TUPLE.substring(0, 40));

    assertThat(
            Conntrack.udpEntries(
                List.of(reply(0x100, "02000000" + tcp), zoned, broken, reply(0x101, "02000000"))))
        .isEmpty();
  }

  @Test
  void theGenerationIsReadAsUnsigned() {
    assertThat(Conntrack.generation(List.of(reply(0xa0f, "00000000" + "08000100fffffffe"))))
        .hasValue(0xfffffffeL);
    assertThat(Conntrack.generation(List.of(reply(0xa0f, "00000000")))).isEmpty();
  }
}
