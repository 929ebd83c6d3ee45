package io.seine.cni.plugin;

/** One HTTP/2 frame as received (RFC 9113, section 4.1). */
final class Frame {
  static final int HEADER_LENGTH = 9;

  static final int DATA = 0;
  static final int HEADERS = 1;
  static final int PRIORITY = 2;
  static final int RST_STREAM = 3;
  static final int SETTINGS = 4;
  static final int PUSH_PROMISE = 5;
  static final int PING = 6;
  static final int GOAWAY = 7;
  static final int WINDOW_UPDATE = 8;
  static final int CONTINUATION = 9;

  static final int END_STREAM = 0x1;
  static final int ACK = 0x1;
  static final int END_HEADERS = 0x4;
  static final int PADDED = 0x8;
  static final int PRIORITY_FLAG = 0x20;

  private final int type;
  private final int flags;
  private final int stream;
  private final byte[] payload;

  Frame(int type, int flags, int stream, byte[] payload) {
    this.type = type;
    this.flags = flags;
    this.stream = stream;
    this.payload = payload;
  }

  /** Appends a frame header to be followed by {@code length} bytes of payload. */
  static void header(ByteWriter out, int length, int type, int flags, int stream) {
    out.put(length >>> 16).putShort(length).put(type).put(flags).putInt(stream);
  }

  int type() {
    return type;
  }

  boolean has(int flag) {
    return (flags & flag) != 0;
  }

  /** 31 bits; 0 is the connection. */
  int stream() {
    return stream;
  }

  byte[] payload() {
    return payload;
  }

  int length() {
    return payload.length;
  }

  /** The 32 bits at an offset, as they are. */
  int intAt(int offset) {
    return int32(payload, offset);
  }

  /** Reads four bytes, most significant first. */
  static int int32(byte[] bytes, int at) {
    return (bytes[at] << 24)
        | ((bytes[at + 1] & 0xff) << 16)
        | ((bytes[at + 2] & 0xff) << 8)
        | (bytes[at + 3] & 0xff);
  }

  /** The 31 low bits at an offset: stream identifiers and window increments. */
  int uint31At(int offset) {
    return intAt(offset) & Integer.MAX_VALUE;
  }
}
