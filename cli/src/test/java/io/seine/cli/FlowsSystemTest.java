package io.seine.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.seine.sandbox.Manifests;
import io.seine.sandbox.QuietLogging;
import io.seine.sandbox.Sandbox;
import io.seine.sandbox.SandboxSpec;
import io.seine.sandbox.Scenarios;
import io.seine.sandbox.control.Pods;
import io.seine.sandbox.node.SandboxNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import picocli.CommandLine;

/** {@code seine flows} on a cluster of two nodes with a service of four pods. */
@Tag("system")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FlowsSystemTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final String SERVICE = "default/hello-kubernetes";
  private final String name = "f" + UUID.randomUUID().toString().substring(0, 6);

  /** The same pods, with affinity, and with an external IP that it may not have. */
  private static final String STICKY =
      """
      apiVersion: v1
      kind: Service
      metadata: {name: sticky, namespace: default}
      spec:
        selector: {app: hello-kubernetes}
        sessionAffinity: ClientIP
        sessionAffinityConfig: {clientIP: {timeoutSeconds: 600}}
        externalIPs: [10.244.0.9]
        ports: [{port: 80, targetPort: 8080}]
      """;

  private Sandbox sandbox;

  /** How a command ended. */
  private record Ran(int exit, String out, String err) {}

  @BeforeAll
  void up() {
    QuietLogging.use();
    sandbox = Sandbox.up(SandboxSpec.ofNodes(name, 2), (what, took) -> {});
    Manifests.apply(sandbox.view().client(), Scenarios.text("hello-kubernetes.yaml"));
    await()
        .atMost(LIMIT)
        .untilAsserted(() -> assertThat(pods()).hasSize(4).allMatch(Pods::isReady));
    await()
        .atMost(LIMIT)
        .untilAsserted(() ->
            assertThat(flows("--service", SERVICE, "--node", "node-1").out().split("25\\.0 %", -1))
                .hasSize(5));
  }

  @AfterAll
  void down() {
    if (sandbox != null) {
      sandbox.close();
    }
    assertThat(Sandbox.hasRemains(name)).isFalse();
  }

  @Test
  void aServiceNamesItsEndpointsOnEveryNodeAlsoWithTheAgentsDown() {
    sandbox.view().nodes().forEach(node -> node.agent().stop("KILL"));
    try {
      Ran ran = flows("--service", SERVICE);
      assertThat(ran.exit()).as(ran.err()).isZero();
      for (Pod pod : pods()) {
        String endpoint =
            "%s:8080 +pod/default/%s +%s( \\(here\\))? +ready +25\\.0 %% +[0-9]+"
                .formatted(
                    Pods.address(pod).orElseThrow(),
                    pod.getMetadata().getName(),
                    Pods.node(pod).orElseThrow());
        assertThat(Pattern.compile(endpoint).matcher(ran.out()).results()).hasSize(2);
      }
      assertThat(flows("--service", SERVICE, "--stats").out())
          .contains("service/default/hello-kubernetes:80/tcp → 4 endpoints");
    } finally {
      sandbox
          .view()
          .nodes()
          .forEach(node -> sandbox.view().restart(node.name(), SandboxNode.Part.AGENT, "KILL"));
    }
  }

  @Test
  void aServiceIsShownWithItsHitsItsRememberedClientsAndWhatItRefuses() {
    KubernetesClient client = sandbox.view().client();
    Manifests.apply(client, STICKY);
    await()
        .atMost(LIMIT)
        .untilAsserted(() ->
            assertThat(flows("--service", "sticky", "--node", "node-1").out())
                .contains("no client is remembered", "25.0 %"));
    Pod pod =
        pods().stream()
            .filter(p -> Pods.node(p).orElse("").equals("node-1"))
            .findFirst()
            .orElseThrow();
    String clusterIp =
        client.services().inNamespace("default").withName("sticky").get().getSpec().getClusterIP();
    for (int i = 0; i < 3; i++) {
      try (SocketChannel channel = sandbox.view().pod(pod).socket()) {
        assertThat(channel.connect(new InetSocketAddress(clusterIp, 80))).isTrue();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    // The counts of the switch follow the packets by a second or so.
    await()
        .atMost(LIMIT)
        .untilAsserted(() -> {
          Ran ran = flows("--service", "sticky", "--node", "node-1");
          assertThat(ran.exit()).as(ran.err()).isZero();
          assertThat(ran.out())
              .contains("a client stays with its endpoint for 10 min")
              .containsPattern("cluster IP " + clusterIp + ":80 +everywhere +any endpoint +3\n")
              .containsPattern("ready +25\\.0 % +3 +1\n")
              .containsPattern(Pods.address(pod).orElseThrow() + " +10\\.244\\.[01]\\.[0-9]+:8080 ")
              .contains("ExternalIPRefused: external IP 10.244.0.9:80/TCP is refused");
        });
    Ran nobody = flows("--service", "nobody");
    assertThat(nobody.exit()).isEqualTo(1);
    assertThat(nobody.err()).contains("there is no service/default/nobody");
  }

  @Test
  void aPodIsShownWithItsGuardsRoutesAndTheServiceThatItServes() {
    Pod pod =
        pods().stream()
            .filter(p -> Pods.node(p).orElse("").equals("node-1"))
            .findFirst()
            .orElseThrow();
    Ran ran = flows("--node", "node-1", "--pod", pod.getMetadata().getName());
    assertThat(ran.exit()).as(ran.err()).isZero();
    assertThat(ran.out())
        .contains(
            "Classifier (0)",
            "ArpGuard (1)",
            "ArpResponder (2)",
            "SourceGuard (5)",
            "ServiceLB (17)",
            "and 3 others",
            "Routing (30)",
            "Snat (55)",
            "Delivery (40)")
        .startsWith("node-1: ");
    assertThat(flows("--pod", "nobody"))
        .isEqualTo(
            new Ran(
                1,
                flows("--pod", "nobody").out(),
                "seine: nothing concerns pod/default/nobody on node-1, node-2"
                    + System.lineSeparator()));
    assertThat(flows("--table", "nowhere").exit()).isEqualTo(2);
  }

  @Test
  void rawIsWhatOvsOfctlPrints() {
    SandboxNode node = sandbox.view().nodes().getFirst();
    List<String> theirs = new ArrayList<>();
    theirs.addAll(
        lines(node.ovs().ofctl("-O", "OpenFlow15", "--no-stats", "dump-flows", "br-int")));
    theirs.addAll(lines(node.ovs().ofctl("-O", "OpenFlow15", "dump-groups", "br-int")));
    assertThat(lines(flows("--node", "node-1", "--raw").out()))
        .containsExactlyInAnyOrderElementsOf(theirs);
  }

  private static List<String> lines(String text) {
    return text.lines()
        .filter(line -> line.startsWith(" "))
        .map(String::strip)
        .collect(Collectors.toList());
  }

  private List<Pod> pods() {
    return sandbox.view().client().pods().inNamespace("default").list().getItems();
  }

  private Ran flows(String... arguments) {
    List<String> all = new ArrayList<>(List.of("flows", "--name", name));
    all.addAll(List.of(arguments));
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine command = Main.commandLine();
    command.setOut(new PrintWriter(out, true));
    command.setErr(new PrintWriter(err, true));
    int exit = command.execute(all.toArray(String[]::new));
    return new Ran(exit, out.toString(), err.toString());
  }
}
