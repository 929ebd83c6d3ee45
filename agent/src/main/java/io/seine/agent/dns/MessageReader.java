package io.seine.agent.dns;

import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * Reads numbers and names of a DNS message from its start on, and nothing outside of it.
 *
 * <p>A compressed name may only go on further to the front than where it was: so it always ends
 * (RFC 1035, section 4.1.4: "a prior occurrence").
 */
final class MessageReader {
  private static final int POINTER = 0xc0;
  private static final int LONGEST_LABEL = 63;

  /** With the lengths of its labels and the root (RFC 1035, section 3.1). */
  private static final int LONGEST_NAME = 255;

  private final byte[] bytes;
  private int at;

  MessageReader(byte[] message) {
    this.bytes = message;
  }

  int u8() throws MalformedException {
    need(1);
    return bytes[at++] & 0xff;
  }

  int u16() throws MalformedException {
    return u8() << 8 | u8();
  }

  long u32() throws MalformedException {
    return (long) u16() << 16 | u16();
  }

  byte[] take(int length) throws MalformedException {
    need(length);
    byte[] taken = new byte[length];
    System.arraycopy(bytes, at, taken, 0, length);
    at += length;
    return taken;
  }

  void skip(int length) throws MalformedException {
    need(length);
    at += length;
  }

  int position() {
    return at;
  }

  private void need(int length) throws MalformedException {
    if (bytes.length - at < length) {
      throw new MalformedException("ends in the middle of a record");
    }
  }

  /**
   * A name in lower case and without the root's dot; the root itself is empty. Bytes that no host
   * name has are written {@code \DDD}, so that a dot within a label is not one between two.
   */
  String name() throws MalformedException {
    StringBuilder name = new StringBuilder();
    int length = 1;
    int from = at;
    int end = -1;
    int next = at;
    while (true) {
      int size = at(next);
      if ((size & POINTER) == POINTER) {
        int target = (size & ~POINTER) << 8 | at(next + 1);
        end = end < 0 ? next + 2 : end;
        if (target >= from) {
          throw new MalformedException("has a name that goes on where it was before");
        }
        from = target;
        next = target;
        continue;
      }
      if (size > LONGEST_LABEL) {
        throw new MalformedException("has a label of an unknown kind");
      }
      if (size == 0) {
        at = end < 0 ? next + 1 : end;
        return name.toString();
      }
      length += size + 1;
      if (length > LONGEST_NAME) {
        throw new MalformedException("has a name of more than %d bytes".formatted(LONGEST_NAME));
      }
      if (!name.isEmpty()) {
        name.append('.');
      }
      label(next + 1, size, name);
      next += 1 + size;
    }
  }

  private int at(int index) throws MalformedException {
    if (index >= bytes.length) {
      throw new MalformedException("ends in the middle of a name");
    }
    return bytes[index] & 0xff;
  }

  private void label(int from, int size, StringBuilder to) throws MalformedException {
    at(from + size - 1);
    String text = new String(bytes, from, size, StandardCharsets.ISO_8859_1);
    for (int i = 0; i < size; i++) {
      char c = text.charAt(i);
      boolean plain =
          (c >= 'a' && c <= 'z')
              || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9')
              || c == '-'
              || c == '_';
      to.append(plain ? String.valueOf(c).toLowerCase(Locale.ROOT) : "\\%03d".formatted((int) c));
    }
  }
}
