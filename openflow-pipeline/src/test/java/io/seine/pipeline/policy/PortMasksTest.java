package io.seine.pipeline.policy;

import static io.seine.pipeline.ServiceFact.Protocol.TCP;
import static io.seine.pipeline.ServiceFact.Protocol.UDP;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PortMasksTest {
  private static String pieces(PortRange... ranges) {
    return PortMasks.pieces(List.of(ranges)).toString();
  }

  @Test
  void aRangeIsTheFewestMasks() {
    assertThat(pieces(PortRange.of(TCP, 80))).isEqualTo("[TCP/80]");
    assertThat(pieces(new PortRange(TCP, 1, 6))).isEqualTo("[TCP/1, TCP/2-3, TCP/4-5, TCP/6]");
    assertThat(pieces(new PortRange(TCP, 32768, 65535))).isEqualTo("[TCP/32768-65535]");
    assertThat(PortMasks.pieces(List.of(new PortRange(TCP, 1, 65534)))).hasSize(30);
    assertThat(PortMasks.mask(new PortRange(TCP, 8, 15))).isEqualTo(0xfff8);
    assertThat(PortMasks.mask(PortRange.all(TCP))).isZero();
  }

  @Test
  void everyPortIsOnePieceToo() {
    assertThat(pieces(PortRange.all(UDP))).isEqualTo("[UDP]");
    assertThat(pieces(new PortRange(UDP, 0, 99), new PortRange(UDP, 100, 65535)))
        .isEqualTo("[UDP]");
  }

  @Test
  void rangesThatTouchBecomeOneAndProtocolsStayApart() {
    assertThat(pieces(new PortRange(TCP, 4, 5), new PortRange(TCP, 6, 7), PortRange.of(UDP, 8)))
        .isEqualTo("[TCP/4-7, UDP/8]");
  }

  @Test
  void piecesAreTheRangesAndDoNotOverlap() {
    Random random = new Random(4);
    for (int i = 0; i < 1000; i++) {
      BitSet wanted = new BitSet();
      List<PortRange> ranges =
          random
              .ints(1 + random.nextInt(5), 0, 65536)
              .mapToObj(first -> new PortRange(TCP, first, first + random.nextInt(65536 - first)))
              .toList();
      ranges.forEach(range -> wanted.set(range.first(), range.last() + 1));
      BitSet got = new BitSet();
      for (PortRange piece : PortMasks.pieces(ranges)) {
        assertThat(got.get(piece.first(), piece.last() + 1).isEmpty()).isTrue();
        assertThat(piece.first() & PortMasks.mask(piece)).isEqualTo(piece.first());
        got.set(piece.first(), piece.last() + 1);
      }
      assertThat(got).isEqualTo(wanted);
    }
  }
}
