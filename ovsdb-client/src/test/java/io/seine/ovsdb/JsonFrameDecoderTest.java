package io.seine.ovsdb;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.ChannelHandler;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.CorruptedFrameException;
import io.netty.handler.codec.TooLongFrameException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.opendaylight.ovsdb.lib.error.InvalidEncodingException;
import org.opendaylight.ovsdb.lib.jsonrpc.JsonRpcDecoder;

/**
 * Framing: the objects that come out are those that went in, however the bytes are cut; and where
 * the library's decoder fails at that.
 */
class JsonFrameDecoderTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int LIMIT = 1 << 20;

  /**
   * Two replies in a row: nesting, quotes, braces in strings, escapes, non-ASCII text, and
   * whitespace between as JSON allows.
   */
  private static final String REPLIES =
      """
      {"id":"1","result":[{"rows":[{"name":"a}{\\"]["}]},{}],"error":null}\

         {"id":"2","result":[["map",[["path","C:\\\\"],["é","日本 \\u005c"]]],-1.5e3,true],"error":null}\
      """;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"a\":\"\\\\\"}",
        "{\"a\":\"\\\\\\\"}\"}",
        "{\"a\":[\"{\",\"[\",\"}\"]}",
        "{\"a\":\"\\\\\\\\\",\"b\":\"x\"}"
      })
  void anObjectComesOutAsItWentIn(String text) throws Exception {
    assertThat(decode(new JsonFrameDecoder(LIMIT), pieces(text, 1)))
        .containsExactly(JSON.readTree(text));
    assertThat(decode(new JsonFrameDecoder(LIMIT), pieces(text, LIMIT)))
        .containsExactly(JSON.readTree(text));
  }

  @Test
  void repliesCutAtEveryByteAreWhole() throws Exception {
    List<JsonNode> whole = JSON.readerFor(JsonNode.class).<JsonNode>readValues(REPLIES).readAll();
    assertThat(whole).hasSize(2);

    // given each single cut, and a cut after every byte
    byte[] bytes = REPLIES.getBytes(UTF_8);
    for (int cut = 1; cut < bytes.length; cut++) {
      List<byte[]> two =
          List.of(Arrays.copyOfRange(bytes, 0, cut), Arrays.copyOfRange(bytes, cut, bytes.length));
      assertThat(decode(new JsonFrameDecoder(LIMIT), two)).as("cut at %d", cut).isEqualTo(whole);
    }
    assertThat(decode(new JsonFrameDecoder(LIMIT), pieces(REPLIES, 1))).isEqualTo(whole);

    // while the library's decoder does not even get the first kind right
    assertThat(decodeOrFail(new JsonRpcDecoder(LIMIT), pieces(REPLIES, 1))).isNotEqualTo(whole);
  }

  @Test
  void theLibrarysDecoderReadsPastTheBufferWhenWhitespaceIsCut() throws Exception {
    // given a reply after three blanks, byte by byte: of the four bytes the library's decoder waits
    // for, one is left when it has skipped them
    String text = "   {\"id\":\"1\",\"result\":[],\"error\":null}";

    // then it guesses the encoding from bytes that have not come, and ours waits
    assertThatThrownBy(() -> decode(new JsonRpcDecoder(LIMIT), pieces(text, 1)))
        .hasRootCauseInstanceOf(InvalidEncodingException.class);
    assertThat(decode(new JsonFrameDecoder(LIMIT), pieces(text, 1)))
        .containsExactly(JSON.readTree(text));
  }

  @Test
  void theLibrarysDecoderWaitsForEverAfterAFinalBackslash() throws Exception {
    String first = "{\"id\":\"1\",\"result\":[\"C:\\\\\"],\"error\":null}";
    String second = "{\"id\":\"2\",\"result\":[],\"error\":null}";
    List<byte[]> messages = List.of(first.getBytes(UTF_8), second.getBytes(UTF_8));

    assertThat(decode(new JsonRpcDecoder(LIMIT), messages)).isEmpty();
    assertThat(decode(new JsonFrameDecoder(LIMIT), messages))
        .containsExactly(JSON.readTree(first), JSON.readTree(second));
  }

  @Test
  void whatIsNotJsonRpcOrTooLongIsRefused() {
    assertThatThrownBy(() -> decode(new JsonFrameDecoder(LIMIT), pieces("HTTP/1.1 400", 3)))
        .isInstanceOf(CorruptedFrameException.class)
        .hasMessageContaining("does not speak JSON-RPC");
    assertThatThrownBy(
            () -> decode(new JsonFrameDecoder(16), pieces("{\"a\":\"0123456789abcdef\"}", 1)))
        .isInstanceOf(TooLongFrameException.class)
        .hasMessageContaining("longer than 16 bytes");
  }

  @Test
  void randomBytesNeitherHangNorEscapeAsErrors() {
    // given a fixed seed, so that a failure can be repeated
    Random random = new Random(20261121);
    String alphabet = "{}[]\"\\ \n:,a1\u00e9";
    for (int round = 0; round < 5_000; round++) {
      StringBuilder text = new StringBuilder("{");
      int length = random.nextInt(60);
      for (int i = 0; i < length; i++) {
        text.append(alphabet.charAt(random.nextInt(alphabet.length())));
      }
      // then it is decoded, or refused with an exception; either way the call returns
      assertThat(
              decodeOrFail(
                  new JsonFrameDecoder(LIMIT), pieces(text.toString(), 1 + random.nextInt(7))))
          .isNotNull();
    }
  }

  private static List<byte[]> pieces(String text, int size) {
    byte[] bytes = text.getBytes(UTF_8);
    List<byte[]> pieces = new ArrayList<>();
    for (int at = 0; at < bytes.length; at += size) {
      pieces.add(Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + size)));
    }
    return pieces;
  }

  private static List<JsonNode> decode(ChannelHandler decoder, List<byte[]> pieces) {
    EmbeddedChannel channel = new EmbeddedChannel(decoder);
    // Memory that is zero where nothing was written, so that reading past the end is repeatable.
    channel.config().setAllocator(new UnpooledByteBufAllocator(false));
    try {
      pieces.forEach(piece -> channel.writeInbound(Unpooled.wrappedBuffer(piece)));
      List<JsonNode> out = new ArrayList<>();
      for (JsonNode node = channel.readInbound(); node != null; node = channel.readInbound()) {
        out.add(node);
      }
      return out;
    } finally {
      channel.close().awaitUninterruptibly();
    }
  }

  private static List<JsonNode> decodeOrFail(ChannelHandler decoder, List<byte[]> pieces) {
    try {
      return decode(decoder, pieces);
    } catch (RuntimeException e) {
      return List.of();
    }
  }
}
