package io.seine.agent.reject;

import static io.seine.agent.reject.Segments.sum;
import static io.seine.agent.reject.Segments.tcp;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RefusalTest {
  private static final byte[] FROM = {0x0a, 0x58, 10, 96, 0, 4};
  private static final byte[] TO = {0x0a, 0x58, 10, 96, 0, 1};
  private static final int CLIENT = 0x0a600004;
  private static final int SERVICE = 0x64408869;

  private static byte[] frame(int protocol, byte[] payload) {
    return ByteBuffer.allocate(34 + payload.length)
        .put(TO)
        .put(FROM)
        .putShort((short) 0x0800)
        .put((byte) 0x45)
        .put((byte) 0)
        .putShort((short) (20 + payload.length))
        .putInt(0x12344000)
        .put((byte) 64)
        .put((byte) protocol)
        .putShort((short) 0)
        .putInt(CLIENT)
        .putInt(SERVICE)
        .put(payload)
        .array();
  }

  private static void assertGoesBack(byte[] reply) {
    assertThat(Arrays.copyOfRange(reply, 0, 6)).isEqualTo(FROM);
    assertThat(Arrays.copyOfRange(reply, 6, 12)).isEqualTo(TO);
    ByteBuffer read = ByteBuffer.wrap(reply);
    assertThat(read.getShort(12)).isEqualTo((short) 0x0800);
    assertThat(read.getShort(16)).as("IP length").isEqualTo((short) (reply.length - 14));
    assertThat(read.getInt(26)).as("source").isEqualTo(SERVICE);
    assertThat(read.getInt(30)).as("destination").isEqualTo(CLIENT);
    assertThat(sum(reply, 14, 34, 0)).as("IP checksum").isEqualTo(0xffff);
  }

  @Test
  void shouldResetANewTcpConnection() {
    // given the first packet of a handshake
    byte[] syn = frame(6, tcp(0x02, 0x7fffffff, 0, 0));

    byte[] reply = Refusal.of(syn).orElseThrow();

    // then RFC 9293: <SEQ=0><ACK=SEG.SEQ+SEG.LEN><CTL=RST,ACK>, where SYN counts as one
    assertGoesBack(reply);
    ByteBuffer tcp = ByteBuffer.wrap(reply, 34, 20).slice();
    assertThat(tcp.getShort(0)).isEqualTo((short) 80);
    assertThat(tcp.getShort(2)).isEqualTo((short) 40000);
    assertThat(tcp.getInt(4)).isZero();
    assertThat(tcp.getInt(8)).isEqualTo(0x80000000);
    assertThat(tcp.get(13)).isEqualTo((byte) 0x14);
    int pseudo = sum(reply, 26, 34, 6 + 20);
    assertThat(sum(reply, 34, 54, pseudo)).as("TCP checksum").isEqualTo(0xffff);
  }

  @Test
  void shouldResetAnEstablishedTcpConnectionInItsSequence() {
    byte[] data = frame(6, tcp(0x18, 1000, 2000, 7));

    byte[] reply = Refusal.of(data).orElseThrow();

    // then <SEQ=SEG.ACK><CTL=RST>
    ByteBuffer tcp = ByteBuffer.wrap(reply, 34, 20).slice();
    assertThat(tcp.getInt(4)).isEqualTo(2000);
    assertThat(tcp.getInt(8)).isZero();
    assertThat(tcp.get(13)).isEqualTo((byte) 0x04);
  }

  @ParameterizedTest
  @ValueSource(ints = {17, 132})
  void shouldCallThePortOfAnyOtherProtocolUnreachable(int protocol) {
    byte[] packet = frame(protocol, new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10});

    byte[] reply = Refusal.of(packet).orElseThrow();

    assertGoesBack(reply);
    assertThat(reply[23]).as("protocol").isEqualTo((byte) 1);
    assertThat(reply[34]).as("type").isEqualTo((byte) 3);
    assertThat(reply[35]).as("code").isEqualTo((byte) 3);
    assertThat(sum(reply, 34, reply.length, 0)).as("ICMP checksum").isEqualTo(0xffff);
    assertThat(Arrays.copyOfRange(reply, 42, reply.length))
        .as("the refused packet's header and 8 bytes")
        .isEqualTo(Arrays.copyOfRange(packet, 14, 42));
  }

  @Test
  void shouldNotAnswerWhatMustNotBeAnswered() {
    byte[] reset = frame(6, tcp(0x04, 1, 1, 0));
    byte[] icmp = frame(1, new byte[8]);
    byte[] fragment = frame(17, new byte[16]);
    fragment[21] = 1;
    byte[] broadcast = frame(17, new byte[8]);
    Arrays.fill(broadcast, 0, 6, (byte) 0xff);
    byte[] multicast = frame(17, new byte[8]);
    multicast[30] = (byte) 224;
    byte[] ipv6 = frame(17, new byte[8]);
    ipv6[14] = 0x60;

    for (byte[] packet : List.of(reset, icmp, fragment, broadcast, multicast, ipv6)) {
      assertThat(Refusal.of(packet)).isEmpty();
    }
  }

  @Test
  void shouldNotAnswerPacketsCutShort() {
    byte[] whole = frame(6, tcp(0x02, 1, 0, 0));

    for (int length = 0; length < whole.length; length++) {
      assertThat(Refusal.of(Arrays.copyOf(whole, length))).isEmpty();
    }
  }

  @Test
  void shouldSurviveAnyBytes() {
    Random random = new Random(20261121);
    List<byte[]> seeds =
        List.of(frame(6, tcp(0x02, 1, 0, 4)), frame(17, new byte[20]), frame(132, new byte[12]));
    Rejector rejector = new Rejector((port, answer) -> {}, 10_000, System::nanoTime);
    for (int i = 0; i < 100_000; i++) {
      byte[] packet = seeds.get(random.nextInt(seeds.size())).clone();
      for (int n = random.nextInt(6); n >= 0; n--) {
        packet[random.nextInt(packet.length)] = (byte) random.nextInt();
      }
      byte[] cut = Arrays.copyOf(packet, random.nextInt(packet.length + 20));

      assertThatCode(() -> rejector.packetIn(3, cut)).doesNotThrowAnyException();
    }
    Rejector.Counts counts = rejector.counts();
    assertThat(counts.refused() + counts.limited()).isPositive();
    assertThat(counts.failed()).isZero();
  }

  @Test
  void shouldKeepToTheRate() {
    // given five refusals a second
    AtomicLong clock = new AtomicLong();
    List<Integer> ports = new ArrayList<>();
    Rejector rejector = new Rejector((port, answer) -> ports.add(port), 5, clock::get);
    byte[] syn = frame(6, tcp(0x02, 1, 0, 0));

    // when twenty packets come at once, and four more each 100 ms apart
    for (int i = 0; i < 20; i++) {
      rejector.packetIn(7, syn);
    }
    for (int i = 0; i < 4; i++) {
      clock.addAndGet(100_000_000);
      rejector.packetIn(7, syn);
    }

    // then a second's worth was answered at once, and one for each 200 ms after
    assertThat(ports).hasSize(7).containsOnly(7);
    assertThat(rejector.counts()).isEqualTo(new Rejector.Counts(7, 17, 0, 0));
  }

  @Test
  void shouldCountAnswersThatCouldNotBeSent() {
    Rejector rejector =
        new Rejector(
            (port, answer) -> {
              throw new java.io.IOException("gone");
            },
            5,
            System::nanoTime);

    rejector.packetIn(3, frame(17, new byte[8]));

    assertThat(rejector.counts()).isEqualTo(new Rejector.Counts(0, 0, 0, 1));
  }
}
