package io.seine.cni.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import io.seine.cni.api.v1.InvokeReply;
import io.seine.cni.api.v1.InvokeRequest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** DELs while the agent is away, by the native executable. */
@Tag("system")
class ExecutableDeferredDelTest {
  @TempDir Path directory;

  @Test
  void aDelSucceedsAndIsKeptForRootAlone() throws Exception {
    Executable.Result run = Executable.run("DEL", conf(""));
    assertThat(run.exitCode()).isZero();
    assertThat(run.stdout()).isEmpty();
    assertThat(records()).containsExactly("c1@eth0.pb");
    Path record = directory.resolve("deferred-del/c1@eth0.pb");
    InvokeRequest request = InvokeRequest.parseFrom(Files.readAllBytes(record));
    assertThat(request.getCommand()).isEqualTo("DEL");
    assertThat(request.getContainerId()).isEqualTo("c1");
    assertThat(request.getIfname()).isEqualTo("eth0");
    assertThat(request.getStdin().toStringUtf8()).isEqualTo(conf(""));
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(record)))
        .isEqualTo("rw-------");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(record.getParent())))
        .isEqualTo("rwx------");
  }

  @Test
  void aLargeRequestIsKeptWhole() throws Exception {
    String conf = conf("\"x\":\"" + "y".repeat(1_000_000) + "\"");
    assertThat(Executable.run("DEL", conf).exitCode()).isZero();
    byte[] record = Files.readAllBytes(directory.resolve("deferred-del/c1@eth0.pb"));
    assertThat(InvokeRequest.parseFrom(record).getStdin().toStringUtf8()).isEqualTo(conf);
  }

  @Test
  void manyAtOnceAreAllKeptAndNoDraftIsLeft() throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Executable.Result>> runs = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        Map<String, String> environment = Executable.environment("DEL");
        environment.put("CNI_CONTAINERID", "container-" + i % 10);
        runs.add(
            threads.submit(() ->
                Executable.run(environment, conf("").getBytes(StandardCharsets.UTF_8), true)));
      }
      for (Future<Executable.Result> run : runs) {
        assertThat(run.get().exitCode()).isZero();
      }
    }
    assertThat(records()).hasSize(10).allMatch(name -> name.matches("container-\\d@eth0\\.pb"));
    for (String name : records()) {
      assertThat(
              InvokeRequest.parseFrom(
                      Files.readAllBytes(directory.resolve("deferred-del").resolve(name)))
                  .getContainerId())
          .isEqualTo(name.substring(0, name.indexOf('@')));
    }
  }

  @Test
  void theAgentsAnswerLaterMakesTheRecordVoid() throws Exception {
    assertThat(Executable.run("DEL", conf("")).exitCode()).isZero();
    try (AgentServer _ =
        new AgentServer(directory.resolve("cni.sock"), _ -> InvokeReply.getDefaultInstance())) {
      assertThat(Executable.run("DEL", conf("")).exitCode()).isZero();
    }
    assertThat(records()).isEmpty();
  }

  @Test
  void whereNothingCanBeKeptTheRuntimeIsToldToTryAgain() throws Exception {
    Path file = Files.createFile(directory.resolve("file"));
    Executable.Result run = Executable.run("DEL", conf("\"stateDir\":\"" + file + "\""));
    assertThat(run.code()).isEqualTo(11);
    assertThat(run.text("msg")).contains("could not be kept for later", "Not a directory");
    run = Executable.run("DEL", conf("\"stateDir\":\"/proc/none/there\""));
    assertThat(run.code()).isEqualTo(11);
    assertThat(run.text("msg")).contains("making the directory /proc/none/there");
  }

  private List<String> records() throws IOException {
    try (Stream<Path> files = Files.list(directory.resolve("deferred-del"))) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }

  private String conf(String more) {
    return "{\"cniVersion\":\"1.0.0\",\"agentSocket\":\"%s\"%s}"
        .formatted(directory.resolve("cni.sock"), more.isEmpty() ? "" : "," + more);
  }
}
