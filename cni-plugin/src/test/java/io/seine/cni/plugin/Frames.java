package io.seine.cni.plugin;

import java.nio.charset.StandardCharsets;

/** Frames as an agent sends them, for tests. */
final class Frames {
  private Frames() {}

  static byte[] frame(int type, int flags, int stream, byte[] payload) {
    ByteWriter out = new ByteWriter(64);
    Frame.header(out, payload.length, type, flags, stream);
    return out.put(payload).toByteArray();
  }

  /** SETTINGS with id and value in turn. */
  static byte[] settings(int... parameters) {
    ByteWriter payload = new ByteWriter(64);
    for (int i = 0; i < parameters.length; i += 2) {
      payload.putShort(parameters[i]).putInt(parameters[i + 1]);
    }
    return frame(Frame.SETTINGS, 0, 0, payload.toByteArray());
  }

  static byte[] windowUpdate(int stream, int increment) {
    return frame(Frame.WINDOW_UPDATE, 0, stream, new ByteWriter(4).putInt(increment).toByteArray());
  }

  /**
   * Response headers: ":status: 200" from the static table, the content type as a literal that
   * enters the dynamic table.
   */
  static byte[] head() {
    return frame(Frame.HEADERS, Frame.END_HEADERS, 1, headBlock());
  }

  static byte[] headBlock() {
    return new ByteWriter(64).put(0x88).put(0x5f).put(16).putUtf8("application/grpc").toByteArray();
  }

  /** A header block of plain literals that enter the dynamic table, name and value in turn. */
  static byte[] block(String... fields) {
    ByteWriter block = new ByteWriter(64);
    for (int i = 0; i < fields.length; i += 2) {
      byte[] name = fields[i].getBytes(StandardCharsets.ISO_8859_1);
      byte[] value = fields[i + 1].getBytes(StandardCharsets.ISO_8859_1);
      block.put(0x40).put(name.length).put(name).put(value.length).put(value);
    }
    return block.toByteArray();
  }

  static byte[] trailers(String... fields) {
    return frame(Frame.HEADERS, Frame.END_HEADERS | Frame.END_STREAM, 1, block(fields));
  }

  /** A length-prefixed message in one DATA frame. */
  static byte[] message(byte[] message) {
    return frame(Frame.DATA, 0, 1, prefixed(message));
  }

  static byte[] prefixed(byte[] message) {
    return new ByteWriter(64).put(0).putInt(message.length).put(message).toByteArray();
  }

  static byte[] concat(byte[]... parts) {
    ByteWriter out = new ByteWriter(256);
    for (byte[] part : parts) {
      out.put(part);
    }
    return out.toByteArray();
  }

  /** A whole reply: SETTINGS, headers, the message, trailers with status OK. */
  static byte[] reply(byte[] message) {
    return concat(settings(), head(), message(message), trailers("grpc-status", "0"));
  }
}
