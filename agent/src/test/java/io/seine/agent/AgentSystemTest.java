package io.seine.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesCrudDispatcher;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.mockwebserver.Context;
import io.fabric8.mockwebserver.MockWebServer;
import io.seine.agent.netlink.TestNamespace;
import io.seine.openflow.testing.OvsInstance;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;

/**
 * A real agent process in a network namespace of its own, with its own Open vSwitch, against an API
 * server in this process.
 */
@Tag("system")
class AgentSystemTest {
  private static final Duration START = Duration.ofSeconds(60);
  private static final Duration SOON = Duration.ofSeconds(15);
  private static final Logger NOISE = Logger.getLogger("io.fabric8.mockwebserver");
  private static final int HTTP_PORT = 10350;

  private final KubernetesMockServer server =
      new KubernetesMockServer(
          new Context(),
          new MockWebServer(),
          new HashMap<>(),
          new KubernetesCrudDispatcher(),
          false);
  private final String link = "st" + Integer.toHexString(ThreadLocalRandom.current().nextInt());
  private final String network = "198.18." + ThreadLocalRandom.current().nextInt(256) + ".";
  private final Path directory = temporary();
  private final TestNamespace namespace = namespace();
  private final OvsInstance ovs = OvsInstance.startIn(namespace.name());
  private final List<Process> agents = new ArrayList<>();

  private static Path temporary() {
    try {
      return Files.createTempDirectory("seine-agent-");
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static TestNamespace namespace() {
    try {
      return TestNamespace.create("agent");
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  @BeforeEach
  void setUp() throws Exception {
    NOISE.setLevel(Level.OFF);
    host("ip", "link", "add", link, "type", "veth", "peer", "up0", "netns", namespace.name());
    host("ip", "addr", "add", network + "1/30", "dev", link);
    host("ip", "link", "set", link, "up");
    namespace.run("ip", "addr", "add", network + "2/30", "dev", "up0");
    namespace.run("ip", "link", "set", "up0", "up");
    server.start(InetAddress.ofLiteral(network + "1"), 0);
    Files.writeString(
        directory.resolve("agent.yaml"),
        """
        nodeName: n1
        apiServer: http://%s1:%d
        serviceCidrs: [100.64.0.0/16]
        datapathType: netdev
        ovsdbSocket: %s
        ovsRunDir: %s
        enableIpForwarding: true
        cniSocket: %s
        auditInterval: 1s
        httpPort: %d
        """
            .formatted(
                network,
                server.getPort(),
                ovs.dbSocket(),
                ovs.dir(),
                directory.resolve("cni/cni.sock"),
                HTTP_PORT));
  }

  @AfterEach
  void tearDown(TestInfo info) throws Exception {
    agents.forEach(Process::destroyForcibly);
    System.out.println("--- the agent's log in " + info.getDisplayName());
    System.out.println(log());
    ovs.close();
    server.shutdown();
    host("ip", "link", "delete", link);
    namespace.close();
    try (var files = Files.walk(directory)) {
      for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  private static void host(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).inheritIO().start();
    assertThat(process.waitFor()).as(String.join(" ", command)).isZero();
  }

  private String log() throws IOException {
    Path log = directory.resolve("agent.log");
    return Files.exists(log) ? Files.readString(log) : "";
  }

  private Process startAgent() throws IOException {
    List<String> command = new ArrayList<>(namespace.within());
    command.add(ProcessHandle.current().info().command().orElseThrow());
    command.addAll(Files.readAllLines(Path.of("src/main/jvm/agent.jvmflags")));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add("-Dlogback.configurationFile=io/seine/agent/logback.xml");
    command.addAll(
        List.of(Main.class.getName(), "--config", directory.resolve("agent.yaml").toString()));
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(
                ProcessBuilder.Redirect.appendTo(directory.resolve("agent.log").toFile()))
            .start();
    agents.add(process);
    return process;
  }

  /** The body of a page of the agent; starts with the status when that is not 200. */
  private String page(String path) throws IOException, InterruptedException {
    Process curl =
        new ProcessBuilder(namespace.within("curl", "-s", "http://127.0.0.1:" + HTTP_PORT + path))
            .start();
    String body = new String(curl.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    curl.waitFor();
    return body;
  }

  private void awaitReady() {
    await()
        .atMost(START)
        .pollInterval(Duration.ofMillis(100))
        .untilAsserted(() -> assertThat(page("/readyz")).isEqualTo("ok\n"));
  }

  private List<String> flows(String table) {
    return Arrays.stream(ovs.ofctl("dump-flows", "br-int", table).split("\n"))
        .filter(line -> line.contains("table="))
        .toList();
  }

  private static Service service(String name, String ip) {
    return new ServiceBuilder()
        .withNewMetadata()
        .withName(name)
        .withNamespace("shop")
        .endMetadata()
        .withNewSpec()
        .withClusterIP(ip)
        .addNewPort()
        .withName("http")
        .withPort(80)
        .endPort()
        .endSpec()
        .build();
  }

  private static EndpointSlice slice(String service, String... addresses) {
    EndpointSliceBuilder slice =
        new EndpointSliceBuilder()
            .withNewMetadata()
            .withName(service + "-a")
            .withNamespace("shop")
            .addToLabels("kubernetes.io/service-name", service)
            .endMetadata()
            .withAddressType("IPv4")
            .addNewPort()
            .withName("http")
            .withPort(8080)
            .endPort();
    for (String address : addresses) {
      slice.addNewEndpoint().withAddresses(address).endEndpoint();
    }
    return slice.build();
  }

  private void node(KubernetesClient client, String name, String address, String cidr) {
    client
        .resource(
            new NodeBuilder()
                .withNewMetadata()
                .withName(name)
                .endMetadata()
                .withNewSpec()
                .withPodCIDR(cidr)
                .withPodCIDRs(cidr)
                .endSpec()
                .withNewStatus()
                .addNewAddress(address, "InternalIP")
                .endStatus()
                .build())
        .create();
  }

  private long age(String flow) {
    return Long.parseLong(flow.replaceAll(".*duration=(\\d+)\\..*", "$1"));
  }

  @Test
  void shouldServeWhatTheApiSaysAndAdoptItAfterARestart() throws Exception {
    try (KubernetesClient client = server.createClient()) {
      // given a node whose pod network is not assigned yet
      Process first = startAgent();
      await().atMost(START).untilAsserted(() -> assertThat(log()).contains("there is no Node n1"));
      assertThat(page("/readyz")).contains("there is no Node n1");
      assertThat(page("/healthz")).isEqualTo("ok\n");

      // when it is, with a peer and services
      IntStream.range(0, 10)
          .forEach(i -> client.resource(service("s" + i, "100.64.0." + (i + 1))).create());
      client.resource(slice("s0", "10.96.0.4", "10.96.1.3")).create();
      node(client, "n2", "198.51.100.2", "10.96.1.0/24");
      node(client, "n1", network + "2", "10.96.0.0/24");
      awaitReady();

      // then the switch and the host have them
      assertThat(flows("table=17")).filteredOn(f -> f.contains("100.64.0.")).hasSize(10);
      assertThat(ovs.ofctl("dump-groups", "br-int"))
          .contains("10.96.0.4:8080")
          .contains("10.96.1.3:8080");
      assertThat(flows("table=30")).anyMatch(f -> f.contains("nw_dst=10.96.1.0/24"));
      assertThat(namespace.run("ip", "route", "show", "dev", "gw0"))
          .contains("10.96.1.0/24 via 169.254.0.253")
          .contains("100.64.0.0/16");
      assertThat(namespace.run("nft", "list", "table", "inet", "seine")).contains("masquerade");

      // when endpoints change
      client.resource(slice("s0", "10.96.4.4")).update();
      await()
          .atMost(SOON)
          .untilAsserted(() ->
              assertThat(ovs.ofctl("dump-groups", "br-int"))
                  .contains("10.96.4.4:8080")
                  .doesNotContain("10.96.0.4:8080"));

      // and a node goes
      client.nodes().withName("n2").delete();
      await()
          .atMost(SOON)
          .untilAsserted(() -> {
            assertThat(flows("table=30")).noneMatch(f -> f.contains("10.96.1.0/24"));
            assertThat(namespace.run("ip", "route", "show", "dev", "gw0"))
                .doesNotContain("10.96.1.0/24");
          });

      // when the agent is killed and another started
      List<String> before = flows("table=17");
      await().atMost(SOON).until(() -> flows("table=17").stream().allMatch(f -> age(f) >= 2));
      first.destroyForcibly().waitFor();
      Process second = startAgent();
      awaitReady();

      // then every flow is still the one that the first had made
      assertThat(flows("table=17")).hasSameSizeAs(before).allMatch(f -> age(f) >= 2);

      // when someone alters the switch
      ovs.ofctl("add-flow", "br-int", "table=17,priority=7,tcp,actions=drop");
      ovs.ofctl(
          "--strict",
          "del-flows",
          "br-int",
          before.stream()
              .filter(f -> f.contains("nw_dst=100.64.0.3"))
              .map(f -> f.replaceAll(".*(priority=\\S+) actions.*", "table=17,$1"))
              .findFirst()
              .orElseThrow());
      await()
          .atMost(SOON)
          .untilAsserted(() -> {
            assertThat(flows("table=17"))
                .hasSameSizeAs(before)
                .noneMatch(f -> f.contains("priority=7,"));
            assertThat(page("/metrics"))
                .contains("seine_agent_drift_total{kind=\"foreign\"} 1.0")
                .contains("seine_agent_drift_total{kind=\"missing\"} 1.0");
            assertThat(client.v1().events().inNamespace("default").list().getItems())
                .anyMatch(e -> e.getReason().equals("FlowDrift"));
          });

      // when the switch is killed and started
      ovs.killVswitchd();
      await().atMost(SOON).until(() -> !page("/readyz").equals("ok\n"));
      ovs.startVswitchd();
      awaitReady();

      // then its flows are back, and the agent says so
      assertThat(flows("table=17")).hasSameSizeAs(before);
      assertThat(page("/status")).contains("flows re-installed after switch restart: ");
      await()
          .atMost(SOON)
          .untilAsserted(() ->
              assertThat(namespace.run("ip", "route", "show", "dev", "gw0"))
                  .contains("100.64.0.0/16"));

      // when it is told to stop, it does so at once, and leaves the switch as it is
      second.destroy();
      assertThat(second.waitFor(10, TimeUnit.SECONDS)).isTrue();
      assertThat(second.exitValue()).isZero();
      assertThat(flows("table=17")).hasSameSizeAs(before);
    }
  }
}
