package io.seine.agent.dns;

import static org.assertj.core.api.Assertions.assertThat;

import io.seine.agent.packet.Bytes;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class PiecesTest {
  private static final int MTU = 1400;

  @Test
  void shouldLeaveWhatFitsAsItIs() {
    byte[] frame = Frames.udp4(new byte[MTU - 28]);

    assertThat(Pieces.of(frame, MTU, 7)).containsExactly(frame);
  }

  @Test
  void shouldCutIpv4IntoPiecesThatFitAndMakeUpTheWhole() {
    byte[] frame = Frames.udp4(Frames.counted(4000));

    List<byte[]> pieces = Pieces.of(frame, MTU, 7);

    assertThat(pieces).hasSize(3).allMatch(piece -> piece.length <= MTU + 14);
    byte[] together = new byte[frame.length - 34];
    for (byte[] piece : pieces) {
      assertThat(Bytes.fold(Bytes.sum(piece, 14, 20, 0))).as("checksum").isZero();
      assertThat(Bytes.u16(piece, 18)).isEqualTo(7);
      assertThat(Bytes.u16(piece, 16)).isEqualTo(piece.length - 14);
      int offset = (Bytes.u16(piece, 20) & 0x1fff) * 8;
      System.arraycopy(piece, 34, together, offset, piece.length - 34);
    }
    assertThat(together).isEqualTo(Arrays.copyOfRange(frame, 34, frame.length));
    assertThat(pieces.stream().map(p -> Bytes.u16(p, 20) & 0x6000))
        .containsExactly(0x2000, 0x2000, 0);
  }

  @Test
  void shouldCutIpv6Likewise() {
    byte[] frame = Frames.udp6(Frames.counted(3000));

    List<byte[]> pieces = Pieces.of(frame, MTU, 0x12345678);

    assertThat(pieces).hasSize(3).allMatch(piece -> piece.length <= MTU + 14);
    byte[] together = new byte[frame.length - 54];
    for (byte[] piece : pieces) {
      assertThat(piece[20]).isEqualTo((byte) 44);
      assertThat(piece[54]).isEqualTo((byte) 17);
      assertThat(Bytes.u32(piece, 58)).isEqualTo(0x12345678);
      int offset = Bytes.u16(piece, 56) & 0xfff8;
      System.arraycopy(piece, 62, together, offset, piece.length - 62);
    }
    assertThat(together).isEqualTo(Arrays.copyOfRange(frame, 54, frame.length));
    assertThat(pieces.stream().map(p -> Bytes.u16(p, 56) & 1)).containsExactly(1, 1, 0);
  }

  @Test
  void shouldFindWhatAPacketCarriesOnlyIfItIsAllThere() {
    byte[] payload = Frames.counted(50);

    assertThat(Datagram.payload(Frames.udp4(payload)))
        .hasValueSatisfying(found -> assertThat(found).isEqualTo(payload));
    assertThat(Datagram.payload(Frames.udp6(payload)))
        .hasValueSatisfying(found -> assertThat(found).isEqualTo(payload));
    for (byte[] frame : List.of(Frames.udp4(payload), Frames.udp6(payload))) {
      for (int length = 0; length < frame.length; length++) {
        assertThat(Datagram.payload(Arrays.copyOf(frame, length))).as("%d bytes", length).isEmpty();
      }
    }
    assertThat(Datagram.payload(Pieces.of(Frames.udp4(new byte[3000]), MTU, 1).getFirst()))
        .isEmpty();
  }
}
