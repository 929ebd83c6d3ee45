package io.seine.openflow.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.seine.openflow.wire.DecodeException;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FrameReaderTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7, 8, 9, 100, 65_536})
  void shouldCutTheSameMessagesHoweverTheBytesArrive(int piece) throws Exception {
    // given messages of all sizes, the largest included
    List<byte[]> messages = new ArrayList<>();
    ByteArrayOutputStream stream = new ByteArrayOutputStream();
    for (int length : new int[] {8, 16, 65_535, 8, 333, 65_535, 65_535, 65_535, 65_535, 9}) {
      byte[] message = message(length);
      messages.add(message);
      stream.write(message);
    }
    // when they come in pieces
    FrameReader reader = new FrameReader(new Pieces(stream.toByteArray(), piece));
    // then each is whole, and the end is the end
    for (byte[] message : messages) {
      assertThat(reader.next()).isEqualTo(message);
    }
    assertThat(reader.next()).isNull();
  }

  @Test
  void shouldNotTakeABrokenStreamForItsEnd() {
    byte[] message = message(16);
    byte[] cut = Arrays.copyOf(message, 12);
    assertThatThrownBy(() -> new FrameReader(new Pieces(cut, 5)).next())
        .isInstanceOf(DecodeException.class)
        .hasMessageContaining("inside a message");
    byte[] header = Arrays.copyOf(message, 5);
    assertThatThrownBy(() -> new FrameReader(new Pieces(header, 5)).next())
        .isInstanceOf(DecodeException.class)
        .hasMessageContaining("inside a header");
    byte[] tooShort = {6, 0, 0, 7, 0, 0, 0, 0};
    assertThatThrownBy(() -> new FrameReader(new Pieces(tooShort, 5)).next())
        .isInstanceOf(DecodeException.class)
        .hasMessageContaining("length of 7");
  }

  private static byte[] message(int length) {
    byte[] message = new byte[length];
    Arrays.fill(message, (byte) length);
    message[2] = (byte) (length >> 8);
    message[3] = (byte) length;
    return message;
  }

  /** Yields a few bytes at a time. */
  private static final class Pieces implements ReadableByteChannel {
    private final ByteBuffer bytes;
    private final int piece;

    Pieces(byte[] bytes, int piece) {
      this.bytes = ByteBuffer.wrap(bytes);
      this.piece = piece;
    }

    @Override
    public int read(ByteBuffer target) {
      if (!bytes.hasRemaining()) {
        return -1;
      }
      int count = Math.min(piece, Math.min(bytes.remaining(), target.remaining()));
      target.put(bytes.slice(bytes.position(), count));
      bytes.position(bytes.position() + count);
      return count;
    }

    @Override
    public boolean isOpen() {
      return true;
    }

    @Override
    public void close() {}
  }
}
