package io.seine.cni.plugin;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A growing byte buffer: big-endian integers for HTTP/2, varints for protobuf. */
final class ByteWriter {
  private byte[] bytes;
  private int size;

  ByteWriter(int capacity) {
    bytes = new byte[Math.max(capacity, 16)];
  }

  int size() {
    return size;
  }

  /** The buffer itself, valid up to {@link #size()} and until the next write. */
  byte[] array() {
    return bytes;
  }

  byte[] toByteArray() {
    return Arrays.copyOf(bytes, size);
  }

  void clear() {
    size = 0;
  }

  ByteWriter put(int value) {
    reserve(1);
    bytes[size++] = (byte) value;
    return this;
  }

  ByteWriter putShort(int value) {
    return put(value >>> 8).put(value);
  }

  ByteWriter putInt(int value) {
    return putShort(value >>> 16).putShort(value);
  }

  ByteWriter put(byte[] value) {
    return put(value, 0, value.length);
  }

  ByteWriter put(byte[] value, int offset, int length) {
    reserve(length);
    System.arraycopy(value, offset, bytes, size, length);
    size += length;
    return this;
  }

  ByteWriter putUtf8(String value) {
    return put(value.getBytes(StandardCharsets.UTF_8));
  }

  /** Seven bits a byte, least significant first, the high bit set on all but the last. */
  ByteWriter putVarint(long value) {
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      put((int) (rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    return put((int) rest);
  }

  private void reserve(int more) {
    if (bytes.length - size < more) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, size + more));
    }
  }
}
