package io.seine.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Pod;
import io.seine.sandbox.control.Pods;
import io.seine.sandbox.netns.Namespace;
import io.seine.sandbox.node.Cidr;
import io.seine.sandbox.node.SandboxNode;
import io.seine.sandbox.node.Underlay;
import io.seine.sandbox.process.Commands;
import java.io.IOException;
import java.net.ConnectException;
import java.net.PortUnreachableException;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The facts of the hello-kubernetes scenario, on three nodes with the addresses it was observed
 * with.
 */
@Tag("system")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@ExtendWith(Diagnostics.class)
class HelloKubernetesSystemTest implements Diagnostics.OnSandbox {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Duration ANSWER = Duration.ofSeconds(3);
  private static final String VIP = "100.64.136.105";
  private static final int MTU = 1450;
  private final String name = "h" + UUID.randomUUID().toString().substring(0, 6);
  private Sandbox sandbox = unset();

  @SuppressWarnings("NullAway")
  private static Sandbox unset() {
    return null;
  }

  @Override
  public SandboxView view() {
    return sandbox.view();
  }

  @BeforeAll
  void up() {
    sandbox =
        Sandbox.up(
            SandboxSpec.helloKubernetes(name),
            (what, took) -> System.err.println(what + " " + took.toMillis() + " ms"));
    String manifest =
        Scenarios.text("hello-kubernetes.yaml")
            .replace("  type: LoadBalancer\n", "  type: LoadBalancer\n  clusterIP: " + VIP + "\n")
            .replace("    targetPort: 8080\n", "    targetPort: 8080\n    nodePort: 32762\n");
    Manifests.apply(view().client(), manifest);
    await()
        .atMost(LIMIT)
        .untilAsserted(() -> assertThat(pods()).hasSize(4).allMatch(Pods::isReady));
    await()
        .atMost(LIMIT)
        // Until the node knows the endpoints, it refuses.
        .ignoreException(ConnectException.class)
        .until(() ->
            new Probe(view().pod(pods().getFirst()), ANSWER)
                .http(VIP, 80)
                .pod()
                .startsWith("hello"));
  }

  @AfterAll
  void down() {
    if (sandbox != null) {
      sandbox.close();
    }
    assertThat(Sandbox.hasRemains(name)).isFalse();
  }

  @Test
  void podsHaveAddressesOfTheirNodes() {
    Map<String, List<Pod>> byNode =
        pods().stream().collect(Collectors.groupingBy(pod -> Pods.node(pod).orElseThrow()));
    assertThat(byNode.get("node-1")).hasSize(2);
    assertThat(byNode.get("node-2")).hasSize(1);
    assertThat(byNode.get("node-3")).hasSize(1);
    for (SandboxNode node : view().nodes()) {
      for (Pod pod : byNode.getOrDefault(node.name(), List.of())) {
        assertThat(Cidr.parse(node.podCidr()).contains(address(pod))).isTrue();
      }
    }
  }

  @Test
  void theBridgeHasTunnelGatewayAndOnePortForEachPod() {
    SandboxNode node = view().nodes().getFirst();
    Map<String, String> ports = new HashMap<>();
    for (String port : node.ovs().vsctl("list-ports", "br-int").lines().toList()) {
      ports.put(port, node.ovs().vsctl("get", "Interface", port, "ofport").strip());
    }
    assertThat(ports).containsEntry("tun0", "1").containsEntry("gw0", "2").hasSize(4);
    assertThat(ports.keySet().stream().filter(p -> p.matches("hello-ku-[0-9a-f]{6}"))).hasSize(2);
    assertThat(ports.keySet()).allMatch(p -> p.length() <= 15);
  }

  @Test
  void everyNodeHoldsAllFourEndpoints() {
    for (SandboxNode node : view().nodes()) {
      String groups = node.ovs().ofctl("-O", "OpenFlow15", "dump-groups", "br-int");
      for (Pod pod : pods()) {
        assertThat(groups).contains("dst=" + address(pod) + ":8080");
      }
    }
  }

  @Test
  void everyPodReachesEveryPodWithItsOwnAddress() throws IOException {
    for (Pod from : pods()) {
      Probe probe = probe(from);
      for (Pod to : pods()) {
        String what = address(from) + " to " + address(to);
        assertThat(probe.ping(address(to), 100).out())
            .as(what)
            .contains("1 received")
            .doesNotContain("DUP");
        Probe.Answer answer = probe.http(address(to), 8080);
        assertThat(answer.pod()).as(what).isEqualTo(to.getMetadata().getName());
        assertThat(answer.client()).as(what).isEqualTo(address(from));
        assertThat(probe.udp(address(to), 8080, "x"))
            .as(what)
            .isEqualTo(to.getMetadata().getName() + " x");
      }
    }
  }

  @Test
  void theLargestPacketPassesAndOneByteMoreIsRefused() {
    Pod from = pods().getFirst();
    for (Pod to : pods()) {
      if (!to.equals(from)) {
        assertThat(probe(from).ping(address(to), MTU).ok()).as(address(to)).isTrue();
        assertThat(
                probe(from).ping(address(to), MTU + 1).err()
                    + probe(from).ping(address(to), MTU + 1).out())
            .contains("too long");
      }
    }
  }

  @Test
  void newConnectionsToTheClusterIpAreSpreadEvenly() throws IOException {
    Map<String, Integer> counts = new HashMap<>();
    Probe probe = probe(pods().getLast());
    for (int i = 0; i < 400; i++) {
      counts.merge(probe.http(VIP, 80).pod(), 1, Integer::sum);
    }
    assertThat(counts).hasSize(4);
    assertThat(counts.values()).allSatisfy(count -> assertThat(count).isBetween(70, 130));
  }

  @Test
  void aPodReachesItselfThroughItsOwnService() throws IOException {
    for (Pod pod : pods()) {
      boolean own = false;
      for (int i = 0; i < 60 && !own; i++) {
        own = probe(pod).http(VIP, 80).pod().equals(pod.getMetadata().getName());
      }
      assertThat(own).as(address(pod)).isTrue();
    }
  }

  @Test
  void theNodesOwnProcessesReachTheClusterIp() throws IOException {
    for (SandboxNode node : view().nodes()) {
      Map<String, Integer> counts = new HashMap<>();
      for (int i = 0; i < 40; i++) {
        counts.merge(new Probe(node.namespace(), ANSWER).http(VIP, 80).pod(), 1, Integer::sum);
      }
      assertThat(counts).as(node.name()).hasSize(4);
    }
  }

  @Test
  void trafficToTheOutsideHasTheNodesAddress() throws IOException {
    for (Pod pod : pods()) {
      assertThat(probe(pod).http(Underlay.OUTSIDE, 80).client())
          .isEqualTo(view().node(Pods.node(pod).orElseThrow()).address());
      assertThat(probe(pod).ping(Underlay.OUTSIDE, 100).out()).contains("1 received");
    }
  }

  @Test
  void aServiceWithoutEndpointsRefuses() {
    String manifest =
        """
        apiVersion: v1
        kind: Service
        metadata: {name: empty}
        spec: {clusterIP: 100.64.1.1, selector: {app: nobody}, ports: [{port: 80}, {name: u, protocol: UDP, port: 53}]}
        """;
    Manifests.apply(view().client(), manifest);
    try {
      await()
          .atMost(LIMIT)
          .untilAsserted(() ->
              assertThatThrownBy(() -> probe(pods().getFirst()).http("100.64.1.1", 80))
                  .hasMessageContaining("refused"));
      assertRefused(probe(pods().getFirst()));
      for (SandboxNode node : view().nodes()) {
        await()
            .atMost(LIMIT)
            .untilAsserted(() -> assertRefused(new Probe(node.namespace(), ANSWER)));
      }
    } finally {
      Manifests.delete(view().client(), manifest);
    }
  }

  /** At once, with a reset and with an ICMP error, not by the lack of an answer. */
  private static void assertRefused(Probe probe) {
    long start = System.nanoTime();
    assertThatThrownBy(() -> probe.http("100.64.1.1", 80)).hasMessageContaining("refused");
    assertThatThrownBy(() -> probe.udp("100.64.1.1", 53, "x"))
        .isInstanceOf(PortUnreachableException.class);
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(1));
  }

  @Test
  void theDumpHoldsNoNormalFloodOrLearning() {
    for (SandboxNode node : view().nodes()) {
      assertThat(node.ovs().ofctl("-O", "OpenFlow15", "dump-flows", "br-int"))
          .doesNotContain("NORMAL")
          .doesNotContain("FLOOD")
          .doesNotContain("learn(");
    }
  }

  @Test
  void aDeletedEndpointGetsNoConnectionASecondLater() throws Exception {
    String manifest =
        """
        apiVersion: v1
        kind: Namespace
        metadata: {name: deleted}
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: stays, namespace: deleted, labels: {app: d}}
        spec: {containers: [{name: c, image: i, ports: [{containerPort: 80}]}]}
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: goes, namespace: deleted, labels: {app: d}}
        spec: {containers: [{name: c, image: i, ports: [{containerPort: 80}]}]}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: d, namespace: deleted}
        spec: {clusterIP: 100.64.2.2, selector: {app: d}, ports: [{port: 80}]}
        """;
    Manifests.apply(view().client(), manifest);
    Probe probe = probe(pods().getFirst());
    await()
        .atMost(LIMIT)
        .ignoreExceptions()
        .until(() -> probe.http("100.64.2.2", 80).pod().equals("goes"));
    await()
        .atMost(LIMIT)
        .ignoreExceptions()
        .until(() -> probe.http("100.64.2.2", 80).pod().equals("stays"));

    view().client().pods().inNamespace("deleted").withName("goes").delete();
    Thread.sleep(Duration.ofSeconds(1)); // the second that the agent has

    for (int i = 0; i < 100; i++) {
      assertThat(probe.http("100.64.2.2", 80).pod()).isEqualTo("stays");
    }
    Manifests.delete(view().client(), manifest);
  }

  @Test
  void aPodWithAForgedAddressGetsNothingThrough() {
    String manifest =
        """
        apiVersion: v1
        kind: Namespace
        metadata: {name: forged}
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: forger, namespace: forged}
        spec: {containers: [{name: c, image: i, ports: [{containerPort: 80}]}]}
        """;
    Manifests.apply(view().client(), manifest);
    await()
        .atMost(LIMIT)
        .until(() ->
            Pods.isReady(view().client().pods().inNamespace("forged").withName("forger").get()));
    Namespace forger = view().pod("forged", "forger");
    for (Pod victim : pods()) {
      String neighbour = address(pods().get(victim.equals(pods().getFirst()) ? 1 : 0));
      assertThat(new Probe(forger, ANSWER).ping(address(victim), 100).ok()).isTrue();

      forger.ip("addr add " + neighbour + "/32 dev eth0");
      assertThat(ping(forger, neighbour, address(victim)))
          .as("with the address of a neighbour")
          .contains("0 received");
      forger.ip("addr del " + neighbour + "/32 dev eth0", "addr add 192.0.2.7/32 dev eth0");
      assertThat(ping(forger, "192.0.2.7", address(victim)))
          .as("with an address of nobody")
          .contains("0 received");
      forger.ip("addr del 192.0.2.7/32 dev eth0");
    }
    forger.ip("link set dev eth0 address 0a:58:01:02:03:04");
    assertThat(new Probe(forger, ANSWER).ping(address(pods().getFirst()), 100).out())
        .as("with another MAC")
        .contains("0 received");
    Manifests.delete(view().client(), manifest);
  }

  private static String ping(Namespace from, String source, String target) {
    return Commands.run(
            from.entering(List.of("ping", "-n", "-c2", "-i0.2", "-W1", "-I", source, target)))
        .out();
  }

  private List<Pod> pods() {
    return view().client().pods().inNamespace("default").list().getItems().stream()
        .sorted(
            Comparator.comparing((Pod pod) -> Pods.node(pod).orElse(""))
                .thenComparing(pod -> pod.getMetadata().getName()))
        .toList();
  }

  private Probe probe(Pod pod) {
    return new Probe(view().pod(pod), ANSWER);
  }

  private static String address(Pod pod) {
    return Pods.address(pod).orElse("none");
  }
}
