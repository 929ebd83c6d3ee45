package io.seine.agent.netlink;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * Builds one netlink message: the 16-byte header, the family's fixed part, then attributes aligned
 * to four bytes. Numbers are in host byte order, as rtnetlink has them. Not thread safe; one use.
 */
final class Message {
  static final int HEADER = 16;

  private ByteBuffer buffer = ByteBuffer.allocate(256).order(ByteOrder.nativeOrder());

  /**
   * @param type RTM_*
   * @param flags NLM_F_* besides NLM_F_REQUEST, which every message here has
   */
  Message(int type, int flags) {
    buffer.putInt(0).putShort((short) type).putShort((short) (flags | Rtnl.NLM_F_REQUEST));
    buffer.putInt(0).putInt(0);
  }

  Message u8(int value) {
    room(1).put((byte) value);
    return this;
  }

  Message u16(int value) {
    room(2).putShort((short) value);
    return this;
  }

  Message u32(int value) {
    room(4).putInt(value);
    return this;
  }

  Message attribute(int type, byte[] payload) {
    room(2).putShort((short) (4 + payload.length));
    room(2).putShort((short) type);
    room(payload.length).put(payload);
    return align();
  }

  Message attributeU32(int type, int value) {
    return attribute(type, hostOrder(value));
  }

  /** A string attribute with its terminating NUL, as {@code nla_put_string} writes it. */
  Message attributeString(int type, String value) {
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
    return attribute(type, Arrays.copyOf(bytes, bytes.length + 1));
  }

  /** An attribute whose payload is what {@code content} appends. */
  Message nest(int type, Consumer<Message> content) {
    int start = buffer.position();
    room(2).putShort((short) 0);
    room(2).putShort((short) type);
    content.accept(this);
    buffer.putShort(start, (short) (buffer.position() - start));
    return this;
  }

  /** The finished message, with its length and {@code sequence} in the header. */
  byte[] encode(int sequence) {
    buffer.putInt(0, buffer.position()).putInt(8, sequence);
    return Arrays.copyOf(buffer.array(), buffer.position());
  }

  static byte[] hostOrder(int value) {
    return ByteBuffer.allocate(4).order(ByteOrder.nativeOrder()).putInt(value).array();
  }

  private Message align() {
    while (buffer.position() % 4 != 0) {
      room(1).put((byte) 0);
    }
    return this;
  }

  private ByteBuffer room(int bytes) {
    if (buffer.remaining() < bytes) {
      ByteBuffer larger =
          ByteBuffer.allocate(2 * (buffer.capacity() + bytes)).order(ByteOrder.nativeOrder());
      buffer = larger.put(buffer.flip());
    }
    return buffer;
  }
}
