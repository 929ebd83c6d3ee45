package io.seine.cni.plugin;

/** Walks over the fields of a protobuf message; never reads past its end. */
final class ProtoReader {
  static final int VARINT = 0;
  static final int LENGTH_DELIMITED = 2;
  private static final int FIXED64 = 1;
  private static final int FIXED32 = 5;
  private static final int MAX_TAG = Integer.MAX_VALUE;

  private final byte[] bytes;
  private int position;
  private int tag;

  ProtoReader(byte[] bytes) {
    this.bytes = bytes;
  }

  /** The offset of the next byte to read. */
  int position() {
    return position;
  }

  /** Reads the next tag; false at the end of the message. */
  boolean nextField() throws CallException {
    if (position == bytes.length) {
      return false;
    }
    long value = varint();
    if (value < 8 || value > MAX_TAG) {
      throw malformed("field number out of range");
    }
    tag = (int) value;
    return true;
  }

  boolean is(int number, int wireType) {
    return tag == ((number << 3) | wireType);
  }

  long varint() throws CallException {
    long value = 0;
    for (int shift = 0; shift < 70; shift += 7) {
      require(1);
      byte b = bytes[position++];
      value |= shift < 64 ? (long) (b & 0x7f) << shift : 0;
      if (b >= 0) {
        return value;
      }
    }
    throw malformed("a number of more than ten bytes");
  }

  /** Reads a length and steps over as many bytes; they end at {@link #position()}. */
  int length() throws CallException {
    long length = varint();
    if (length < 0 || length > bytes.length - position) {
      throw malformed("a field longer than the message");
    }
    position += (int) length;
    return (int) length;
  }

  /** Steps over the value of the present field. */
  void skip() throws CallException {
    int wireType = tag & 7;
    if (wireType == VARINT) {
      varint();
    } else if (wireType == LENGTH_DELIMITED) {
      length();
    } else if (wireType == FIXED64 || wireType == FIXED32) {
      int size = wireType == FIXED64 ? 8 : 4;
      require(size);
      position += size;
    } else {
      throw malformed("wire type " + wireType);
    }
  }

  private void require(int count) throws CallException {
    if (bytes.length - position < count) {
      throw malformed("it ends within a field");
    }
  }

  private static CallException malformed(String what) {
    return CallException.protocol("malformed message: " + what);
  }
}
