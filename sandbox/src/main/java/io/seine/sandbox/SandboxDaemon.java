package io.seine.sandbox;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.seine.sandbox.node.JavaCommand;
import io.seine.sandbox.node.Layout;
import io.seine.sandbox.process.Commands;
import io.seine.sandbox.process.Pids;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;

/**
 * A sandbox in a process of its own, which stays when the command that made it ends. It tells its
 * parent on standard output how it goes: {@code done MILLIS WHAT} for each step, then {@code ready}
 * or {@code failed WHY}. SIGTERM takes the sandbox down.
 */
public final class SandboxDaemon {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

  private SandboxDaemon() {}

  /** The arguments of the process: a {@link SandboxSpec} without its optional members. */
  record Order(
      String name,
      List<NodeSpec> nodes,
      List<String> serviceCidrs,
      List<String> podCidrs,
      String kubeconfig) {
    SandboxSpec spec() {
      return new SandboxSpec(
          name,
          nodes,
          serviceCidrs,
          podCidrs,
          kubeconfig.isEmpty() ? Optional.empty() : Optional.of(Path.of(kubeconfig)),
          true,
          Map.of(),
          Optional.empty());
    }
  }

  /**
   * Starts a daemon and returns when its sandbox is ready.
   *
   * @throws SandboxException if it cannot be made; then nothing is left behind
   */
  public static void launch(SandboxSpec spec, Progress progress) {
    Preconditions.check();
    Layout layout = new Layout(spec.name());
    if (Cleaner.daemon(layout).isPresent()) {
      throw new SandboxException(
          "sandbox '" + spec.name() + "' is up already; `seine sandbox down` ends it");
    }
    if (Cleaner.hasRemains(layout)) {
      progress.step("removed what an earlier sandbox left", () -> Cleaner.clean(layout));
    }
    try {
      follow(start(spec, layout), layout, progress);
    } catch (IOException e) {
      Cleaner.clean(layout);
      throw new SandboxException("the sandbox's process cannot be started", e);
    }
  }

  private static Process start(SandboxSpec spec, Layout layout) throws IOException {
    var _ =
        Files.createDirectories(
            Layout.root(),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    Order order =
        new Order(
            spec.name(),
            spec.nodes(),
            spec.serviceCidrs(),
            spec.podCidrs(),
            spec.kubeconfig().map(file -> file.toAbsolutePath().toString()).orElse(""));
    List<String> java =
        JavaCommand.current()
            .running(SandboxDaemon.class.getName(), List.of(JSON.writeValueAsString(order)));
    return Commands.startFollowed(layout.daemonLog(), java);
  }

  private static void follow(Process process, Layout layout, Progress progress) throws IOException {
    Thread onInterrupt = new Thread(() -> Pids.end(List.of(process.pid()), Duration.ofSeconds(20)));
    Runtime.getRuntime().addShutdownHook(onInterrupt);
    var _ = Files.writeString(layout.daemonPid(), Long.toString(process.pid()));
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        String[] words = line.split(" ", 3);
        switch (words[0]) {
          case "done" -> progress.done(words[2], Duration.ofMillis(Long.parseLong(words[1])));
          case "ready" -> {
            return;
          }
          case "failed" -> {
            Pids.end(List.of(process.pid()), Duration.ofSeconds(20));
            Cleaner.clean(layout);
            throw new SandboxException(line.substring(7).replace('\u0001', '\n'));
          }
          default -> throw new IOException("the sandbox's process said '" + line + "'");
        }
      }
      String log = LogTail.of(layout.daemonLog(), 15);
      Cleaner.clean(layout);
      throw new SandboxException("the sandbox's process ended; the end of its log:\n" + log);
    } finally {
      var _ = Runtime.getRuntime().removeShutdownHook(onInterrupt);
    }
  }

  /** The daemon itself; its one argument is an {@link Order} in JSON. */
  public static void main(String[] args) throws InterruptedException {
    System.setProperty("seine.log.level", "INFO");
    QuietLogging.use();
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    CountDownLatch down = new CountDownLatch(1);
    try {
      Sandbox sandbox = Sandbox.up(order(args).spec(), (what, took) -> report(out, what, took));
      Runtime.getRuntime()
          .addShutdownHook(
              new Thread(() -> {
                sandbox.close();
                down.countDown();
              }));
    } catch (RuntimeException e) {
      out.println("failed " + String.valueOf(e.getMessage()).replace('\n', '\u0001'));
      e.printStackTrace();
      Runtime.getRuntime().halt(1);
    }
    out.println("ready");
    down.await();
  }

  private static synchronized void report(PrintStream out, String what, Duration took) {
    out.println("done " + took.toMillis() + " " + what);
  }

  private static Order order(String[] args) {
    try {
      return JSON.readValue(args[0], Order.class);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("not an order: " + args[0], e);
    }
  }
}
