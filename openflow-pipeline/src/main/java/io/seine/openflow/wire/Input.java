package io.seine.openflow.wire;

import io.seine.openflow.Bits;

/**
 * A window of bytes that is read from front to back. No read goes past its end: one that would
 * throws {@link DecodeException} and leaves the position as it is. Lengths found on the wire make
 * smaller windows with {@link #slice}, so a wrong one cannot reach its neighbours.
 *
 * <p>Not thread-safe. The bytes are not copied and must not change meanwhile.
 */
public final class Input {
  private final byte[] bytes;
  private final int end;
  private int position;

  public Input(byte[] bytes) {
    this(bytes, 0, bytes.length);
  }

  public Input(byte[] bytes, int from, int to) {
    if (from < 0 || to < from || to > bytes.length) {
      throw new IllegalArgumentException("%d to %d of %d bytes".formatted(from, to, bytes.length));
    }
    this.bytes = bytes;
    this.position = from;
    this.end = to;
  }

  public int remaining() {
    return end - position;
  }

  public int u8() throws DecodeException {
    return bytes[take(1)] & 0xff;
  }

  public int u16() throws DecodeException {
    int at = take(2);
    return (bytes[at] & 0xff) << 8 | (bytes[at + 1] & 0xff);
  }

  /** Four bytes; the sign is that of the top bit. */
  public int u32() throws DecodeException {
    return u16() << 16 | u16();
  }

  public long u64() throws DecodeException {
    return (long) u32() << 32 | (u32() & 0xffffffffL);
  }

  public Bits bits(int count) throws DecodeException {
    return Bits.of(bytes, take(count), count);
  }

  public Bits rest() throws DecodeException {
    return bits(remaining());
  }

  public void skip(int count) throws DecodeException {
    take(count);
  }

  /** Skips up to {@code count} bytes; padding at the end of a message may be missing. */
  public void skipUpTo(int count) throws DecodeException {
    take(Math.min(count, remaining()));
  }

  /** The next {@code count} bytes as a window of their own; this one continues behind them. */
  public Input slice(int count) throws DecodeException {
    int at = take(count);
    return new Input(bytes, at, at + count);
  }

  /** A second window over what remains here; reading it does not move this one. */
  public Input copy() {
    return new Input(bytes, position, end);
  }

  private int take(int count) throws DecodeException {
    if (count < 0 || count > end - position) {
      throw new DecodeException(
          "needs %d bytes where %d are left".formatted(count, end - position));
    }
    int at = position;
    position += count;
    return at;
  }
}
