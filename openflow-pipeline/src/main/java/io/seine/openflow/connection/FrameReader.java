package io.seine.openflow.connection;

import io.seine.openflow.wire.DecodeException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import org.jspecify.annotations.Nullable;

/** Cuts a byte stream into OpenFlow messages by the length in their headers. One thread. */
final class FrameReader {
  private static final int HEADER = 8;

  private final ReadableByteChannel channel;
  private final ByteBuffer buffer = ByteBuffer.allocate(256 * 1024).flip();

  FrameReader(ReadableByteChannel channel) {
    this.channel = channel;
  }

  /** The next message, header included, or null at the end of the stream between two messages. */
  byte @Nullable [] next() throws IOException, DecodeException {
    if (!fill(HEADER)) {
      if (buffer.hasRemaining()) {
        throw new DecodeException("the stream ends inside a header");
      }
      return null;
    }
    int length = buffer.getShort(buffer.position() + 2) & 0xffff;
    if (length < HEADER) {
      throw new DecodeException("a message with a length of " + length);
    }
    if (!fill(length)) {
      throw new DecodeException("the stream ends inside a message of " + length + " bytes");
    }
    byte[] message = new byte[length];
    buffer.get(message);
    return message;
  }

  private boolean fill(int count) throws IOException {
    if (buffer.remaining() >= count) {
      return true;
    }
    buffer.compact();
    try {
      while (buffer.position() < count) {
        if (channel.read(buffer) < 0) {
          return false;
        }
      }
      return true;
    } finally {
      buffer.flip();
    }
  }
}
