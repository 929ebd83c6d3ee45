package io.seine.agent.reject;

import static io.seine.agent.reject.Segments.sum;
import static io.seine.agent.reject.Segments.tcp;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Ipv6RefusalTest {
  private static final HexFormat HEX = HexFormat.of();
  private static final byte[] FROM = {0x0a, 0x58, 0, 0, 0, 4};
  private static final byte[] TO = {0x0a, 0x58, 0, 0, 0, 1};
  private static final byte[] CLIENT = HEX.parseHex("fd000010009600000000000000000004");
  private static final byte[] SERVICE = HEX.parseHex("fd000010011200000000000000000a0b");

  private static byte[] frame(int next, byte[] payload) {
    return ByteBuffer.allocate(54 + payload.length)
        .put(TO)
        .put(FROM)
        .putShort((short) 0x86dd)
        .putInt(0x60012345)
        .putShort((short) payload.length)
        .put((byte) next)
        .put((byte) 64)
        .put(CLIENT)
        .put(SERVICE)
        .put(payload)
        .array();
  }

  /** A header of 8 bytes before {@code payload}. */
  private static byte[] extension(int next, int offsetAndMore, byte[] payload) {
    return ByteBuffer.allocate(8 + payload.length)
        .put((byte) next)
        .put((byte) 0)
        .putShort((short) offsetAndMore)
        .putInt(0)
        .put(payload)
        .array();
  }

  private static void assertGoesBack(byte[] reply, int protocol) {
    assertThat(Arrays.copyOfRange(reply, 0, 6)).isEqualTo(FROM);
    assertThat(Arrays.copyOfRange(reply, 6, 12)).isEqualTo(TO);
    ByteBuffer read = ByteBuffer.wrap(reply);
    assertThat(read.getShort(12)).isEqualTo((short) 0x86dd);
    assertThat(read.getInt(14)).isEqualTo(0x60000000);
    assertThat(read.getShort(18)).as("length").isEqualTo((short) (reply.length - 54));
    assertThat(reply[20]).isEqualTo((byte) protocol);
    assertThat(Arrays.copyOfRange(reply, 22, 38)).as("source").isEqualTo(SERVICE);
    assertThat(Arrays.copyOfRange(reply, 38, 54)).as("destination").isEqualTo(CLIENT);
    int pseudo = protocol + reply.length - 54;
    assertThat(sum(reply, 22, reply.length, pseudo)).as("checksum").isEqualTo(0xffff);
  }

  @Test
  void shouldResetANewTcpConnection() {
    byte[] reply = Refusal.of(frame(6, tcp(0x02, 0x7fffffff, 0, 0))).orElseThrow();

    assertGoesBack(reply, 6);
    ByteBuffer tcp = ByteBuffer.wrap(reply, 54, 20).slice();
    assertThat(tcp.getShort(0)).isEqualTo((short) 80);
    assertThat(tcp.getShort(2)).isEqualTo((short) 40000);
    assertThat(tcp.getInt(4)).isZero();
    assertThat(tcp.getInt(8)).isEqualTo(0x80000000);
    assertThat(tcp.get(13)).isEqualTo((byte) 0x14);
  }

  @Test
  void shouldResetAnEstablishedTcpConnectionInItsSequence() {
    byte[] reply = Refusal.of(frame(6, tcp(0x18, 1000, 2000, 7))).orElseThrow();

    assertGoesBack(reply, 6);
    ByteBuffer tcp = ByteBuffer.wrap(reply, 54, 20).slice();
    assertThat(tcp.getInt(4)).isEqualTo(2000);
    assertThat(tcp.getInt(8)).isZero();
    assertThat(tcp.get(13)).isEqualTo((byte) 0x04);
  }

  @Test
  void shouldFindTheSegmentBehindExtensionHeaders() {
    // given hop-by-hop options, a destination option and a first fragment
    byte[] segment = tcp(0x02, 41, 0, 0);
    byte[] packet = frame(0, extension(60, 0, extension(44, 0, extension(6, 1, segment))));

    byte[] reply = Refusal.of(packet).orElseThrow();

    assertGoesBack(reply, 6);
    assertThat(ByteBuffer.wrap(reply).getInt(54 + 8)).isEqualTo(42);
  }

  @ParameterizedTest
  @ValueSource(ints = {17, 132})
  void shouldCallThePortOfAnyOtherProtocolUnreachable(int protocol) {
    byte[] packet = frame(protocol, new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11});

    byte[] reply = Refusal.of(packet).orElseThrow();

    assertGoesBack(reply, 58);
    assertThat(reply[54]).as("type").isEqualTo((byte) 1);
    assertThat(reply[55]).as("code").isEqualTo((byte) 4);
    assertThat(Arrays.copyOfRange(reply, 62, reply.length))
        .as("the refused packet")
        .isEqualTo(Arrays.copyOfRange(packet, 14, packet.length));
  }

  @Test
  void shouldNotMakePacketsLargerThanEveryLinkCarries() {
    byte[] reply = Refusal.of(frame(17, new byte[3000])).orElseThrow();

    assertGoesBack(reply, 58);
    assertThat(reply).hasSize(14 + 1280);
  }

  @Test
  void shouldQuoteWhatThereIsOfAPacketThatWasCutOff() {
    byte[] packet = Arrays.copyOf(frame(17, new byte[1000]), 256);

    byte[] reply = Refusal.of(packet).orElseThrow();

    assertGoesBack(reply, 58);
    assertThat(reply).hasSize(62 + 256 - 14);
  }

  @Test
  void shouldNotAnswerWhatMustNotBeAnswered() {
    byte[] segment = tcp(0x02, 1, 0, 0);
    byte[] reset = frame(6, tcp(0x04, 1, 1, 0));
    byte[] icmp = frame(58, new byte[8]);
    byte[] fragment = frame(44, extension(17, 8, new byte[16]));
    byte[] group = frame(17, new byte[8]);
    group[0] = 0x33;
    byte[] multicast = frame(17, new byte[8]);
    multicast[38] = (byte) 0xff;
    byte[] fromGroup = frame(17, new byte[8]);
    fromGroup[22] = (byte) 0xff;
    byte[] fromNobody = frame(17, new byte[8]);
    Arrays.fill(fromNobody, 22, 38, (byte) 0);
    byte[] manyExtensions = segment;
    int next = 6;
    for (int i = 0; i < 5; i++) {
      manyExtensions = extension(next, 0, manyExtensions);
      next = 60;
    }

    for (byte[] packet :
        List.of(
            reset,
            icmp,
            fragment,
            group,
            multicast,
            fromGroup,
            fromNobody,
            frame(60, manyExtensions))) {
      assertThat(Refusal.of(packet)).isEmpty();
    }
  }

  @Test
  void shouldNotAnswerPacketsCutShort() {
    byte[] whole = frame(0, extension(6, 0, tcp(0x02, 1, 0, 0)));

    for (int length = 0; length < whole.length; length++) {
      assertThat(Refusal.of(Arrays.copyOf(whole, length))).isEmpty();
    }
  }

  @Test
  void shouldSurviveAnyBytes() {
    Random random = new Random(20261121);
    List<byte[]> seeds =
        List.of(
            frame(6, tcp(0x02, 1, 0, 4)),
            frame(17, new byte[20]),
            frame(0, extension(44, 0, extension(132, 0, new byte[12]))));
    for (int i = 0; i < 100_000; i++) {
      byte[] packet = seeds.get(random.nextInt(seeds.size())).clone();
      for (int n = random.nextInt(6); n >= 0; n--) {
        packet[random.nextInt(packet.length)] = (byte) random.nextInt();
      }
      byte[] cut = Arrays.copyOf(packet, random.nextInt(packet.length + 20));

      assertThatCode(() -> Refusal.of(cut)).doesNotThrowAnyException();
    }
  }
}
