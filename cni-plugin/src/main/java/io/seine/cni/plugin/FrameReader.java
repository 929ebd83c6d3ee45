package io.seine.cni.plugin;

import java.util.Arrays;

/**
 * Cuts the byte stream into frames and checks what one frame alone can tell: its length, its
 * stream, its type (RFC 9113, section 6). Frames of unknown types are handed on; the caller ignores
 * them.
 */
final class FrameReader {
  /** SETTINGS_MAX_FRAME_SIZE is left at its initial value. */
  static final int MAX_PAYLOAD = 16384;

  private final Transport transport;
  private final byte[] buffer = new byte[Frame.HEADER_LENGTH + MAX_PAYLOAD];
  private int start;
  private int end;

  FrameReader(Transport transport) {
    this.transport = transport;
  }

  /**
   * Waits for the next frame.
   *
   * @throws CallException when the peer closed the connection or broke a rule
   * @throws OsException when reading failed or the deadline passed
   */
  Frame next() throws CallException, OsException {
    fill(Frame.HEADER_LENGTH);
    int length = Frame.int32(buffer, start) >>> 8;
    int type = buffer[start + 3] & 0xff;
    int flags = buffer[start + 4] & 0xff;
    int stream = Frame.int32(buffer, start + 5) & Integer.MAX_VALUE;
    check(type, flags, stream, length);
    fill(Frame.HEADER_LENGTH + length);
    int payload = start + Frame.HEADER_LENGTH;
    start = payload + length;
    return new Frame(type, flags, stream, Arrays.copyOfRange(buffer, payload, start));
  }

  /** Whether the next frame has come already, so that taking it does not wait for the peer. */
  boolean holdsFrame() {
    int held = end - start - Frame.HEADER_LENGTH;
    return held >= 0 && held >= Frame.int32(buffer, start) >>> 8;
  }

  /** Reads until so many bytes stand in the buffer. */
  private void fill(int count) throws CallException, OsException {
    if (start + count > buffer.length) {
      System.arraycopy(buffer, start, buffer, 0, end - start);
      end -= start;
      start = 0;
    }
    while (end - start < count) {
      int read = transport.read(buffer, end, buffer.length - end);
      if (read < 0) {
        throw new CallException("the agent closed the connection before it answered");
      }
      end += read;
    }
  }

  private static void check(int type, int flags, int stream, int length) throws CallException {
    if (length > MAX_PAYLOAD) {
      throw CallException.protocol("frame of " + length + " bytes");
    }
    switch (type) {
      case Frame.DATA, Frame.HEADERS, Frame.CONTINUATION -> require(stream != 0, type);
      case Frame.PRIORITY -> require(stream != 0 && length == 5, type);
      case Frame.RST_STREAM -> require(stream != 0 && length == 4, type);
      case Frame.SETTINGS ->
          require(stream == 0 && ((flags & Frame.ACK) != 0 ? length == 0 : length % 6 == 0), type);
      case Frame.PING -> require(stream == 0 && length == 8, type);
      case Frame.GOAWAY -> require(stream == 0 && length >= 8, type);
      case Frame.WINDOW_UPDATE -> require(length == 4, type);
      case Frame.PUSH_PROMISE -> throw CallException.protocol("pushed stream");
      default -> {
        // A type this version does not know: to be ignored (RFC 9113, section 4.1).
      }
    }
  }

  private static void require(boolean holds, int type) throws CallException {
    if (!holds) {
      throw CallException.protocol("frame of type " + type + " with a wrong length or stream");
    }
  }
}
