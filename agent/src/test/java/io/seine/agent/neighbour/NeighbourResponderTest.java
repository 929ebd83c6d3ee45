package io.seine.agent.neighbour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.seine.openflow.Ip;
import io.seine.openflow.Mac;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NeighbourResponderTest {
  private static final HexFormat HEX = HexFormat.of();
  private static final Mac GATEWAY = Mac.parse("0a:58:00:00:00:01");
  private static final String GATEWAY_ADDRESS = "fd000010009600000000000000000001";
  private static final String POD_ADDRESS = "fd000010009600000000000000000002";

  /** As a Linux pod sent it to fd00:10:96::1, checksum included. */
  private static final byte[] SOLICITATION =
      HEX.parseHex(
          "3333ff000001"
              + "0a5800000002"
              + "86dd"
              + "6000000000203aff"
              + POD_ADDRESS
              + "ff0200000000000000000001ff000001"
              + "8700"
              + "4bc0"
              + "00000000"
              + GATEWAY_ADDRESS
              + "01010a5800000002");

  private final List<byte[]> sent = new ArrayList<>();
  private final AtomicLong clock = new AtomicLong();
  private final NeighbourResponder responder =
      new NeighbourResponder(
          address ->
              Optional.ofNullable(Map.of(GATEWAY_ADDRESS, GATEWAY).get(address.value().toString())),
          (port, frame) -> sent.add(frame),
          5,
          clock::get);

  private static int sum(byte[] bytes, int from, int to, int start) {
    int sum = start;
    for (int i = from; i < to; i += 2) {
      sum += (bytes[i] & 0xff) << 8 | (bytes[i + 1] & 0xff);
    }
    while (sum >>> 16 != 0) {
      sum = (sum & 0xffff) + (sum >>> 16);
    }
    return sum;
  }

  private static byte[] withChecksum(byte[] frame) {
    frame[56] = 0;
    frame[57] = 0;
    int length = (frame[18] & 0xff) << 8 | (frame[19] & 0xff);
    int sum = ~sum(frame, 22, 54 + length, length + 58) & 0xffff;
    frame[56] = (byte) (sum >> 8);
    frame[57] = (byte) sum;
    return frame;
  }

  @Test
  void theGatewayIsToldToWhoeverAsks() {
    responder.packetIn(3, withChecksum(SOLICITATION.clone()));

    assertThat(sent).hasSize(1);
    byte[] answer = sent.getFirst();
    assertThat(HEX.formatHex(withChecksum(answer.clone())))
        .isEqualTo(
            "0a5800000002"
                + "0a5800000001"
                + "86dd"
                + "6000000000203aff"
                + GATEWAY_ADDRESS
                + POD_ADDRESS
                + "8800"
                + HEX.formatHex(answer, 56, 58)
                + "60000000" // solicited, override; no router
                + GATEWAY_ADDRESS
                + "02010a5800000001");
    assertThat(sum(answer, 22, answer.length, 32 + 58)).as("checksum").isEqualTo(0xffff);
    assertThat(responder.counts()).isEqualTo(new NeighbourResponder.Counts(1, 0, 0, 0));
  }

  @Test
  void itIsAnsweredAlsoWhenItCameStraightToTheTarget() {
    // given a probe of a neighbour that is known already, which needs no option either
    byte[] probe = SOLICITATION.clone();
    System.arraycopy(HEX.parseHex(GATEWAY_ADDRESS), 0, probe, 38, 16);
    probe[19] = 24;

    responder.packetIn(3, withChecksum(Arrays.copyOf(probe, 78)));

    assertThat(sent).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource({
    "21, 40, a hop limit below 255: it came through a router",
    "20, 06, not ICMPv6",
    "54, 88, an advertisement",
    "55, 01, a code that is not 0",
    "6, 01, a sender that is a group",
    "14, 45, not IPv6",
    "13, 00, another EtherType",
    "22, ff, a source that is a group",
    "62, ff, a target that is a group",
    "77, 09, a target that nobody has",
    "53, 02, another target's group",
    "79, 00, an option of no length",
    "79, 02, an option longer than the packet",
    "19, 18, a length that cuts off the option in its middle",
    "19, ff, a length beyond the frame"
  })
  void whatIsNotValidGetsNothing(int at, String value, String what) {
    byte[] frame = SOLICITATION.clone();
    frame[at] = (byte) HexFormat.fromHexDigits(value);
    if (at == 19 && frame[at] == 0x18) {
      frame[at] = 0x1c;
    }
    int length = Math.min(frame[19] & 0xff, 32);
    byte[] summed = frame.clone();
    summed[19] = (byte) length;
    withChecksum(summed);
    System.arraycopy(summed, 56, frame, 56, 2);

    responder.packetIn(3, frame);

    assertThat(sent).as(what).isEmpty();
  }

  @Test
  void aWrongChecksumGetsNothing() {
    byte[] frame = withChecksum(SOLICITATION.clone());
    frame[57] ^= 1;

    responder.packetIn(3, frame);

    assertThat(sent).isEmpty();
  }

  @Test
  void aHostThatLooksWhetherItsAddressIsFreeGetsNothing() {
    byte[] probe = SOLICITATION.clone();
    Arrays.fill(probe, 22, 38, (byte) 0);

    responder.packetIn(3, withChecksum(probe));

    assertThat(sent).isEmpty();
    assertThat(responder.counts().ignored()).isEqualTo(1);
  }

  @Test
  void aPortThatFloodsIsLimitedAndTheOthersAreNot() {
    byte[] frame = withChecksum(SOLICITATION.clone());

    for (int i = 0; i < 100; i++) {
      responder.packetIn(3, frame);
    }
    responder.packetIn(4, frame);
    clock.addAndGet(200_000_000);
    responder.packetIn(3, frame);

    assertThat(responder.counts()).isEqualTo(new NeighbourResponder.Counts(7, 95, 0, 0));
  }

  @Test
  void anAnswerThatCannotBeSentIsCounted() {
    NeighbourResponder broken =
        new NeighbourResponder(
            address -> Optional.of(GATEWAY),
            (port, frame) -> {
              throw new java.io.IOException("gone");
            },
            5,
            clock::get);

    broken.packetIn(3, withChecksum(SOLICITATION.clone()));

    assertThat(broken.counts()).isEqualTo(new NeighbourResponder.Counts(0, 0, 0, 1));
  }

  @Test
  void anyBytesAreSurvivedAndAnswersAreOnlyEverWellFormed() {
    Random random = new Random(20261121);
    NeighbourResponder all =
        new NeighbourResponder(
            (Ip address) -> Optional.of(GATEWAY),
            (port, frame) -> sent.add(frame),
            1_000_000,
            clock::get);
    for (int i = 0; i < 200_000; i++) {
      byte[] frame = SOLICITATION.clone();
      for (int n = random.nextInt(5); n > 0; n--) {
        frame[random.nextInt(frame.length)] = (byte) random.nextInt();
      }
      if ((frame[18] & 0xff) == 0 && (frame[19] & 0xff) <= 32 && random.nextInt(4) != 0) {
        withChecksum(frame);
      }
      byte[] cut = random.nextInt(4) != 0 ? frame : Arrays.copyOf(frame, random.nextInt(120));

      assertThatCode(() -> all.packetIn(3, cut)).doesNotThrowAnyException();
    }
    assertThat(all.counts().failed()).isZero();
    assertThat(all.counts().ignored()).isPositive();
    assertThat(sent).hasSizeGreaterThan(10_000).allMatch(f -> f.length == 86);
    assertThat(sent).allMatch(f -> sum(f, 22, f.length, 32 + 58) == 0xffff);
  }
}
