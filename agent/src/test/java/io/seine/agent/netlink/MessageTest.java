package io.seine.agent.netlink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.seine.openflow.Ip;
import io.seine.openflow.IpPrefix;
import io.seine.openflow.Mac;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Netlink messages as bytes. The expected bytes are those of a little-endian machine. */
class MessageTest {
  private static final HexFormat HEX = HexFormat.of();

  private static String hex(Message message) {
    return HEX.formatHex(message.encode(7));
  }

  @Test
  void attributesAreAlignedAndNestsKnowTheirLength() {
    Message message =
        new Message(16, 0).nest(18, n -> n.attributeString(1, "ab").attributeU32(4, 1450));

    assertThat(hex(message))
        .isEqualTo(
            "24000000"
                + "1000"
                + "0100"
                + "07000000"
                + "00000000" // header
                + "1400"
                + "1200" // the nest: 20 bytes
                + "0700"
                + "0100"
                + "616200"
                + "00" // "ab", NUL, padding
                + "0800"
                + "0400"
                + "aa050000");
  }

  @Test
  void aRouteOnlinkWithSource() {
    Route route =
        Route.via(IpPrefix.parse("10.10.2.0/24"), 5, Ip.parse("169.254.0.253"))
            .withOnlink()
            .withSource(Ip.parse("10.10.1.1"))
            .withProtocol(83);

    assertThat(hex(Requests.putRoute(route)))
        .isEqualTo(
            "3c000000"
                + "1800"
                + "0505"
                + "07000000"
                + "00000000"
                + "02180000"
                + "fe530001"
                + "04000000"
                + "08000100"
                + "0a0a0200"
                + "08000400"
                + "05000000"
                + "08000500"
                + "a9fe00fd"
                + "08000700"
                + "0a0a0101");
  }

  @Test
  void aPermanentNeighbour() {
    assertThat(
            hex(
                Requests.putNeighbour(
                    3, Ip.parse("169.254.0.253"), Mac.parse("0a:5e:00:00:00:01"))))
        .isEqualTo(
            "30000000"
                + "1c00"
                + "0505"
                + "07000000"
                + "00000000"
                + "02000000"
                + "03000000"
                + "8000"
                + "00"
                + "01"
                + "08000100"
                + "a9fe00fd"
                + "0a000200"
                + "0a5e00000001"
                + "0000");
  }

  @Test
  void anIpv6AddressIsNotAskedForFirst() {
    assertThat(hex(Requests.putAddress(3, InterfaceAddress.parse("fd00:10::2/128"))))
        .isEqualTo(
            "40000000"
                + "1400"
                + "0505"
                + "07000000"
                + "00000000"
                + "0a800200" // AF_INET6, /128, IFA_F_NODAD
                + "03000000"
                + "14000200"
                + "fd000010000000000000000000000002"
                + "14000100"
                + "fd000010000000000000000000000002");
  }

  @Test
  void anIpv6RouteAndNeighbour() {
    Ip hop = Ip.parse("fd00:5e1e::fd");
    assertThat(hex(Requests.putRoute(Route.via(IpPrefix.parse("fd00:10::/32"), 5, hop))))
        .isEqualTo(
            "4c000000"
                + "1800"
                + "0505"
                + "07000000"
                + "00000000"
                + "0a200000"
                + "fe040001"
                + "00000000"
                + "14000100"
                + "fd000010000000000000000000000000"
                + "08000400"
                + "05000000"
                + "14000500"
                + "fd005e1e0000000000000000000000fd");
    assertThat(hex(Requests.removeNeighbour(5, hop)))
        .isEqualTo(
            "30000000"
                + "1d00"
                + "0500"
                + "07000000"
                + "00000000"
                + "0a000000"
                + "05000000"
                + "0000"
                + "00"
                + "01"
                + "14000100"
                + "fd005e1e0000000000000000000000fd");
  }

  @Test
  void aRefusalCarriesTheKernelsExplanation() {
    byte[] text = "Nexthop has invalid gateway\0".getBytes(java.nio.charset.StandardCharsets.UTF_8);
    ByteBuffer reply = ByteBuffer.allocate(36 + 4 + text.length).order(ByteOrder.nativeOrder());
    reply.putInt(reply.capacity()).putShort((short) 2).putShort((short) 0x300).putInt(7).putInt(0);
    reply.putInt(-101).put(new byte[16]);
    reply.putShort((short) (4 + text.length)).putShort((short) 1).put(text);

    NetlinkException refused =
        Reply.split(reply.array()).getFirst().error("make route").orElseThrow();

    assertThat(refused.errno()).isEqualTo(101);
    assertThat(refused)
        .hasMessage(
            "cannot make route: ENETUNREACH, the next hop is unreachable (kernel: Nexthop has"
                + " invalid gateway)");
  }

  @Test
  void whateverTheBytesReadingEndsWithoutGoingPastThem() {
    Random random = new Random(42);
    for (int round = 0; round < 20_000; round++) {
      byte[] bytes = new byte[random.nextInt(200)];
      random.nextBytes(bytes);
      if (bytes.length > 20) {
        bytes[0] = (byte) random.nextInt(bytes.length);
        bytes[1] = 0;
        bytes[2] = 0;
        bytes[3] = 0;
        bytes[4] = (byte) List.of(2, 16, 20, 24, 28).get(random.nextInt(5)).intValue();
        bytes[5] = 0;
      }
      assertThatCode(
              () -> {
                List<Reply> replies = Reply.split(bytes);
                replies.forEach(r -> r.error("x"));
                Decoder.links(replies);
                Decoder.addresses(replies);
                Decoder.routes(replies);
                Decoder.neighbours(replies);
              })
          .doesNotThrowAnyException();
    }
  }
}
