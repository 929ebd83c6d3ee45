package io.seine.cni.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Frames out of a byte stream: RFC 9113, sections 4 and 6. */
class FrameReaderTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 8, 9, 10, 4096, 100_000})
  void framesComeOutWhateverTheChunks(int chunk) throws Exception {
    byte[] large = new byte[FrameReader.MAX_PAYLOAD];
    Arrays.fill(large, (byte) 7);
    byte[] stream =
        Frames.concat(
            Frames.frame(Frame.DATA, Frame.END_STREAM, 0x7fffffff, large),
            Frames.frame(Frame.PING, Frame.ACK, 0, new byte[8]),
            Frames.frame(Frame.DATA, 0, 1, large),
            Frames.frame(0xee, 0xff, 3, new byte[] {1, 2}));
    FrameReader reader = new FrameReader(new ScriptedTransport(stream, chunk));

    Frame first = reader.next();
    assertThat(first.type()).isEqualTo(Frame.DATA);
    assertThat(first.stream()).isEqualTo(0x7fffffff);
    assertThat(first.has(Frame.END_STREAM)).isTrue();
    assertThat(first.payload()).isEqualTo(large);
    assertThat(reader.next().type()).isEqualTo(Frame.PING);
    assertThat(reader.next().length()).isEqualTo(FrameReader.MAX_PAYLOAD);
    Frame unknown = reader.next();
    assertThat(unknown.type()).isEqualTo(0xee);
    assertThat(unknown.payload()).containsExactly(1, 2);
    assertThatThrownBy(reader::next)
        .isInstanceOf(CallException.class)
        .hasMessageContaining("closed the connection");
  }

  @Test
  void theReservedBitOfTheStreamIsIgnored() throws Exception {
    byte[] frame = Frames.frame(Frame.DATA, 0, 1, new byte[1]);
    frame[5] |= (byte) 0x80;
    assertThat(new FrameReader(new ScriptedTransport(frame, 100)).next().stream()).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0, 0, 1, DATA on the connection",
    "1, 4, 0, 1, HEADERS on the connection",
    "2, 0, 0, 5, PRIORITY on the connection",
    "2, 0, 1, 4, PRIORITY of four bytes",
    "3, 0, 0, 4, RST_STREAM on the connection",
    "3, 0, 1, 5, RST_STREAM of five bytes",
    "4, 0, 1, 0, SETTINGS on a stream",
    "4, 0, 0, 7, SETTINGS of seven bytes",
    "4, 1, 0, 6, acknowledgement with parameters",
    "5, 4, 1, 4, PUSH_PROMISE",
    "6, 0, 1, 8, PING on a stream",
    "6, 0, 0, 7, PING of seven bytes",
    "7, 0, 1, 8, GOAWAY on a stream",
    "7, 0, 0, 7, GOAWAY of seven bytes",
    "8, 0, 1, 3, WINDOW_UPDATE of three bytes",
    "9, 4, 0, 1, CONTINUATION on the connection",
    "0, 0, 1, 16385, frame above the size we take"
  })
  void refuses(int type, int flags, int stream, int length, String why) {
    byte[] frame = Frames.frame(type, flags, stream, new byte[length]);
    FrameReader reader = new FrameReader(new ScriptedTransport(frame, 100_000));
    assertThatThrownBy(reader::next).as(why).isInstanceOf(CallException.class);
  }
}
