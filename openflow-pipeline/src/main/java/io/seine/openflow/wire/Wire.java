package io.seine.openflow.wire;

import io.netty.buffer.ByteBuf;
import io.seine.openflow.Bits;

/** Numbers and habits shared by all messages (OpenFlow 1.5, section 7.1). */
final class Wire {
  static final int VERSION = 6;
  static final int HEADER = 8;

  static final int ERROR = 1;
  static final int EXPERIMENTER = 4;
  static final int PACKET_IN = 10;
  static final int PACKET_OUT = 13;
  static final int FLOW_MOD = 14;
  static final int GROUP_MOD = 15;
  static final int MULTIPART_REQUEST = 18;
  static final int BUNDLE_ADD = 34;

  static final int NICIRA = 0x00002320;
  static final int ANY = -1;
  static final int NO_BUFFER = -1;

  private Wire() {}

  /** Writes a header whose length {@link #end} fills in; returns where the message starts. */
  static int begin(ByteBuf out, int type, int xid) {
    int start = out.writerIndex();
    out.writeByte(VERSION).writeByte(type).writeShort(0).writeInt(xid);
    return start;
  }

  static void end(ByteBuf out, int start) {
    setLength(out, start, 2);
  }

  /** Writes the bytes since {@code start} as a 16-bit length into {@code start + offset}. */
  static void setLength(ByteBuf out, int start, int offset) {
    int length = out.writerIndex() - start;
    if (length > 0xffff) {
      throw new IllegalArgumentException(
          "%d bytes do not fit an OpenFlow length of 16 bits".formatted(length));
    }
    out.setShort(start + offset, length);
  }

  /** Pads with zeros so that the bytes since {@code start} are a multiple of 8. */
  static void pad8(ByteBuf out, int start) {
    out.writeZero(padding(out.writerIndex() - start));
  }

  static int padding(int length) {
    return -length & 7;
  }

  static void bits(ByteBuf out, Bits bits) {
    out.writeBytes(bits.toByteArray());
  }
}
