package io.seine.sandbox;

import io.seine.openflow.Family;
import io.seine.pipeline.Addresses;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A pod that asks its own service and gets itself, and a node that gets its own pod: by every kind
 * of address, over TCP and UDP.
 */
@Tag("system")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@ExtendWith({ServiceCluster.Shared.class, Diagnostics.class})
class HairpinServiceTest implements Diagnostics.OnSandbox {
  private static final String EXTERNAL = "198.51.100.60";
  private static final String BALANCED = "198.51.100.61";
  private static final Set<String> ONLY = Set.of("web-1");
  private final ServiceCluster cluster;
  private final Scene scene;

  HairpinServiceTest(ServiceCluster cluster) {
    this.cluster = cluster;
    this.scene = cluster.scene();
  }

  @Override
  public SandboxView view() {
    return cluster.view();
  }

  @BeforeAll
  void services() {
    String service =
        """
        apiVersion: v1
        kind: Service
        metadata: {name: web-%s}
        spec:
          type: LoadBalancer
          externalTrafficPolicy: %s
          externalIPs: [%s]
          selector: {app: web}
          ports:
          - {name: t, port: %d, targetPort: 8080}
          - {name: u, port: %d, protocol: UDP, targetPort: 8080}
        status: {loadBalancer: {ingress: [{ip: %s}]}}
        """;
    scene.apply(service.formatted("cluster", "Cluster", EXTERNAL, 80, 80, BALANCED));
    scene.apply(service.formatted("local", "Local", EXTERNAL, 90, 90, BALANCED));
    scene.web(1);
  }

  @AfterAll
  void end() {
    scene.close();
  }

  private Stream<Arguments> everyAddress() {
    String node = cluster.sandboxNode(1).address();
    return Stream.of("web-cluster", "web-local")
        .flatMap(service -> {
          int port = service.equals("web-cluster") ? 80 : 90;
          return Stream.of(
                  List.of(scene.clusterIp(service), port, port),
                  List.of(node, scene.nodePort(service, "t"), scene.nodePort(service, "u")),
                  List.of(EXTERNAL, port, port),
                  List.of(BALANCED, port, port))
              .flatMap(place ->
                  Stream.of(
                      Arguments.of(
                          service, Target.tcp((String) place.get(0), (Integer) place.get(1))),
                      Arguments.of(
                          service, Target.udp((String) place.get(0), (Integer) place.get(2)))));
        });
  }

  @ParameterizedTest(name = "{0} at {1}")
  @MethodSource("everyAddress")
  void aPodReachesItselfAndSeesTheRouter(String service, Target target) {
    String router = Addresses.router(Family.IPV4).toString();
    scene.answers(scene.place("web-1"), target, ONLY, Set.of(router));
  }

  @ParameterizedTest(name = "{0} at {1}")
  @MethodSource("everyAddress")
  void aNodeReachesItsOwnPodAsItsGateway(String service, Target target) {
    scene.answers(cluster.node(1), target, ONLY, Set.copyOf(cluster.gateways(1)));
  }

  @ParameterizedTest(name = "{0} at {1}")
  @MethodSource("everyAddress")
  void aNeighbourReachesThePodWithItsOwnAddress(String service, Target target) {
    scene.answers(cluster.pod(1), target, ONLY, Set.of(cluster.pod(1).address()));
  }
}
