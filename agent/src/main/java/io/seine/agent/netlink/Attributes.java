package io.seine.agent.netlink;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The attributes of one message or of one nested attribute. Reading never goes past the length that
 * the kernel gave; a broken attribute ends the list.
 */
final class Attributes {
  private static final int TYPE_MASK = 0x3fff;

  private final Map<Integer, byte[]> byType = new HashMap<>();

  /** Reads attributes from {@code data} starting at {@code offset}. */
  Attributes(byte[] data, int offset) {
    ByteBuffer buffer = ByteBuffer.wrap(data).order(ByteOrder.nativeOrder());
    int at = offset;
    while (at + 4 <= data.length) {
      int length = buffer.getShort(at) & 0xffff;
      if (length < 4 || at + length > data.length) {
        return;
      }
      byte[] payload = new byte[length - 4];
      buffer.get(at + 4, payload);
      byType.put(buffer.getShort(at + 2) & TYPE_MASK, payload);
      at += (length + 3) & ~3;
    }
  }

  Optional<byte[]> bytes(int type) {
    return Optional.ofNullable(byType.get(type));
  }

  Optional<byte[]> bytes(int type, int size) {
    return bytes(type).filter(b -> b.length == size);
  }

  OptionalInt u32(int type) {
    Optional<byte[]> bytes = bytes(type, 4);
    return bytes.isEmpty()
        ? OptionalInt.empty()
        : OptionalInt.of(ByteBuffer.wrap(bytes.get()).order(ByteOrder.nativeOrder()).getInt());
  }

  /** A string, without its terminating NUL. */
  Optional<String> string(int type) {
    return bytes(type)
        .map(b -> {
          int end = 0;
          while (end < b.length && b[end] != 0) {
            end++;
          }
          return new String(b, 0, end, StandardCharsets.UTF_8);
        });
  }

  Optional<Attributes> nested(int type) {
    return bytes(type).map(b -> new Attributes(b, 0));
  }
}
