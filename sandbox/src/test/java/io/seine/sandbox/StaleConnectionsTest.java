package io.seine.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Nothing of what a service was is left when it changes: UDP clients that keep their port get the
 * new endpoint at once, TCP goes on to an endpoint that terminates, and a service without endpoints
 * refuses.
 */
@Tag("system")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@ExtendWith({ServiceCluster.Shared.class, Diagnostics.class})
class StaleConnectionsTest implements Diagnostics.OnSandbox {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final Duration AT_ONCE = Duration.ofSeconds(5);
  private static final String EXTERNAL = "198.51.100.70";
  private static final String SERVICE =
      """
      apiVersion: v1
      kind: Service
      metadata: {name: web}
      spec:
        type: NodePort
        externalTrafficPolicy: %s
        externalIPs: [%s]
        selector: {app: %s}
        ports:
        - {name: u, port: %d, protocol: UDP, targetPort: 8080}
        - {name: t, port: %d, targetPort: 8080}
      """;
  private final ServiceCluster cluster;

  StaleConnectionsTest(ServiceCluster cluster) {
    this.cluster = cluster;
  }

  @Override
  public SandboxView view() {
    return cluster.view();
  }

  /** A client with the address that it uses. */
  enum Way {
    POD_TO_CLUSTER_IP,
    NODE_TO_CLUSTER_IP,
    POD_TO_NODE_PORT,
    NODE_TO_NODE_PORT,
    OUTSIDE_TO_NODE_PORT,
    POD_TO_EXTERNAL_IP,
    NODE_TO_EXTERNAL_IP,
    OUTSIDE_TO_EXTERNAL_IP
  }

  private Place client(Way way) {
    return switch (way) {
      case POD_TO_CLUSTER_IP, POD_TO_NODE_PORT, POD_TO_EXTERNAL_IP -> cluster.pod(3);
      case NODE_TO_CLUSTER_IP, NODE_TO_NODE_PORT, NODE_TO_EXTERNAL_IP -> cluster.node(3);
      case OUTSIDE_TO_NODE_PORT, OUTSIDE_TO_EXTERNAL_IP -> cluster.outside(1);
    };
  }

  private Target target(Way way, Scene scene, boolean udp) {
    return switch (way) {
      case POD_TO_CLUSTER_IP, NODE_TO_CLUSTER_IP -> new Target(scene.clusterIp("web"), 80, udp);
      case POD_TO_NODE_PORT, NODE_TO_NODE_PORT, OUTSIDE_TO_NODE_PORT ->
          new Target(cluster.sandboxNode(3).address(), scene.nodePort("web", udp ? "u" : "t"), udp);
      case POD_TO_EXTERNAL_IP, NODE_TO_EXTERNAL_IP -> new Target(EXTERNAL, 80, udp);
      case OUTSIDE_TO_EXTERNAL_IP -> {
        cluster.route(cluster.outside(1), EXTERNAL, 3);
        yield new Target(EXTERNAL, 80, udp);
      }
    };
  }

  private static Stream<Way> everyWay() {
    return Stream.of(Way.values());
  }

  /** Each way's client, on the same service: made and closed together. */
  private Map<Way, UdpClient> clients(Scene scene) {
    Map<Way, UdpClient> clients = new TreeMap<>();
    everyWay()
        .forEach(way -> clients.put(way, new UdpClient(client(way), target(way, scene, true))));
    return clients;
  }

  @Test
  void udpClientsThatKeepTheirPortGetTheEndpointThatIsThereNow() {
    try (Scene scene = cluster.scene()) {
      scene.apply(SERVICE.formatted("Cluster", EXTERNAL, "web", 80, 80));
      scene.web(1);
      Map<Way, UdpClient> clients = clients(scene);
      try {
        clients.forEach((way, client) -> answers(way, client, "web-1"));

        scene.pod("web-2", 2, "web", "{containerPort: 8080}");
        scene.awaitPods();
        scene.answered(
            cluster.pod(3), target(Way.POD_TO_CLUSTER_IP, scene, true), Set.of("web-1", "web-2"));
        clients.forEach((way, client) -> assertThat(client.ask()).as(way + "").isEqualTo("web-1"));

        scene.deletePod("web-1");
        clients.forEach((way, client) -> answersSoon(way, client, "web-2"));

        scene.setReady("web-2", false);
        clients.forEach((way, client) -> answersSoon(way, client, "refused"));

        scene.setReady("web-2", true);
        clients.forEach((way, client) -> answersSoon(way, client, "web-2"));
      } finally {
        clients.values().forEach(UdpClient::close);
      }
    }
  }

  @Test
  void udpClientsNoticeAChangeOfThePolicyOfThePortAndOfTheService() {
    try (Scene scene = cluster.scene()) {
      scene.apply(SERVICE.formatted("Cluster", EXTERNAL, "web", 80, 80));
      scene.web(1);
      scene.pod("other", 2, "other", "{containerPort: 8080}");
      scene.awaitPods();
      Map<Way, UdpClient> clients = clients(scene);
      try {
        clients.forEach((way, client) -> answers(way, client, "web-1"));

        scene.apply(SERVICE.formatted("Local", EXTERNAL, "web", 80, 80));
        for (Way way : List.of(Way.OUTSIDE_TO_NODE_PORT, Way.OUTSIDE_TO_EXTERNAL_IP)) {
          answersSoon(way, Objects.requireNonNull(clients.get(way)), "nothing");
        }

        scene.apply(SERVICE.formatted("Cluster", EXTERNAL, "web", 80, 80));
        clients.forEach((way, client) -> answersSoon(way, client, "web-1"));

        scene.apply(SERVICE.formatted("Cluster", EXTERNAL, "other", 80, 80));
        clients.forEach((way, client) -> answersSoon(way, client, "other"));

        scene.apply(SERVICE.formatted("Cluster", EXTERNAL, "other", 81, 81));
        for (Way way : List.of(Way.POD_TO_CLUSTER_IP, Way.NODE_TO_CLUSTER_IP)) {
          UdpClient client = Objects.requireNonNull(clients.get(way));
          await(way.toString()).atMost(AT_ONCE).until(() -> !client.ask().equals("other"));
        }
      } finally {
        clients.values().forEach(UdpClient::close);
      }
    }
  }

  private static void answers(Way way, UdpClient client, String expected) {
    await(way.toString())
        .atMost(LIMIT)
        .untilAsserted(() -> assertThat(client.ask()).as(way.toString()).isEqualTo(expected));
  }

  private static void answersSoon(Way way, UdpClient client, String expected) {
    await(way.toString())
        .atMost(AT_ONCE)
        .pollInterval(Duration.ofMillis(50))
        .untilAsserted(() -> assertThat(client.ask()).as(way.toString()).isEqualTo(expected));
  }

  @Test
  void establishedTcpGoesOnToATerminatingEndpointUntilItEnds() throws IOException {
    try (Scene scene = cluster.scene()) {
      scene.apply(SERVICE.formatted("Cluster", EXTERNAL, "web", 80, 80));
      scene.web(1);
      Map<Way, KeptConnection> kept = new TreeMap<>();
      try {
        for (Way way : Way.values()) {
          Target target = target(way, scene, false);
          scene.answered(client(way), target, Set.of("web-1"));
          kept.put(way, new KeptConnection(client(way), target));
        }
        scene.pod("web-2", 2, "web", "{containerPort: 8080}");
        scene.awaitPods();
        scene.terminate("web-1", Duration.ofSeconds(60));
        for (Way way : Way.values()) {
          scene.answered(client(way), target(way, scene, false), Set.of("web-2"));
          KeptConnection connection = Objects.requireNonNull(kept.get(way));
          assertThat(connection.ask()).as(way.toString()).contains("web-1");
        }

        scene.release("web-1");
        for (Map.Entry<Way, KeptConnection> entry : kept.entrySet()) {
          await(entry.getKey().toString())
              .atMost(LIMIT)
              .untilAsserted(() ->
                  assertThatThrownBy(() -> entry.getValue().ask()).isInstanceOf(IOException.class));
        }
      } finally {
        kept.values().forEach(KeptConnection::close);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("everyWay")
  void aServiceWithoutEndpointsRefusesAtOnce(Way way) {
    try (Scene scene = cluster.scene()) {
      scene.apply(SERVICE.formatted("Cluster", EXTERNAL, "nobody", 80, 80));
      for (boolean udp : List.of(false, true)) {
        Target target = target(way, scene, udp);
        scene.refused(client(way), target);
        long start = System.nanoTime();
        assertThat(client(way).ask(target)).isEqualTo(new Place.Reply.Refused());
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofMillis(500));
      }
    }
  }
}
