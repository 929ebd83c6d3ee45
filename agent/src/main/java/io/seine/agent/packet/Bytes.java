package io.seine.agent.packet;

/** Numbers in network order within a packet, and the checksum of RFC 1071. */
public final class Bytes {
  private Bytes() {}

  public static int u16(byte[] bytes, int at) {
    return (bytes[at] & 0xff) << 8 | (bytes[at + 1] & 0xff);
  }

  public static int u32(byte[] bytes, int at) {
    return u16(bytes, at) << 16 | u16(bytes, at + 2);
  }

  public static void put16(byte[] bytes, int at, int value) {
    bytes[at] = (byte) (value >> 8);
    bytes[at + 1] = (byte) value;
  }

  public static void put32(byte[] bytes, int at, int value) {
    put16(bytes, at, value >>> 16);
    put16(bytes, at + 2, value);
  }

  /** The sum of 16-bit words, an odd last byte filled up with zero, added to {@code start}. */
  public static long sum(byte[] bytes, int from, int length, long start) {
    long sum = start;
    for (int i = 0; i < length; i++) {
      sum += i % 2 == 0 ? (bytes[from + i] & 0xff) << 8 : bytes[from + i] & 0xff;
    }
    return sum;
  }

  /** The checksum that goes into a header; 0 for a sum that its own checksum is part of. */
  public static int fold(long sum) {
    long folded = sum;
    while (folded >>> 16 != 0) {
      folded = (folded & 0xffff) + (folded >>> 16);
    }
    return (int) ~folded & 0xffff;
  }
}
