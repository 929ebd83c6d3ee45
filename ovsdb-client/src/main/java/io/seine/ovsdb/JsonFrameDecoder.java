package io.seine.ovsdb;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufInputStream;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.CorruptedFrameException;
import io.netty.handler.codec.TooLongFrameException;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;

/**
 * Splits the byte stream of JSON-RPC 1.0 into its objects and emits each as a {@link JsonNode}. The
 * bytes may come in any pieces; whitespace between objects is skipped.
 *
 * <p>Stands in for the library's JsonRpcDecoder, which takes the quote after a string's final
 * (escaped) backslash for an escaped quote and then waits for ever, and which reads past the buffer
 * when whitespace precedes an object and few bytes have come. Here an escape is a state, so the
 * byte before never has to be looked at again; a byte is looked at once.
 */
final class JsonFrameDecoder extends ByteToMessageDecoder {
  private static final ObjectReader READER = new ObjectMapper().readerFor(JsonNode.class);

  private final int maxFrameBytes;
  private int scanned;
  private int depth;
  private boolean inString;
  private boolean escaped;

  /**
   * Creates a decoder.
   *
   * @param maxFrameBytes the longest object accepted; a longer one fails the connection
   */
  JsonFrameDecoder(int maxFrameBytes) {
    this.maxFrameBytes = maxFrameBytes;
  }

  @Override
  protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out)
      throws IOException {
    while (scanned < in.readableBytes()) {
      byte b = in.getByte(in.readerIndex() + scanned);
      if (depth == 0) {
        if (b == ' ' || b == '\n' || b == '\r' || b == '\t') {
          in.skipBytes(1);
          continue;
        }
        if (b != '{') {
          throw new CorruptedFrameException(
              "the peer does not speak JSON-RPC: a message begins with byte 0x%02x instead of '{'"
                  .formatted(b));
        }
      }
      scanned++;
      if (ends(b)) {
        try (InputStream frame = new ByteBufInputStream(in.readSlice(scanned))) {
          out.add(READER.readTree(frame));
        }
        scanned = 0;
        return;
      }
      if (scanned > maxFrameBytes) {
        throw new TooLongFrameException(
            "an OVSDB message is longer than " + maxFrameBytes + " bytes");
      }
    }
  }

  private boolean ends(byte b) {
    if (inString) {
      if (escaped) {
        escaped = false;
      } else if (b == '\\') {
        escaped = true;
      } else if (b == '"') {
        inString = false;
      }
      return false;
    }
    switch (b) {
      case '"' -> inString = true;
      case '{', '[' -> depth++;
      case '}', ']' -> depth--;
      default -> {
        // Numbers, literals, colons and commas do not frame anything.
      }
    }
    return depth == 0;
  }
}
