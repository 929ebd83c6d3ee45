package io.seine.cni.plugin;

import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * One unary gRPC call as the only stream of a fresh HTTP/2 connection (RFC 9113, and the gRPC
 * document "gRPC over HTTP2").
 *
 * <p>Everything that can be sent is sent before anything is read, as far as the peer's windows
 * allow; then frames are taken one by one until the stream ends. Every rule of the protocol that a
 * peer breaks ends the call; nothing the peer sends can make it use more than a few MiB, and the
 * transport's deadline bounds its time.
 */
final class UnaryCall {
  /** The stream of the call: the first that a client may open. */
  static final int STREAM = 1;

  /** The largest reply message, in bytes; a CNI result has some hundreds. */
  static final int MAX_REPLY = 4 << 20;

  private static final int MAX_HEADER_BLOCK = 64 << 10;

  /** Frames other than DATA in one call; more than this is a peer that plays for time. */
  private static final int MAX_CONTROL_FRAMES = 10_000;

  private static final int MESSAGE_PREFIX = 5;
  private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
  private static final int SETTINGS_ENABLE_PUSH = 2;

  private final Transport transport;
  private final FrameReader reader;
  private final HpackDecoder hpack = new HpackDecoder();
  private final SendWindow sendWindow = new SendWindow();
  private final ReceiveWindow receiveWindow = new ReceiveWindow();
  private final ReplyHeaders headers = new ReplyHeaders();
  private final ByteWriter out = new ByteWriter(4096);
  private final ByteWriter reply = new ByteWriter(4096);

  /** The request's message with its prefix, and how much of it is sent. */
  private byte[] request = new byte[0];

  private int sent;
  private int controlFrames;
  private boolean settingsSeen;
  private boolean ended;

  UnaryCall(Transport transport) {
    this.transport = transport;
    this.reader = new FrameReader(transport);
  }

  /**
   * Makes the call; an object serves one.
   *
   * @param path the method, "/package.Service/Method"
   * @param message the encoded request
   * @param timeoutMillis what the agent is told to finish within
   * @return the encoded reply
   * @throws CallException when the agent did not answer with status OK and one message
   * @throws OsException when the connection failed or the deadline passed
   */
  byte[] invoke(String path, byte[] message, int timeoutMillis) throws CallException, OsException {
    request =
        new ByteWriter(MESSAGE_PREFIX + message.length)
            .put(0)
            .putInt(message.length)
            .put(message)
            .toByteArray();
    open(path, timeoutMillis);
    while (!ended) {
      if (!reader.holdsFrame()) {
        sendWhatFits();
      }
      take(reader.next());
    }
    headers.requireOk();
    return singleMessage();
  }

  private void open(String path, int timeoutMillis) {
    out.putUtf8(PREFACE);
    Frame.header(out, 6, Frame.SETTINGS, 0, 0);
    out.putShort(SETTINGS_ENABLE_PUSH).putInt(0);
    ByteWriter block = new ByteWriter(256);
    literal(block, ":method", "POST");
    literal(block, ":scheme", "http");
    literal(block, ":path", path);
    literal(block, ":authority", "localhost");
    literal(block, "te", "trailers");
    literal(block, "content-type", "application/grpc");
    literal(block, "user-agent", "seine-cni");
    // The value has at most eight digits, which milliseconds in an int can exceed.
    literal(block, "grpc-timeout", Math.min(timeoutMillis, 99_999_999) + "m");
    Frame.header(out, block.size(), Frame.HEADERS, Frame.END_HEADERS, STREAM);
    out.put(block.array(), 0, block.size());
  }

  /**
   * A literal field without indexing, not Huffman-coded; both parts are shorter than 127 octets
   * (RFC 7541, section 6.2.2).
   */
  private static void literal(ByteWriter block, String name, String value) {
    block.put(0).put(name.length()).putUtf8(name).put(value.length()).putUtf8(value);
  }

  private void sendWhatFits() throws OsException {
    int room = sendWindow.next();
    while (sent < request.length && room > 0) {
      int length = Math.min(room, request.length - sent);
      boolean last = sent + length == request.length;
      Frame.header(out, length, Frame.DATA, last ? Frame.END_STREAM : 0, STREAM);
      out.put(request, sent, length);
      sent += length;
      sendWindow.sent(length);
      room = sendWindow.next();
      if (out.size() > FrameReader.MAX_PAYLOAD) {
        flush();
      }
    }
    flush();
  }

  private void flush() throws OsException {
    if (out.size() > 0) {
      transport.write(out.array(), 0, out.size());
      out.clear();
    }
  }

  private void take(Frame frame) throws CallException, OsException {
    if (!settingsSeen && (frame.type() != Frame.SETTINGS || frame.has(Frame.ACK))) {
      throw CallException.protocol("it does not begin with SETTINGS");
    }
    if (frame.stream() > STREAM) {
      throw CallException.protocol("frame for stream " + frame.stream() + ", which is not open");
    }
    if (frame.type() != Frame.DATA && ++controlFrames > MAX_CONTROL_FRAMES) {
      throw CallException.protocol("more than " + MAX_CONTROL_FRAMES + " control frames");
    }
    switch (frame.type()) {
      case Frame.DATA -> data(frame);
      case Frame.HEADERS -> headers(frame);
      case Frame.SETTINGS -> settings(frame);
      case Frame.PING -> ping(frame);
      case Frame.WINDOW_UPDATE -> sendWindow.update(frame);
      case Frame.GOAWAY -> goAway(frame);
      case Frame.RST_STREAM ->
          throw new CallException("the agent cancelled the call: HTTP/2 error " + frame.intAt(0));
      case Frame.CONTINUATION -> throw CallException.protocol("CONTINUATION without HEADERS");
      default -> {
        // PRIORITY says nothing to a client, and unknown types are to be ignored.
      }
    }
  }

  private void settings(Frame frame) throws CallException {
    settingsSeen = true;
    if (!frame.has(Frame.ACK)) {
      sendWindow.apply(frame);
      Frame.header(out, 0, Frame.SETTINGS, Frame.ACK, 0);
    }
  }

  private void ping(Frame frame) {
    if (!frame.has(Frame.ACK)) {
      Frame.header(out, frame.length(), Frame.PING, Frame.ACK, 0);
      out.put(frame.payload());
    }
  }

  /** A connection that winds down still finishes the streams up to the one it names. */
  private static void goAway(Frame frame) throws CallException {
    if (frame.uint31At(0) < STREAM || frame.intAt(4) != 0) {
      String debug =
          new String(frame.payload(), 8, frame.length() - 8, StandardCharsets.ISO_8859_1);
      throw new CallException(
          "the agent closes the connection: HTTP/2 error "
              + frame.intAt(4)
              + " "
              + ReplyHeaders.printable(debug));
    }
  }

  private void data(Frame frame) throws CallException {
    if (!headers.begun()) {
      throw CallException.protocol("data before headers");
    }
    receiveWindow.received(frame.length(), out);
    int padding = padding(frame, 0);
    int start = frame.has(Frame.PADDED) ? 1 : 0;
    reply.put(frame.payload(), start, frame.length() - start - padding);
    if (reply.size() > MESSAGE_PREFIX + MAX_REPLY) {
      throw CallException.protocol("reply of more than " + MAX_REPLY + " bytes");
    }
    ended = frame.has(Frame.END_STREAM);
  }

  private void headers(Frame frame) throws CallException, OsException {
    int start = (frame.has(Frame.PADDED) ? 1 : 0) + (frame.has(Frame.PRIORITY_FLAG) ? 5 : 0);
    int padding = padding(frame, frame.has(Frame.PRIORITY_FLAG) ? 5 : 0);
    ByteWriter block = new ByteWriter(frame.length());
    block.put(frame.payload(), start, frame.length() - start - padding);
    boolean complete = frame.has(Frame.END_HEADERS);
    while (!complete) {
      Frame more = reader.next();
      if (more.type() != Frame.CONTINUATION
          || more.stream() != STREAM
          || ++controlFrames > MAX_CONTROL_FRAMES) {
        throw CallException.protocol("a header block is not continued");
      }
      block.put(more.payload());
      complete = more.has(Frame.END_HEADERS);
      if (block.size() > MAX_HEADER_BLOCK) {
        throw CallException.protocol("header block of more than " + MAX_HEADER_BLOCK + " bytes");
      }
    }
    List<HeaderField> fields = hpack.decode(block.toByteArray());
    boolean last = frame.has(Frame.END_STREAM);
    if (!headers.begun()) {
      headers.head(fields, last);
    } else if (last) {
      headers.trailers(fields);
    } else {
      throw CallException.protocol("trailers that do not end the stream");
    }
    ended = last;
  }

  /**
   * The number of padding bytes at the frame's end (RFC 9113, section 6.1), which with the other
   * fields must fit in the frame.
   */
  private static int padding(Frame frame, int otherFields) throws CallException {
    boolean padded = frame.has(Frame.PADDED);
    int length =
        !padded ? 0 : frame.length() == 0 ? Integer.MAX_VALUE >> 1 : frame.payload()[0] & 0xff;
    if ((padded ? 1 : 0) + otherFields + length > frame.length()) {
      throw CallException.protocol("padding longer than its frame");
    }
    return length;
  }

  private byte[] singleMessage() throws CallException {
    byte[] bytes = reply.toByteArray();
    if (bytes.length < MESSAGE_PREFIX) {
      throw CallException.protocol("status OK without a message");
    }
    int length = Frame.int32(bytes, 1);
    if (bytes[0] != 0 || length != bytes.length - MESSAGE_PREFIX) {
      throw CallException.protocol("not exactly one uncompressed message");
    }
    byte[] message = new byte[length];
    System.arraycopy(bytes, MESSAGE_PREFIX, message, 0, length);
    return message;
  }
}
