package io.seine.cni.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.seine.cni.api.v1.InvokeReply;
import io.seine.cni.api.v1.InvokeRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The call, on the JVM, against a real gRPC server. */
class GrpcServerTest {
  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(ints = {0, 600, 65_535, 300_000, 1 << 20, 3 << 20})
  void requestsAndRepliesOfAnySizeArrive(int size) throws Exception {
    byte[] content = new byte[size];
    new Random(size).nextBytes(content);
    InvokeRequest request =
        InvokeRequest.newBuilder().setCommand("ADD").setStdin(ByteString.copyFrom(content)).build();
    byte[] reply =
        call(
            r -> InvokeReply.newBuilder().setExitCode(3).setStdout(r.getStdin()).build(),
            request.toByteArray());
    assertThat(io.seine.cni.plugin.InvokeReply.decode(reply).exitCode()).isEqualTo(3);
    assertThat(io.seine.cni.plugin.InvokeReply.decode(reply).stdout()).isEqualTo(content);
  }

  @Test
  void theServersRefusalIsTold() {
    Function<InvokeRequest, InvokeReply> notReady =
        _ -> {
          throw new IllegalStateException("not ready: waiting for the caf\u00e9");
        };
    assertThatThrownBy(() -> call(notReady, new byte[0]))
        .isInstanceOf(CallException.class)
        .hasMessageContaining("UNAVAILABLE: not ready: waiting for the caf\u00e9");
    assertThatThrownBy(() -> call(notReady, new byte[] {1, 2, 3}))
        .isInstanceOf(CallException.class);
  }

  private byte[] call(Function<InvokeRequest, InvokeReply> agent, byte[] request)
      throws CallException, OsException, IOException {
    Path socket = directory.resolve("cni.sock");
    try (AgentServer _ = new AgentServer(socket, agent)) {
      ChannelTransport transport = new ChannelTransport(socket);
      try {
        return new UnaryCall(transport).invoke("/seine.cni.v1.Cni/Invoke", request, 10_000);
      } finally {
        transport.close();
      }
    }
  }
}
