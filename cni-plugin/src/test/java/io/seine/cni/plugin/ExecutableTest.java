package io.seine.cni.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.seine.cni.api.v1.InvokeReply;
import io.seine.cni.api.v1.InvokeRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The native executable against a real gRPC server, and alone. */
@Tag("system")
class ExecutableTest {
  @TempDir Path directory;

  @Test
  void versionNeedsNothing() throws Exception {
    Executable.Result result = Executable.run("VERSION", "{\"cniVersion\":\"1.0.0\"}");
    assertThat(result.exitCode()).isZero();
    assertThat(result.stdout())
        .isEqualTo(
            "{\"cniVersion\":\"1.0.0\",\"supportedVersions\":[\"0.3.1\",\"0.4.0\",\"1.0.0\",\"1.1.0\"]}\n");
    assertThat(result.stderr()).isEmpty();
    Executable.Result open = Executable.run(Map.of("CNI_COMMAND", "VERSION"), new byte[0], false);
    assertThat(open.exitCode()).isZero();
    assertThat(open.millis()).isLessThan(10_000);
  }

  @Test
  void theAgentGetsWhatTheRuntimeGaveAndTheRuntimeWhatTheAgentSaid() throws Exception {
    AtomicReference<InvokeRequest> seen = new AtomicReference<>(InvokeRequest.getDefaultInstance());
    String result = "{\"cniVersion\":\"1.1.0\",\"note\":\"\u20ac \ud83d\ude00\"}";
    try (AgentServer _ = agent(result, 0, seen)) {
      Map<String, String> environment = Executable.environment("ADD");
      environment.put("CNI_ARGS", "IgnoreUnknown=1;K8S_POD_NAME=caf\u00e9");
      String conf = conf("\"a\":[1,{}]");
      Executable.Result run =
          Executable.run(environment, conf.getBytes(StandardCharsets.UTF_8), true);
      assertThat(run.stdout()).isEqualTo(result);
      assertThat(run.exitCode()).isZero();
      assertThat(run.stderr()).isEmpty();
      assertThat(seen.get())
          .isEqualTo(
              InvokeRequest.newBuilder()
                  .setCommand("ADD")
                  .setContainerId("c1")
                  .setNetns("/run/netns/x")
                  .setIfname("eth0")
                  .setArgs("IgnoreUnknown=1;K8S_POD_NAME=caf\u00e9")
                  .setPath("/opt/cni/bin")
                  .setStdin(ByteString.copyFromUtf8(conf))
                  .build());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 11, 50, 200})
  void theAgentsExitCodeIsTheExecutables(int code) throws Exception {
    try (AgentServer _ =
        agent("{}", code, new AtomicReference<>(InvokeRequest.getDefaultInstance()))) {
      assertThat(Executable.run("CHECK", conf("")).exitCode()).isEqualTo(code);
    }
  }

  @ParameterizedTest
  @CsvSource({"100, 300000", "1048000, 100", "1048000, 4194000"})
  void largeRequestsAndRepliesPass(int requestSize, int replySize) throws Exception {
    AtomicReference<InvokeRequest> seen = new AtomicReference<>(InvokeRequest.getDefaultInstance());
    String reply = "x".repeat(replySize);
    try (AgentServer _ = agent(reply, 0, seen)) {
      String conf = conf("\"large\":\"" + "y".repeat(requestSize) + "\"");
      Executable.Result run = Executable.run("GC", conf);
      assertThat(run.exitCode())
          .as(run.stdout().substring(0, Math.min(300, run.stdout().length())))
          .isZero();
      assertThat(run.stdout()).isEqualTo(reply);
      assertThat(seen.get().getStdin().toStringUtf8()).isEqualTo(conf);
    }
  }

  @Test
  void twentyAtOnceEachGetTheirOwnAnswer() throws Exception {
    Path socket = directory.resolve("cni.sock");
    try (AgentServer _ =
            new AgentServer(
                socket,
                r ->
                    InvokeReply.newBuilder()
                        .setStdout(ByteString.copyFromUtf8(r.getContainerId()))
                        .build());
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Executable.Result>> runs = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        Map<String, String> environment = Executable.environment("ADD");
        environment.put("CNI_CONTAINERID", "container" + i);
        runs.add(
            threads.submit(() ->
                Executable.run(environment, conf("").getBytes(StandardCharsets.UTF_8), true)));
      }
      for (int i = 0; i < runs.size(); i++) {
        assertThat(runs.get(i).get().stdout()).isEqualTo("container" + i);
      }
    }
  }

  @Test
  void theAgentsRefusalIsAnErrorToTryAgain() throws Exception {
    Path socket = directory.resolve("cni.sock");
    try (AgentServer _ =
        new AgentServer(
            socket,
            _ -> {
              throw new IllegalStateException("not ready: \"waiting\" for nodes\n");
            })) {
      Executable.Result run = Executable.run("ADD", conf(""));
      assertThat(run.code()).isEqualTo(11);
      assertThat(run.text("msg")).endsWith("UNAVAILABLE: not ready: \"waiting\" for nodes\n");
    }
  }

  @ParameterizedTest
  @CsvSource({"ADD, 11", "CHECK, 11", "GC, 11", "STATUS, 50"})
  void withoutAnAgentTheErrorSaysWhatToDo(String command, int code) throws Exception {
    Executable.Result run = Executable.run(command, conf(""));
    assertThat(run.code()).isEqualTo(code);
    assertThat(run.text("cniVersion")).isEqualTo("1.0.0");
    assertThat(run.text("msg")).contains("No such file or directory");
    assertThat(run.text("details"))
        .contains("kubectl -n kube-system get pods -l app=seine-agent", "cni.sock");
    Files.createFile(directory.resolve("cni.sock"));
    assertThat(Executable.run(command, conf("")).text("msg")).contains("Connection refused");
  }

  @Test
  void wrongEnvironmentAndInputAreNamed() throws Exception {
    Map<String, String> environment = Executable.environment("ADD");
    environment.remove("CNI_NETNS");
    Executable.Result missing = Executable.run(environment, new byte[0], true);
    assertThat(missing.code()).isEqualTo(4);
    assertThat(missing.text("msg")).contains("CNI_NETNS");
    assertThat(Executable.run(Map.of(), new byte[0], true).text("msg")).contains("CNI_COMMAND");
    environment.put("CNI_NETNS", "x");
    environment.put("CNI_ARGS", "\ud83d\ude00".repeat(20_000));
    assertThat(Executable.run(environment, conf("").getBytes(StandardCharsets.UTF_8), true).code())
        .isEqualTo(11);
    assertThat(Executable.run("ADD", "no json").code()).isEqualTo(6);
    assertThat(Executable.run("ADD", conf("\"a\":\"" + "x".repeat(3 << 20) + "\"")).code())
        .isEqualTo(6);
    assertThat(Executable.run("ADD", "[".repeat(1_000_000)).code()).isEqualTo(6);
    assertThat(Executable.run("ADD", "{\"a\":" + "[".repeat(1_000_000)).code()).isEqualTo(6);
  }

  @Test
  void anInputOfAnyShapeUpToTheLimitFitsInMemory() throws Exception {
    for (String unit :
        List.of(
            "\"k%06d\":\"\"", "\"\\u00e9%06d\":[]", "\"%06d\":{\"cniVersion\":1}", "\"a\":1%06d")) {
      StringBuilder entries = new StringBuilder();
      for (int i = 0; entries.length() < (1 << 20) - 200; i++) {
        entries.append(i == 0 ? "" : ",").append(unit.formatted(i));
      }
      assertThat(Executable.run("ADD", conf(entries.toString())).code()).isEqualTo(11);
    }
    assertThat(Executable.run("ADD", conf("\"a\":[" + "[],".repeat(340_000) + "1]")).code())
        .isEqualTo(11);
  }

  @Test
  void standardOutputThatIsClosedIsAFailureAndNotADeath() throws Exception {
    String command = "'" + Executable.file() + "' >&- </dev/null";
    ProcessBuilder builder = new ProcessBuilder("/bin/sh", "-c", command);
    builder.environment().put("CNI_COMMAND", "VERSION");
    assertThat(builder.start().waitFor()).isEqualTo(1);
  }

  private AgentServer agent(String stdout, int code, AtomicReference<InvokeRequest> seen)
      throws Exception {
    return new AgentServer(
        directory.resolve("cni.sock"),
        request -> {
          seen.set(request);
          return InvokeReply.newBuilder()
              .setExitCode(code)
              .setStdout(ByteString.copyFromUtf8(stdout))
              .build();
        });
  }

  private String conf(String more) {
    return "{\"cniVersion\":\"1.0.0\",\"name\":\"seine\",\"agentSocket\":\"%s\"%s}"
        .formatted(directory.resolve("cni.sock"), more.isEmpty() ? "" : "," + more);
  }
}
