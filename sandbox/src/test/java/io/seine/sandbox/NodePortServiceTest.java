package io.seine.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.seine.sandbox.node.HttpReply;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Node ports, on nodes with an endpoint (1 and 2) and without (3), for both policies: who answers
 * whom, and which source they see.
 */
@Tag("system")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@ExtendWith({ServiceCluster.Shared.class, Diagnostics.class})
class NodePortServiceTest implements Diagnostics.OnSandbox {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final Set<String> ALL = Set.of("web-1", "web-2");
  private static final String SERVICES =
      """
      apiVersion: v1
      kind: Service
      metadata: {name: cluster}
      spec:
        type: NodePort
        selector: {app: web}
        ports:
        - {name: t, port: 80, targetPort: 8080}
        - {name: u, port: 80, protocol: UDP, targetPort: 8080}
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: local}
      spec:
        type: NodePort
        externalTrafficPolicy: Local
        selector: {app: web}
        ports:
        - {name: t, port: 80, targetPort: 8080}
        - {name: u, port: 80, protocol: UDP, targetPort: 8080}
      """;
  private final ServiceCluster cluster;
  private final Scene scene;

  NodePortServiceTest(ServiceCluster cluster) {
    this.cluster = cluster;
    this.scene = cluster.scene();
  }

  @Override
  public SandboxView view() {
    return cluster.view();
  }

  @BeforeAll
  void services() {
    scene.apply(SERVICES);
    scene.web(1, 2);
  }

  @AfterAll
  void end() {
    scene.close();
  }

  private Stream<Target> ports(String service, int node) {
    String address = cluster.sandboxNode(node).address();
    return Stream.of(
        Target.tcp(address, scene.nodePort(service, "t")),
        Target.udp(address, scene.nodePort(service, "u")));
  }

  private Stream<Arguments> fromOutside() {
    return numbers().flatMap(node -> ports("cluster", node).map(to -> Arguments.of(node, to)));
  }

  @ParameterizedTest(name = "by node-{0}: {1}")
  @MethodSource("fromOutside")
  void clientsOutsideReachEveryEndpointThroughAnyNodeAsItsGateway(int node, Target target) {
    for (int client = 1; client <= 2; client++) {
      scene.answers(cluster.outside(client), target, ALL, Set.copyOf(cluster.gateways(node)));
    }
  }

  private Stream<Arguments> fromInside() {
    return numbers()
        .flatMap(from ->
            numbers()
                .flatMap(to -> ports("cluster", to).map(target -> Arguments.of(from, to, target))));
  }

  @ParameterizedTest(name = "on node-{0}, of node-{1}: {2}")
  @MethodSource("fromInside")
  void podsAndNodesReachEveryEndpointThroughAnyNode(int from, int to, Target target) {
    Place pod = cluster.pod(from);
    scene.answers(
        pod, target, ALL, from == to ? Set.of(pod.address()) : Set.copyOf(cluster.gateways(to)));
    scene.answers(cluster.node(from), target, ALL, Set.copyOf(cluster.gateways(to)));
  }

  private Stream<Arguments> localFromOutside() {
    return numbers().flatMap(node -> ports("local", node).map(to -> Arguments.of(node, to)));
  }

  @ParameterizedTest(name = "by node-{0}: {1}")
  @MethodSource("localFromOutside")
  void policyLocalKeepsTheClientsAddressAndDropsWhereThereIsNoEndpoint(int node, Target target) {
    for (int client = 1; client <= 2; client++) {
      Place from = cluster.outside(client);
      if (node == 3) {
        scene.dropped(from, target);
      } else {
        scene.answers(from, target, Set.of("web-" + node), Set.of(from.address()));
      }
    }
  }

  private Stream<Arguments> localFromInside() {
    return localFromOutside();
  }

  @ParameterizedTest(name = "of their own node-{0}: {1}")
  @MethodSource("localFromInside")
  void policyLocalIsNotForTheNodesOwnPodsAndProcesses(int node, Target target) {
    scene.answers(cluster.pod(node), target, ALL, Set.of(cluster.pod(node).address()));
    scene.answers(cluster.node(node), target, ALL, Set.copyOf(cluster.gateways(node)));
  }

  @ParameterizedTest
  @MethodSource("numbers")
  void theLoopbackAddressServesNoNodePort(int node) {
    scene.refused(cluster.node(node), Target.tcp("127.0.0.1", scene.nodePort("cluster", "t")));
  }

  @Test
  void aPortIsGoneWhenTheTypeIsClusterIpAgain() {
    try (Scene own = cluster.scene()) {
      own.web(1);
      String service =
          """
          apiVersion: v1
          kind: Service
          metadata: {name: typed}
          spec: {type: %s, selector: {app: web}, ports: [{name: t, port: 80, targetPort: 8080}]}
          """;
      for (int turn = 0; turn < 2; turn++) {
        own.apply(service.formatted("NodePort"));
        int port = own.nodePort("typed", "t");
        for (int node = 1; node <= 3; node++) {
          Target target = Target.tcp(cluster.sandboxNode(node).address(), port);
          own.answered(cluster.outside(1), target, Set.of("web-1"));
        }
        own.apply(service.formatted("ClusterIP"));
        for (int node = 1; node <= 3; node++) {
          Target target = Target.tcp(cluster.sandboxNode(node).address(), port);
          own.refused(cluster.outside(1), target);
          own.unanswered(cluster.pod(node), target);
        }
      }
    }
  }

  @Test
  void theHealthCheckPortCountsTheNodesEndpoints() {
    try (Scene own = cluster.scene()) {
      own.apply(
          """
          apiVersion: v1
          kind: Service
          metadata: {name: checked}
          spec:
            type: LoadBalancer
            externalTrafficPolicy: Local
            selector: {app: web}
            ports: [{name: t, port: 80, targetPort: 8080}]
          """);
      own.web(1, 2);
      await()
          .atMost(LIMIT)
          .until(() -> own.service("checked").getSpec().getHealthCheckNodePort() != null);
      int port = own.service("checked").getSpec().getHealthCheckNodePort();
      String namespace = own.namespace();
      for (int node = 1; node <= 3; node++) {
        int endpoints = node == 3 ? 0 : 1;
        awaitHealth(node, port, endpoints == 0 ? 503 : 200, namespace, endpoints);
      }

      own.setReady("web-1", false);
      awaitHealth(1, port, 503, namespace, 0);
      own.setReady("web-1", true);
      awaitHealth(1, port, 200, namespace, 1);
    }
  }

  private void awaitHealth(int node, int port, int status, String namespace, int endpoints) {
    await()
        .atMost(LIMIT)
        .ignoreExceptionsInstanceOf(IOException.class)
        .untilAsserted(() -> {
          HttpReply reply = health(cluster.sandboxNode(node).address(), port);
          assertThat(reply.status()).as("status of node-%d".formatted(node)).isEqualTo(status);
          assertThat(reply.body().replaceAll("\\s", ""))
              .contains(
                  "\"service\":{\"namespace\":\"%s\",\"name\":\"checked\"}".formatted(namespace))
              .contains("\"localEndpoints\":" + endpoints);
        });
  }

  private HttpReply health(String address, int port) throws IOException {
    try (SocketChannel channel = cluster.outside(1).namespace().socket()) {
      return HttpReply.get(
          channel,
          new InetSocketAddress(InetAddress.ofLiteral(address), port),
          "/healthz",
          Duration.ofSeconds(1));
    }
  }

  private static Stream<Integer> numbers() {
    return Stream.of(1, 2, 3);
  }
}
