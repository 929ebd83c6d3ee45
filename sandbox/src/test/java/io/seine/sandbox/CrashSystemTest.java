package io.seine.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import io.seine.sandbox.netns.Namespace;
import io.seine.sandbox.node.Layout;
import io.seine.sandbox.node.SandboxNode;
import io.seine.sandbox.process.Pids;
import io.seine.sandbox.process.Waiting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A sandbox leaves nothing on the machine, however it ended. */
@Tag("system")
class CrashSystemTest {
  private final String name = "c" + UUID.randomUUID().toString().substring(0, 6);
  private final SandboxSpec spec = SandboxSpec.ofNodes(name, 1);
  private final Layout layout = new Layout(name);

  @AfterEach
  void down() {
    Sandbox.remove(name);
  }

  @Test
  void whatACrashLeftIsRemovedByTheNextUpAndByDown() throws IOException {
    SandboxDaemon.launch(spec, Progress.silent());
    connectAPod();
    List<Long> first = crash();

    List<String> steps = new ArrayList<>();
    SandboxDaemon.launch(spec, (what, took) -> steps.add(what));

    assertThat(steps.getFirst()).contains("removed what an earlier sandbox left");
    assertThat(steps).anyMatch(step -> step.contains("agent ready"));
    assertThat(first).noneMatch(Pids::isAlive);

    List<Long> second = crash();
    assertThat(Sandbox.hasRemains(name)).isTrue();

    Sandbox.remove(name);

    assertThat(second).noneMatch(Pids::isAlive);
    assertNothingIsLeft();
  }

  @Test
  void upAndDownTwiceLeavesNothing() throws IOException {
    for (int i = 0; i < 2; i++) {
      SandboxDaemon.launch(spec, Progress.silent());
      connectAPod();
      List<Long> processes = processes();
      assertThat(processes).hasSizeGreaterThanOrEqualTo(4);

      Sandbox.remove(name);

      assertThat(processes).noneMatch(Pids::isAlive);
      assertNothingIsLeft();
    }
  }

  private void connectAPod() {
    try (SandboxView view = SandboxView.attach(Optional.of(name))) {
      Manifests.apply(
          view.client(),
          """
          apiVersion: v1
          kind: Pod
          metadata: {name: p, namespace: default}
          spec: {nodeName: node-1, containers: [{name: c, image: i, ports: [{containerPort: 80}]}]}
          """);
      assertThat(
              Waiting.until(
                  Duration.ofSeconds(30), () -> Files.exists(layout.podFile("default", "p"))))
          .isTrue();
    }
  }

  /** Kills the daemon and the agents, as a crash of them would; the switches go on. */
  private List<Long> crash() {
    List<Long> all = processes();
    List<Long> killed = new ArrayList<>(List.of(Cleaner.daemon(layout).orElseThrow()));
    try (SandboxView view = SandboxView.attach(Optional.of(name))) {
      for (SandboxNode node : view.nodes()) {
        killed.add(node.agent().pid().orElseThrow());
      }
    }
    killed.forEach(pid -> Pids.signal(pid, "KILL"));
    assertThat(Pids.awaitEnd(killed, Duration.ofSeconds(10))).isTrue();
    assertThat(Namespace.startingWith(layout.namespacePrefix())).isNotEmpty();
    return all;
  }

  /** The daemon and whatever runs in one of the namespaces. */
  private List<Long> processes() {
    List<Long> all = new ArrayList<>(List.of(Cleaner.daemon(layout).orElseThrow()));
    Namespace.startingWith(layout.namespacePrefix()).forEach(n -> all.addAll(n.processes()));
    return all;
  }

  private void assertNothingIsLeft() throws IOException {
    assertThat(Sandbox.hasRemains(name)).isFalse();
    assertThat(Namespace.startingWith(layout.namespacePrefix())).isEmpty();
    assertThat(layout.directory()).doesNotExist();
    assertThat(layout.daemonPid()).doesNotExist();
    assertThat(layout.daemonLog()).doesNotExist();
    assertThat(Files.readString(Path.of("/proc/self/mountinfo")))
        .doesNotContain(layout.namespacePrefix());
    try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
      assertThat(
              processes
                  .map(path -> path.getFileName().toString())
                  .filter(file -> file.matches("[0-9]+"))
                  .map(pid -> Pids.commandLine(Long.parseLong(pid)))
                  .filter(line -> line.contains(layout.directory().toString())))
          .isEmpty();
    }
  }
}
