package io.seine.openflow.wire;

import io.netty.buffer.ByteBuf;
import io.seine.openflow.Bits;

/**
 * Type-length-value properties (OpenFlow 1.5, section 7.2.2 and others): 16 bits of type, 16 of
 * length without the padding, padded to 8 bytes.
 */
final class Properties {
  static final int EXPERIMENTER = 0xffff;

  private Properties() {}

  record Property(int type, Input value) {}

  /** A 16-bit value takes a length of 8, as in the specification. */
  static void u16(ByteBuf out, int type, int value) {
    out.writeShort(type).writeShort(8).writeShort(value).writeZero(2);
  }

  static void u32(ByteBuf out, int type, int value) {
    out.writeShort(type).writeShort(8).writeInt(value);
  }

  static void u8(ByteBuf out, int type, int value) {
    out.writeShort(type).writeShort(8).writeByte(value).writeZero(3);
  }

  static void u64(ByteBuf out, int type, long value) {
    out.writeShort(type).writeShort(16).writeZero(4).writeLong(value);
  }

  static void bytes(ByteBuf out, int type, Bits value) {
    int start = out.writerIndex();
    out.writeShort(type).writeShort(4 + value.size());
    Wire.bits(out, value);
    Wire.pad8(out, start);
  }

  /** Starts a property that holds others; {@link #endNested} fills in its length. */
  static int beginNested(ByteBuf out, int type) {
    int start = out.writerIndex();
    out.writeShort(type).writeShort(0).writeZero(4);
    return start;
  }

  static void endNested(ByteBuf out, int start) {
    Wire.setLength(out, start, 2);
    Wire.pad8(out, start);
  }

  static Property read(Input in) throws DecodeException {
    int type = in.u16();
    int length = in.u16();
    if (length < 4) {
      throw new DecodeException("property %d has a length of %d".formatted(type, length));
    }
    Input value = in.slice(length - 4);
    in.skipUpTo(Wire.padding(length));
    return new Property(type, value);
  }
}
