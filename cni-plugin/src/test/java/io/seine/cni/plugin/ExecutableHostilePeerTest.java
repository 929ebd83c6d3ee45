package io.seine.cni.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The native executable against peers that break the protocol: no crash, no hang, always an answer
 * that is CNI's.
 */
@Tag("system")
class ExecutableHostilePeerTest {
  private static final byte[] REPLY =
      Frames.reply(
          io.seine.cni.api.v1.InvokeReply.newBuilder()
              .setExitCode(0)
              .setStdout(
                  ByteString.copyFromUtf8(
                      "{\"cniVersion\":\"1.0.0\",\"ips\":[{\"address\":\"10.1.2.3/24\"}]}"))
              .build()
              .toByteArray());

  /**
   * The same with what else a peer may use: Huffman coding, table references, padding,
   * continuation, frames between.
   */
  private static final byte[] ORNATE_REPLY =
      Frames.concat(
          Frames.settings(1, 4096, 4, 65535),
          Frames.frame(
              Frame.HEADERS,
              Frame.END_HEADERS,
              1,
              Frames.concat(
                  Frames.headBlock(),
                  HexFormat.of().parseHex("408825a849e95ba97d7f8925a849e95bb8e8b4bf"))),
          Frames.frame(Frame.PING, 0, 0, new byte[8]),
          Frames.frame(
              Frame.DATA,
              Frame.PADDED,
              1,
              Frames.concat(new byte[] {3}, Frames.prefixed(new byte[] {8, 0}), new byte[3])),
          Frames.windowUpdate(0, 100),
          Frames.frame(Frame.HEADERS, Frame.END_STREAM, 1, HexFormat.of().parseHex("be408825a849")),
          Frames.frame(
              Frame.CONTINUATION,
              Frame.END_HEADERS,
              1,
              Frames.concat(
                  HexFormat.of().parseHex("e95ba97d7f8925a849e95bb8e8b4bf"),
                  Frames.block("grpc-status", "0"))));

  @TempDir Path directory;
  private HostilePeer peer;

  @BeforeEach
  void listen() throws IOException {
    peer = new HostilePeer(directory.resolve("cni.sock"));
  }

  @AfterEach
  void stop() throws IOException {
    peer.close();
  }

  @Test
  void mutatedRepliesEndAsTheyDoOnTheJvm() throws Exception {
    Random random = new Random(20261121);
    byte[][] originals = {REPLY, realReply(), ORNATE_REPLY};
    int answered = 0;
    for (int i = 0; i < 600; i++) {
      byte[] reply = Mutations.of(originals[i % 3], random);
      peer.serve(reply, Integer.MAX_VALUE, true);
      Outcome expected =
          Plugin.run(new FakeOs(Executable.environment("STATUS")).stdin(conf(10)).agent(reply), 0);

      Executable.Result run = Executable.run("STATUS", conf(10));

      assertThat(run.stdout())
          .as("run %d", i)
          .isEqualTo(new String(expected.stdout(), StandardCharsets.UTF_8));
      assertThat(run.exitCode()).as("run %d", i).isEqualTo(expected.exitCode());
      assertThat(run.stderr()).isEmpty();
      answered += run.exitCode() == 0 ? 1 : 0;
    }
    assertThat(answered).isBetween(1, 500);
  }

  @Test
  void aReplyByteByByteIsRead() throws Exception {
    peer.serve(REPLY, 1, false);
    assertThat(Executable.run("STATUS", conf(10)).exitCode()).isZero();
  }

  @Test
  void aReplyInFramesOfOneByteIsRead() throws Exception {
    byte[] message =
        Frames.prefixed(
            io.seine.cni.api.v1.InvokeReply.newBuilder()
                .setStdout(ByteString.copyFromUtf8("x".repeat(300_000)))
                .build()
                .toByteArray());
    ByteWriter reply =
        new ByteWriter(11 * message.length).put(Frames.settings()).put(Frames.head());
    for (byte b : message) {
      reply.put(Frames.frame(Frame.DATA, Frame.PADDED, 1, new byte[] {0, b}));
    }
    peer.serve(
        reply.put(Frames.trailers("grpc-status", "0")).toByteArray(), Integer.MAX_VALUE, true);
    assertThat(Executable.run("STATUS", conf(10)).stdout()).isEqualTo("x".repeat(300_000));
  }

  @Test
  void randomBytesAreRefused() throws Exception {
    Random random = new Random(5);
    for (int i = 0; i < 50; i++) {
      byte[] noise = new byte[random.nextInt(40_000)];
      random.nextBytes(noise);
      peer.serve(
          i % 2 == 0 ? noise : Frames.concat(Frames.settings(), noise), Integer.MAX_VALUE, true);
      assertThat(Executable.run("ADD", conf(10)).code()).isEqualTo(11);
    }
    peer.serve(
        "HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(StandardCharsets.UTF_8),
        Integer.MAX_VALUE,
        true);
    assertThat(Executable.run("ADD", conf(10)).code()).isEqualTo(11);
  }

  @Test
  void silenceEndsAtTheDeadline() throws Exception {
    for (byte[] beginning :
        new byte[][] {new byte[0], Frames.settings(), Arrays.copyOf(REPLY, REPLY.length - 3)}) {
      peer.serve(beginning, Integer.MAX_VALUE, false);
      Executable.Result run = Executable.run("STATUS", conf(1));
      assertThat(run.code()).isEqualTo(50);
      assertThat(run.text("msg")).contains("not done within 1 s");
      assertThat(run.millis()).isBetween(950L, 5_000L);
    }
  }

  @Test
  void aPeerThatNeverOpensItsWindowEndsAtTheDeadline() throws Exception {
    peer.serve(Frames.settings(4, 0), Integer.MAX_VALUE, false);
    String large = conf(1).replace("{", "{\"x\":\"" + "y".repeat(500_000) + "\",");
    assertThat(Executable.run("ADD", large).text("msg")).contains("not done within 1 s");
  }

  @Test
  void aListenerThatNeverAcceptsEndsAtTheDeadline() throws Exception {
    Path socket = directory.resolve("full.sock");
    List<SocketChannel> clients = new ArrayList<>();
    try (ServerSocketChannel full = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      full.bind(UnixDomainSocketAddress.of(socket), 1);
      boolean queued = true;
      while (queued) {
        SocketChannel client = SocketChannel.open(StandardProtocolFamily.UNIX);
        clients.add(client);
        client.configureBlocking(false);
        queued = connects(client, socket);
      }
      Executable.Result run = Executable.run("ADD", conf(1).replace("cni.sock", "full.sock"));
      assertThat(run.code()).isEqualTo(11);
      assertThat(run.text("msg")).contains("connecting to", "not done within 1 s");
    } finally {
      for (SocketChannel client : clients) {
        client.close();
      }
    }
  }

  @Test
  void inputThatDoesNotEndIsGivenUp() throws Exception {
    Map<String, String> environment = Executable.environment("STATUS");
    Executable.Result run =
        Executable.run(environment, "{".getBytes(StandardCharsets.UTF_8), false);
    assertThat(run.code()).isEqualTo(5);
    assertThat(run.millis()).isBetween(9_900L, 20_000L);
  }

  /** What Netty sends for a call, recorded. */
  private byte[] realReply() throws Exception {
    Path socket = directory.resolve("real.sock");
    ByteString stdout = ByteString.copyFromUtf8("{\"cniVersion\":\"1.0.0\"}");
    try (AgentServer _ =
        new AgentServer(
            socket, _ -> io.seine.cni.api.v1.InvokeReply.newBuilder().setStdout(stdout).build())) {
      ChannelTransport transport = new ChannelTransport(socket);
      new UnaryCall(transport).invoke("/seine.cni.v1.Cni/Invoke", new byte[0], 10_000);
      transport.close();
      return transport.received();
    }
  }

  private static boolean connects(SocketChannel client, Path socket) throws IOException {
    try {
      return client.connect(UnixDomainSocketAddress.of(socket));
    } catch (IOException _) {
      return false;
    }
  }

  private String conf(int timeoutSeconds) {
    return "{\"cniVersion\":\"1.0.0\",\"agentSocket\":\"%s\",\"timeoutSeconds\":%d}"
        .formatted(directory.resolve("cni.sock"), timeoutSeconds);
  }
}
