package io.seine.cni.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One gRPC call against scripted agents. */
class UnaryCallTest {
  private static final byte[] OK = "reply".getBytes(StandardCharsets.UTF_8);
  private static final byte[] STATUS_OK = Frames.trailers("grpc-status", "0");

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 100_000})
  void theReplyIsReturnedWhateverTheChunks(int chunk) throws Exception {
    assertThat(call(new ScriptedTransport(Frames.reply(OK), chunk))).isEqualTo(OK);
  }

  @Test
  void theRequestIsOneStreamWithPrefaceHeadersAndMessage() throws Exception {
    ScriptedTransport agent = new ScriptedTransport(Frames.reply(OK), 1000);
    new UnaryCall(agent).invoke("/a.B/C", new byte[] {1, 2, 3}, 1234);

    byte[] sent = agent.written();
    assertThat(new String(sent, 0, 24, StandardCharsets.US_ASCII))
        .isEqualTo("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    List<Frame> frames = framesOf(Arrays.copyOfRange(sent, 24, sent.length));
    assertThat(frames.get(0).type()).isEqualTo(Frame.SETTINGS);
    assertThat(new HpackDecoder().decode(frames.get(1).payload()))
        .contains(
            new HeaderField(":method", "POST"),
            new HeaderField(":path", "/a.B/C"),
            new HeaderField("te", "trailers"),
            new HeaderField("content-type", "application/grpc"),
            new HeaderField("grpc-timeout", "1234m"));
    assertThat(frames.get(2).payload()).containsExactly(0, 0, 0, 0, 3, 1, 2, 3);
    assertThat(frames.get(2).has(Frame.END_STREAM)).isTrue();
    assertThat(frames.subList(3, frames.size()))
        .allMatch(f -> f.type() == Frame.SETTINGS && f.has(Frame.ACK));
  }

  @Test
  void aReplyMayBePaddedPrioritisedContinuedAndSurroundedByOtherFrames() throws Exception {
    byte[] block = Frames.headBlock();
    byte[] begin =
        Frames.concat(new byte[] {3, 0, 0, 0, 0, 9}, Arrays.copyOf(block, 2), new byte[3]);
    byte[] rest = Arrays.copyOfRange(block, 2, block.length);
    byte[] message = Frames.prefixed(OK);
    byte[] reply =
        Frames.concat(
            Frames.settings(1, 4096, 3, 100, 0xabcd, -1),
            Frames.frame(Frame.SETTINGS, Frame.ACK, 0, new byte[0]),
            Frames.frame(Frame.PING, 0, 0, "12345678".getBytes(StandardCharsets.UTF_8)),
            Frames.frame(Frame.HEADERS, Frame.PADDED | Frame.PRIORITY_FLAG, 1, begin),
            Frames.frame(Frame.CONTINUATION, 0, 1, new byte[0]),
            Frames.frame(Frame.CONTINUATION, Frame.END_HEADERS, 1, rest),
            Frames.frame(0xfa, 0, 0, new byte[20]),
            Frames.frame(
                Frame.DATA,
                Frame.PADDED,
                1,
                Frames.concat(new byte[] {2}, Arrays.copyOf(message, 4), new byte[2])),
            Frames.frame(Frame.DATA, 0, 1, new byte[0]),
            Frames.frame(Frame.PRIORITY, 0, 1, new byte[5]),
            Frames.frame(Frame.DATA, 0, 1, Arrays.copyOfRange(message, 4, message.length)),
            Frames.frame(Frame.GOAWAY, 0, 0, new byte[] {0x7f, -1, -1, -1, 0, 0, 0, 0}),
            STATUS_OK);
    ScriptedTransport agent = new ScriptedTransport(reply, 20);
    assertThat(call(agent)).isEqualTo(OK);
    assertThat(new String(agent.written(), StandardCharsets.ISO_8859_1)).contains("12345678");
  }

  @Test
  void anInformationalResponseIsPassedOver() throws Exception {
    byte[] early =
        Frames.frame(Frame.HEADERS, Frame.END_HEADERS, 1, Frames.block(":status", "103"));
    byte[] reply =
        Frames.concat(Frames.settings(), early, Frames.head(), Frames.message(OK), STATUS_OK);
    assertThat(call(new ScriptedTransport(reply, 50))).isEqualTo(OK);
  }

  @Test
  void aLargeRequestWaitsForTheAgentsWindows() throws Exception {
    // Given windows of 65535 bytes, opened by the agent twice, the second time with larger frames
    // allowed
    byte[] message = new byte[200_000];
    byte[] reply =
        Frames.concat(
            Frames.settings(),
            Frames.windowUpdate(0, 1_000_000),
            Frames.windowUpdate(1, 1000),
            Frames.settings(4, 165535, 5, 100_000),
            Frames.settings(4, 65535),
            Frames.windowUpdate(1, 200_000),
            Frames.head(),
            Frames.message(OK),
            STATUS_OK);
    ScriptedTransport agent = new ScriptedTransport(reply, 13);
    new UnaryCall(agent).invoke("/a.B/C", message, 1);

    // Then everything was sent, in frames that follow the windows
    byte[] sent = agent.written();
    int[] data = dataFrameLengths(Arrays.copyOfRange(sent, 24, sent.length));
    assertThat(data).containsExactly(16384, 16384, 16384, 16383, 1000, 100_000, 33_470);
    assertThat(Arrays.stream(data).sum()).isEqualTo(message.length + 5);
  }

  @Test
  void aLargeReplyOpensOurWindows() throws Exception {
    byte[] large = new byte[300_000];
    new Random(1).nextBytes(large);
    ScriptedTransport agent = new ScriptedTransport(largeReply(large), 10_000);
    assertThat(call(agent)).isEqualTo(large);
    List<Frame> updates =
        framesOf(Arrays.copyOfRange(agent.written(), 24, agent.written().length)).stream()
            .filter(f -> f.type() == Frame.WINDOW_UPDATE)
            .toList();
    assertThat(updates).hasSizeGreaterThanOrEqualTo(8).allMatch(f -> f.uint31At(0) > 32767);
    assertThat(updates.stream().filter(f -> f.stream() == 0).count())
        .isEqualTo(updates.stream().filter(f -> f.stream() == 1).count());
  }

  @Test
  void aRefusalCarriesTheAgentsMessage() {
    byte[] head =
        Frames.frame(
            Frame.HEADERS,
            Frame.END_HEADERS | Frame.END_STREAM,
            1,
            Frames.concat(
                Frames.headBlock(),
                Frames.block(
                    "grpc-status", "14", "grpc-message", "not ready: 3%20of%20%E2%82%AC%zz")));
    assertThatThrownBy(
            () -> call(new ScriptedTransport(Frames.concat(Frames.settings(), head), 100)))
        .isInstanceOf(CallException.class)
        .hasMessage(
            "the agent refused the call with gRPC status UNAVAILABLE: not ready: 3 of \u20ac%zz");
  }

  static Stream<Arguments> faults() {
    byte[] settings = Frames.settings();
    byte[] head = Frames.head();
    byte[] message = Frames.message(OK);
    byte[] empty = new byte[0];
    return Stream.of(
        fault("begin with SETTINGS", head),
        fault("begin with SETTINGS", Frames.frame(Frame.SETTINGS, Frame.ACK, 0, empty)),
        fault("closed the connection", empty),
        fault("closed the connection", settings, head, message),
        fault("data before headers", settings, message),
        fault("not open", settings, Frames.frame(Frame.DATA, 0, 3, empty)),
        fault(
            "CONTINUATION without HEADERS",
            settings,
            Frames.frame(Frame.CONTINUATION, 4, 1, empty)),
        fault("not continued", settings, Frames.frame(Frame.HEADERS, 0, 1, empty), settings),
        fault(
            "not continued",
            settings,
            Frames.frame(Frame.HEADERS, 0, 1, empty),
            Frames.frame(Frame.CONTINUATION, 4, 3, empty)),
        fault(
            "padding",
            settings,
            Frames.frame(Frame.HEADERS, Frame.END_HEADERS | Frame.PADDED, 1, empty)),
        fault(
            "padding",
            settings,
            Frames.frame(Frame.HEADERS, Frame.END_HEADERS | Frame.PADDED, 1, new byte[] {1})),
        fault(
            "padding",
            settings,
            Frames.frame(Frame.HEADERS, Frame.END_HEADERS | Frame.PRIORITY_FLAG, 1, new byte[4])),
        fault(
            "padding",
            settings,
            head,
            Frames.frame(Frame.DATA, Frame.PADDED, 1, new byte[] {5, 0, 0, 0})),
        fault(
            "HTTP status 404",
            settings,
            Frames.frame(Frame.HEADERS, 5, 1, Frames.block(":status", "404"))),
        fault(
            "without an HTTP status",
            settings,
            Frames.frame(Frame.HEADERS, 4, 1, Frames.block("content-type", "application/grpc"))),
        fault(
            "content type text/html",
            settings,
            Frames.frame(
                Frame.HEADERS, 4, 1, Frames.block(":status", "200", "content-type", "text/html"))),
        fault(
            "misplaced header",
            settings,
            Frames.frame(Frame.HEADERS, 4, 1, Frames.block("a", "b", ":status", "200"))),
        fault("misplaced header", settings, head, message, Frames.trailers(":status", "200")),
        fault(
            "malformed header name", settings, head, message, Frames.trailers("Grpc-Status", "0")),
        fault("malformed value", settings, head, message, Frames.trailers("a", "b\nc")),
        fault(
            "grpc-status twice",
            settings,
            head,
            message,
            Frames.trailers("grpc-status", "0", "grpc-status", "0")),
        fault("no grpc-status", settings, head, message, Frames.trailers("a", "b")),
        fault(
            "no grpc-status",
            settings,
            head,
            Frames.frame(Frame.DATA, Frame.END_STREAM, 1, Frames.prefixed(OK))),
        fault(
            "do not end the stream",
            settings,
            head,
            Frames.frame(Frame.HEADERS, 4, 1, Frames.block("grpc-status", "0"))),
        fault("without a message", settings, head, STATUS_OK),
        fault("exactly one", settings, head, message, message, STATUS_OK),
        fault(
            "exactly one",
            settings,
            head,
            Frames.frame(Frame.DATA, 0, 1, new byte[] {1, 0, 0, 0, 0}),
            STATUS_OK),
        fault(
            "exactly one",
            settings,
            head,
            Frames.frame(Frame.DATA, 0, 1, new byte[] {0, -1, -1, -1, -1}),
            STATUS_OK),
        fault(
            "message encoding gzip",
            settings,
            Frames.frame(
                Frame.HEADERS,
                4,
                1,
                Frames.concat(Frames.headBlock(), Frames.block("grpc-encoding", "gzip")))),
        fault("window increment of zero", settings, Frames.windowUpdate(0, 0)),
        fault("window above", settings, Frames.windowUpdate(1, Integer.MAX_VALUE)),
        fault("initial window size", Frames.settings(4, -1)),
        fault("maximum frame size", Frames.settings(5, 16383)),
        fault("enables push", Frames.settings(2, 1)),
        fault(
            "cancelled the call: HTTP/2 error 8",
            settings,
            Frames.frame(Frame.RST_STREAM, 0, 1, new byte[] {0, 0, 0, 8})),
        fault(
            "error 11 calm",
            settings,
            Frames.frame(
                Frame.GOAWAY,
                0,
                0,
                Frames.concat(
                    new byte[] {0, 0, 0, 1, 0, 0, 0, 11},
                    "calm".getBytes(StandardCharsets.UTF_8)))),
        fault("closes the connection", settings, Frames.frame(Frame.GOAWAY, 0, 0, new byte[8])));
  }

  @ParameterizedTest
  @MethodSource("faults")
  void aFaultyAgentIsRefused(String message, byte[] reply) {
    ScriptedTransport agent = new ScriptedTransport(reply, 1000);
    assertThatThrownBy(() -> call(agent))
        .isInstanceOf(CallException.class)
        .hasMessageContaining(message);
  }

  @Test
  void headersAndControlFramesWithoutEndAreRefused() {
    byte[] begin = Frames.concat(Frames.settings(), Frames.frame(Frame.HEADERS, 0, 1, new byte[0]));
    byte[] large = Frames.frame(Frame.CONTINUATION, 0, 1, new byte[16000]);
    assertThatThrownBy(() ->
            call(
                new ScriptedTransport(
                    Frames.concat(begin, large, large, large, large, large), 1000)))
        .hasMessageContaining("header block of more than");
    ByteWriter flood = new ByteWriter(1000).put(begin);
    ByteWriter pings = new ByteWriter(1000).put(Frames.settings());
    for (int i = 0; i <= 10_000; i++) {
      flood.put(Frames.frame(Frame.CONTINUATION, 0, 1, new byte[0]));
      pings.put(Frames.frame(Frame.PING, 0, 0, new byte[8]));
    }
    assertThatThrownBy(() -> call(new ScriptedTransport(flood.toByteArray(), 1000)))
        .hasMessageContaining("not continued");
    assertThatThrownBy(() -> call(new ScriptedTransport(pings.toByteArray(), 1000)))
        .hasMessageContaining("control frames");
  }

  @Test
  void aReplyThatIsTooLargeIsRefused() {
    byte[] reply = largeReply(new byte[UnaryCall.MAX_REPLY + 1]);
    assertThatThrownBy(() -> call(new ScriptedTransport(reply, 100_000)))
        .hasMessageContaining("reply of more than");
  }

  @Test
  void mutatedRepliesAreAnsweredOrRefused() {
    byte[] good = Frames.reply(OK);
    Random random = new Random(9113);
    int answered = 0;
    for (int i = 0; i < 20_000; i++) {
      try {
        call(new ScriptedTransport(Mutations.of(good, random), 1 + random.nextInt(100)));
        answered++;
      } catch (CallException expected) {
        assertThat(expected.text()).isNotEmpty();
      } catch (OsException e) {
        throw new AssertionError("the script cannot fail", e);
      }
    }
    assertThat(answered).isLessThan(10_000);
  }

  private static byte[] call(Transport agent) throws CallException, OsException {
    return new UnaryCall(agent).invoke("/seine.cni.v1.Cni/Invoke", new byte[100], 1000);
  }

  private static byte[] largeReply(byte[] message) {
    byte[] prefixed = Frames.prefixed(message);
    ByteWriter reply =
        new ByteWriter(prefixed.length + 10_000).put(Frames.settings()).put(Frames.head());
    for (int at = 0; at < prefixed.length; at += 16384) {
      reply.put(
          Frames.frame(
              Frame.DATA,
              0,
              1,
              Arrays.copyOfRange(prefixed, at, Math.min(prefixed.length, at + 16384))));
    }
    return reply.put(STATUS_OK).toByteArray();
  }

  private static Arguments fault(String message, byte[]... frames) {
    return Arguments.of(message, Frames.concat(frames));
  }

  private static List<Frame> framesOf(byte[] bytes) throws Exception {
    FrameReader reader = new FrameReader(new ScriptedTransport(bytes, bytes.length));
    List<Frame> frames = new ArrayList<>();
    int length = 0;
    while (length < bytes.length) {
      Frame frame = reader.next();
      frames.add(frame);
      length += Frame.HEADER_LENGTH + frame.length();
    }
    return frames;
  }

  /**
   * The lengths of the DATA frames; read by hand, for they may be larger than what we take
   * ourselves.
   */
  private static int[] dataFrameLengths(byte[] bytes) {
    List<Integer> lengths = new ArrayList<>();
    for (int at = 0; at < bytes.length; ) {
      int length = Frame.int32(bytes, at) >>> 8;
      if (bytes[at + 3] == Frame.DATA) {
        lengths.add(length);
      }
      at += Frame.HEADER_LENGTH + length;
    }
    return lengths.stream().mapToInt(Integer::intValue).toArray();
  }
}
