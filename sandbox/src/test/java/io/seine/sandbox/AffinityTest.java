package io.seine.sandbox;

import static io.seine.sandbox.AffinityProbe.first;
import static io.seine.sandbox.AffinityProbe.keeps;
import static io.seine.sandbox.AffinityProbe.pod;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
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
 * A client keeps its endpoint where a service says so: from wherever it asks and by whichever
 * address. Of three endpoints one is on each node; who asks does so on, or through, node-3.
 */
@Tag("system")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@ExtendWith({ServiceCluster.Shared.class, Diagnostics.class})
class AffinityTest implements Diagnostics.OnSandbox {
  private static final Set<String> ALL = Set.of("web-1", "web-2", "web-3");
  private static final int NODE = 3;
  private static final String BALANCED = "198.51.100.110";
  private static final String EXTERNAL = "198.51.100.120";

  private final ServiceCluster cluster;
  private final Scene scene;

  AffinityTest(ServiceCluster cluster) {
    this.cluster = cluster;
    this.scene = cluster.scene();
  }

  @Override
  public SandboxView view() {
    return cluster.view();
  }

  @BeforeAll
  void services() {
    for (int client = 1; client <= 2; client++) {
      for (String address : List.of(BALANCED, EXTERNAL)) {
        cluster.route(cluster.outside(client), address, NODE);
      }
    }
    scene.web(1, 2, 3);
    scene.apply(service("affine", "sessionAffinity: ClientIP", BALANCED, EXTERNAL));
    scene.apply(service("plain", "", "198.51.100.111", "198.51.100.121"));
    for (Place from : cluster.pods()) {
      scene.answered(from, Target.tcp(scene.clusterIp("plain"), 80), ALL);
    }
  }

  @AfterAll
  void end() {
    scene.close();
  }

  /** A service with its affinity in YAML. */
  private static String service(String name, String affinity, String balanced, String external) {
    return """
    apiVersion: v1
    kind: Service
    metadata: {name: %1$s}
    spec:
      type: LoadBalancer
      %2$s
      externalIPs: [%3$s]
      selector: {app: web}
      ports:
      - {name: t, port: 80, targetPort: 8080}
      - {name: u, port: 80, protocol: UDP, targetPort: 8080}
    status: {loadBalancer: {ingress: [{ip: %4$s}]}}
    """
        .formatted(name, affinity, external, balanced);
  }

  /** The addresses of a service's port, from the point of view of any client. */
  enum By {
    CLUSTER_IP,
    NODE_PORT,
    LOAD_BALANCER,
    EXTERNAL_IP;

    boolean isForOutside() {
      return this != CLUSTER_IP;
    }
  }

  private Target target(Scene at, String service, By by, boolean udp) {
    return switch (by) {
      case CLUSTER_IP -> new Target(at.clusterIp(service), 80, udp);
      case NODE_PORT ->
          new Target(
              cluster.sandboxNode(NODE).address(), at.nodePort(service, udp ? "u" : "t"), udp);
      case LOAD_BALANCER -> new Target(BALANCED, 80, udp);
      case EXTERNAL_IP -> new Target(EXTERNAL, 80, udp);
    };
  }

  private List<Place> clients() {
    return List.of(cluster.pod(NODE), cluster.node(NODE), cluster.outside(1), cluster.outside(2));
  }

  private boolean isNode(Place client) {
    return client.equals(cluster.node(NODE));
  }

  private boolean reaches(Place client, By by) {
    return by.isForOutside()
        || !(client.equals(cluster.outside(1)) || client.equals(cluster.outside(2)));
  }

  private Stream<Arguments> everyWay() {
    return clients().stream()
        .flatMap(client ->
            Stream.of(By.values())
                .filter(by -> reaches(client, by))
                .flatMap(by -> Stream.of(false, true).map(udp -> Arguments.of(client, by, udp))));
  }

  @ParameterizedTest(name = "{0} by {1}, UDP {2}")
  @MethodSource("everyWay")
  void tenConnectionsInARowGoToOneEndpoint(Place client, By by, boolean udp) {
    Target target = target(scene, "affine", by, udp);
    String kept = first(client, target);
    keeps(client, target, kept);
  }

  private Stream<Arguments> everyClient() {
    return clients().stream()
        .flatMap(client -> Stream.of(false, true).map(udp -> Arguments.of(client, udp)));
  }

  /** But for the node itself, which asks a cluster IP from its gateway's address. */
  @ParameterizedTest(name = "{0}, UDP {1}")
  @MethodSource("everyClient")
  void aClientHasTheSameEndpointByEveryAddressOfThePort(Place client, boolean udp) {
    List<Target> targets =
        Stream.of(By.values())
            .filter(by -> reaches(client, by) && !(isNode(client) && by == By.CLUSTER_IP))
            .map(by -> target(scene, "affine", by, udp))
            .toList();
    String kept = first(client, targets.getFirst());
    for (int i = 0; i < AffinityProbe.TIMES; i++) {
      for (Target target : targets) {
        assertThat(pod(client, target)).as("%s asks %s", client, target).isEqualTo(kept);
      }
    }
  }

  @Test
  void withoutItEveryConnectionMayGoElsewhere() {
    for (Place client : clients()) {
      By by = reaches(client, By.CLUSTER_IP) ? By.CLUSTER_IP : By.NODE_PORT;
      for (boolean udp : List.of(false, true)) {
        scene.answered(client, target(scene, "plain", by, udp), ALL);
      }
    }
  }

  @Test
  void portsAndProtocolsOfAServiceAreIndependentAndSoAreClients() {
    try (Scene own = cluster.scene()) {
      own.web(1, 2, 3);
      AffinityProbe probe = new AffinityProbe(cluster.sandboxNode(NODE));
      own.apply(
          """
          apiVersion: v1
          kind: Service
          metadata: {name: ports}
          spec:
            sessionAffinity: ClientIP
            selector: {app: web}
            ports:
            - {name: t, port: 80, targetPort: 8080}
            - {name: u, port: 80, protocol: UDP, targetPort: 8080}
            - {name: other, port: 81, targetPort: 8080}
          """);
      String address = own.clusterIp("ports");
      List<Target> targets =
          List.of(Target.tcp(address, 80), Target.udp(address, 80), Target.tcp(address, 81));
      Place client = cluster.pod(NODE);
      for (int asked = 1; asked <= targets.size(); asked++) {
        String kept = first(client, targets.get(asked - 1));
        keeps(client, targets.get(asked - 1), kept);
        // then there is one entry for each that was asked, and not another
        assertThat(probe.learned(client)).hasSize(asked);
        assertThat(probe.learned(client).stream().map(LearnedFlow::group)).doesNotHaveDuplicates();
      }

      // and others, each with its own entry, are spread over the endpoints
      Set<String> drawn = new TreeSet<>();
      for (Place other : List.of(cluster.pod(1), cluster.pod(2), cluster.pod(3))) {
        targets.forEach(target -> drawn.add(first(other, target)));
      }
      for (int node = 1; node <= 3; node++) {
        for (Target target : targets) {
          drawn.add(first(cluster.node(node), target));
        }
      }
      assertThat(drawn).hasSizeGreaterThan(1);
      assertThat(probe.learned(client)).hasSize(targets.size());
    }
  }
}
