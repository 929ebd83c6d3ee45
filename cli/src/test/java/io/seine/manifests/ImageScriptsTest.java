package io.seine.manifests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The scripts that the images start with, run as they are. */
class ImageScriptsTest {

  @TempDir Path directory;

  @Test
  void theExecutableIsReplacedInOneStep() throws Exception {
    Path executable = Files.writeString(directory.resolve("seine-cni"), "new");
    Path bin = Files.createDirectory(directory.resolve("bin"));
    Path installed = Files.writeString(bin.resolve("seine-cni"), "old");
    try (var stillReading = Files.newInputStream(installed)) {
      assertThat(script("agent/install-cni", executable, bin).start().waitFor()).isZero();

      assertThat(stillReading.readAllBytes()).isEqualTo("old".getBytes(StandardCharsets.UTF_8));
    }
    assertThat(installed).hasContent("new").isExecutable();
    assertThat(names(bin)).containsExactly("seine-cni");
  }

  @Test
  void theConfigurationIsOfferedOnceTheAgentIsReady() throws Exception {
    AtomicInteger status = new AtomicInteger(503);
    AtomicInteger asked = new AtomicInteger();
    HttpServer agent =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    agent.createContext(
        "/readyz",
        exchange -> {
          exchange.sendResponseHeaders(status.get(), -1);
          exchange.close();
          asked.incrementAndGet();
        });
    agent.start();
    Path conflist = Files.writeString(directory.resolve("10-seine.conflist"), "{}");
    Path netd = Files.createDirectory(directory.resolve("net.d"));
    Process offer =
        script("agent/offer-cni", String.valueOf(agent.getAddress().getPort()), conflist, netd)
            .start();
    try {
      await().until(() -> asked.get() >= 2);
      assertThat(names(netd)).isEmpty();

      status.set(200);

      assertThat(offer.waitFor(10, TimeUnit.SECONDS)).isTrue();
      assertThat(offer.exitValue()).isZero();
      assertThat(names(netd)).containsExactly("10-seine.conflist");
      assertThat(
              PosixFilePermissions.toString(
                  Files.getPosixFilePermissions(netd.resolve("10-seine.conflist"))))
          .isEqualTo("rw-r--r--");
    } finally {
      offer.destroyForcibly();
      agent.stop(0);
    }
  }

  @Test
  @Tag("system")
  void theSwitchStartsWaitingForItsFlowsAndKeepsItsDatabase() throws Exception {
    startSwitch(() ->
        assertThat(vsctl("get", "Open_vSwitch", ".", "other_config:flow-restore-wait"))
            .contains("true"));
    startSwitch(() -> {
      vsctl("remove", "Open_vSwitch", ".", "other_config", "flow-restore-wait");
      vsctl("set", "Open_vSwitch", ".", "external_ids:kept=yes");
      vsctl("add-br", "br-int", "--", "set", "Bridge", "br-int", "datapath_type=netdev");
      vsctl("add-port", "br-int", "gw0", "--", "set", "Interface", "gw0", "type=internal");
      await().until(() -> vsctl("get", "Interface", "gw0", "ofport").strip().equals("1"));
    });
    startSwitch(() -> {
      assertThat(vsctl("get", "Open_vSwitch", ".", "external_ids:kept")).contains("yes");
      assertThat(vsctl("get", "Open_vSwitch", ".", "other_config:flow-restore-wait"))
          .contains("true");
    });
  }

  /**
   * Both containers of the switch, with the capabilities that the manifest gives them, ended as a
   * kubelet ends them.
   */
  private void startSwitch(Step whileItRuns) throws Exception {
    Process server = ovs("ovs/start-ovsdb-server", "-all,+dac_override");
    Process switchProcess = null;
    try {
      switchProcess =
          ovs("ovs/start-ovs-vswitchd", "-all,+net_admin,+net_raw,+sys_nice,+dac_override");
      await().atMost(20, TimeUnit.SECONDS).until(this::switchAnswers);
      whileItRuns.run();
    } finally {
      if (switchProcess != null) {
        end(switchProcess);
      }
      end(server);
    }
  }

  private Process ovs(String script, String capabilities) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
            "unshare",
            "--net",
            "setpriv",
            "--bounding-set",
            capabilities,
            "--inh-caps",
            capabilities);
    builder.command().addAll(script(script).command());
    builder.environment().put("OVS_RUNDIR", directory.resolve("run").toString());
    builder.environment().put("OVS_DBDIR", directory.resolve("db").toString());
    return builder
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  private static void end(Process process) throws InterruptedException {
    process.destroy();
    if (!process.waitFor(10, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError(
          "did not end on SIGTERM: " + process.info().commandLine().orElse("?"));
    }
  }

  private String vsctl(String... arguments) throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(
            "ovs-vsctl",
            "--db=unix:" + directory.resolve("run/db.sock"),
            "--timeout=5",
            "--no-wait");
    Collections.addAll(builder.command(), arguments);
    Process process = builder.redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    return output;
  }

  private boolean switchAnswers() throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder("ovs-appctl", "-t", "ovs-vswitchd", "version");
    builder.environment().put("OVS_RUNDIR", directory.resolve("run").toString());
    return builder
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start()
            .waitFor()
        == 0;
  }

  private static ProcessBuilder script(String name, Object... arguments) {
    ProcessBuilder builder =
        new ProcessBuilder(RepositoryFiles.path("manifests/images/" + name).toString());
    Stream.of(arguments).map(Object::toString).forEach(builder.command()::add);
    return builder.inheritIO();
  }

  private static List<String> names(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }

  /** What is looked at while the switch runs. */
  private interface Step {
    void run() throws Exception;
  }
}
