package io.seine.agent.reject;

import java.nio.ByteBuffer;

/** What packets of either family carry. */
final class Segments {
  private Segments() {}

  /** A segment of TCP from port 40000 to port 80, with so many bytes of data. */
  static byte[] tcp(int flags, int sequence, int acknowledged, int data) {
    return ByteBuffer.allocate(20 + data)
        .putShort((short) 40000)
        .putShort((short) 80)
        .putInt(sequence)
        .putInt(acknowledged)
        .put((byte) 0x50)
        .put((byte) flags)
        .putShort((short) 64240)
        .putInt(0)
        .array();
  }

  /** The Internet checksum's sum (RFC 1071): 0xffff where what is summed holds its checksum. */
  static int sum(byte[] bytes, int from, int to, int start) {
    int sum = start;
    for (int i = from; i < to; i += 2) {
      sum += (bytes[i] & 0xff) << 8 | (i + 1 < to ? bytes[i + 1] & 0xff : 0);
    }
    while (sum >>> 16 != 0) {
      sum = (sum & 0xffff) + (sum >>> 16);
    }
    return sum;
  }
}
