package io.seine.openflow;

import java.util.Arrays;
import java.util.HexFormat;

/** An immutable big-endian byte string: the value or the mask of a field. */
public final class Bits implements Comparable<Bits> {
  public static final Bits EMPTY = new Bits(new byte[0]);

  private final byte[] bytes;

  private Bits(byte[] bytes) {
    this.bytes = bytes;
  }

  /** Copies {@code bytes}. */
  public static Bits of(byte[] bytes) {
    return new Bits(bytes.clone());
  }

  /**
   * The low {@code size} bytes of {@code value}, big-endian; {@code size} may exceed 8, the rest is
   * zero.
   */
  public static Bits of(long value, int size) {
    byte[] bytes = new byte[size];
    for (int i = size - 1; i >= 0 && i >= size - 8; i--) {
      bytes[i] = (byte) value;
      value >>>= 8;
    }
    return new Bits(bytes);
  }

  /** {@code size} bytes of ones. */
  public static Bits ones(int size) {
    byte[] bytes = new byte[size];
    Arrays.fill(bytes, (byte) 0xff);
    return new Bits(bytes);
  }

  /** Copies {@code length} bytes from {@code offset}. */
  public static Bits of(byte[] bytes, int offset, int length) {
    return new Bits(Arrays.copyOfRange(bytes, offset, offset + length));
  }

  /** These bytes right-aligned in {@code size} bytes: zeros before them, or leading bytes lost. */
  public Bits resized(int size) {
    if (size == bytes.length) {
      return this;
    }
    byte[] result = new byte[size];
    int kept = Math.min(size, bytes.length);
    System.arraycopy(bytes, bytes.length - kept, result, size - kept, kept);
    return new Bits(result);
  }

  public int size() {
    return bytes.length;
  }

  /** The byte at {@code index}, 0 to 255. */
  public int at(int index) {
    return bytes[index] & 0xff;
  }

  public byte[] toByteArray() {
    return bytes.clone();
  }

  /** The low 64 bits. */
  public long toLong() {
    long value = 0;
    for (byte b : bytes) {
      value = value << 8 | (b & 0xff);
    }
    return value;
  }

  public Bits and(Bits other) {
    if (other.bytes.length != bytes.length) {
      throw new IllegalArgumentException(
          "lengths differ: " + bytes.length + " and " + other.bytes.length);
    }
    byte[] result = new byte[bytes.length];
    for (int i = 0; i < result.length; i++) {
      result[i] = (byte) (bytes[i] & other.bytes[i]);
    }
    return new Bits(result);
  }

  /** How many bits are set. */
  public int ones() {
    int ones = 0;
    for (byte b : bytes) {
      ones += Integer.bitCount(b & 0xff);
    }
    return ones;
  }

  public boolean isZero() {
    for (byte b : bytes) {
      if (b != 0) {
        return false;
      }
    }
    return true;
  }

  @Override
  public int compareTo(Bits other) {
    return Arrays.compareUnsigned(bytes, other.bytes);
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof Bits other && Arrays.equals(bytes, other.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  /** Hexadecimal, without a prefix. */
  @Override
  public String toString() {
    return HexFormat.of().formatHex(bytes);
  }
}
