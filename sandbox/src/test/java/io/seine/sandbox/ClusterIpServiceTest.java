package io.seine.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.seine.sandbox.node.Underlay;
import java.time.Duration;
import java.util.List;
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

/** Cluster IPs: from wherever in the cluster, for all kinds of ports, endpoints and changes. */
@Tag("system")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@ExtendWith({ServiceCluster.Shared.class, Diagnostics.class})
class ClusterIpServiceTest implements Diagnostics.OnSandbox {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final Set<String> ALL = Set.of("web-1", "web-2", "web-3");
  private static final String SERVICE =
      """
      apiVersion: v1
      kind: Service
      metadata: {name: web}
      spec:
        selector: {app: web}
        ports:
        - {name: plain, port: 80, targetPort: 8080}
        - {name: named, port: 81, targetPort: http}
        - {name: same, port: 8080}
        - {name: datagrams, port: 80, protocol: UDP, targetPort: 8080}
        - {name: named-datagrams, port: 82, protocol: UDP, targetPort: talk}
      """;
  private final ServiceCluster cluster;
  private final Scene scene;

  ClusterIpServiceTest(ServiceCluster cluster) {
    this.cluster = cluster;
    this.scene = cluster.scene();
  }

  @Override
  public SandboxView view() {
    return cluster.view();
  }

  @BeforeAll
  void service() {
    scene.apply(SERVICE);
    for (int node = 1; node <= 3; node++) {
      scene.pod(
          "web-" + node,
          node,
          "web",
          "{containerPort: 8080, name: http}, {containerPort: 900%d, name: talk, protocol: UDP}"
              .formatted(node));
      scene.apply(
          """
          apiVersion: v1
          kind: Pod
          metadata: {name: on-host-%1$d}
          spec:
            nodeName: node-%1$d
            hostNetwork: true
            containers: [{name: c, image: i, ports: [{containerPort: 7000}]}]
          """
              .formatted(node));
    }
    scene.awaitPods();
  }

  @AfterAll
  void end() {
    scene.close();
  }

  private Stream<Arguments> everyPort() {
    String address = scene.clusterIp("web");
    return Stream.of(
            Target.tcp(address, 80),
            Target.tcp(address, 81),
            Target.tcp(address, 8080),
            Target.udp(address, 80),
            Target.udp(address, 82))
        .flatMap(target ->
            Stream.of(1, 2, 3)
                .flatMap(node ->
                    Stream.of(
                        Arguments.of(cluster.pod(node), target, cluster.pod(node).addresses()),
                        Arguments.of(cluster.node(node), target, cluster.gateways(node)))));
  }

  @ParameterizedTest(name = "{0} asks {1}, which is seen from {2}")
  @MethodSource("everyPort")
  void isAnsweredByEveryEndpoint(Place from, Target target, List<String> source) {
    scene.answers(from, target, ALL, Set.copyOf(source));
  }

  @Test
  void hostNetworkPodsAskAsTheirNodesDo() {
    for (int node = 1; node <= 3; node++) {
      Place pod = scene.place("on-host-" + node);
      assertThat(pod.addresses()).isEqualTo(cluster.node(node).addresses());
      scene.answers(
          pod, Target.tcp(scene.clusterIp("web"), 80), ALL, Set.copyOf(cluster.gateways(node)));
    }
  }

  private Stream<Place> everyone() {
    return Stream.concat(cluster.pods().stream(), cluster.nodes().stream());
  }

  @ParameterizedTest
  @MethodSource("everyone")
  void hostNetworkPodsAreEndpointsWithTheirNodesAddress(Place from) {
    try (Scene own = cluster.scene()) {
      for (int node = 2; node <= 3; node++) {
        own.apply(
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: host-%1$d, labels: {app: host}}
            spec:
              nodeName: node-%1$d
              hostNetwork: true
              containers: [{name: c, image: i, ports: [{containerPort: 7001}]}]
            """
                .formatted(node));
      }
      own.apply(
          """
          apiVersion: v1
          kind: Service
          metadata: {name: host}
          spec: {selector: {app: host}, ports: [{port: 80, targetPort: 7001}, {name: u, port: 80, protocol: UDP, targetPort: 7001}]}
          """);
      own.awaitPods();
      String address = own.clusterIp("host");
      own.answered(from, Target.tcp(address, 80), Set.of("host-2", "host-3"));
      own.answered(from, Target.udp(address, 80), Set.of("host-2", "host-3"));
    }
  }

  @Test
  void endpointsOfAServiceWithoutSelectorAreThoseOfItsSlices() {
    try (Scene own = cluster.scene()) {
      String manifest =
          """
          apiVersion: v1
          kind: Service
          metadata: {name: manual}
          spec: {ports: [{name: a, port: 80}, {name: b, port: 90, protocol: UDP}]}
          ---
          apiVersion: discovery.k8s.io/v1
          kind: EndpointSlice
          metadata: {name: manual-1, labels: {kubernetes.io/service-name: manual}}
          addressType: IPv4
          ports: [{name: a, port: 8080}, {name: b, port: 8080, protocol: UDP}]
          endpoints: [{addresses: [%s]}]
          ---
          apiVersion: discovery.k8s.io/v1
          kind: EndpointSlice
          metadata: {name: manual-2, labels: {kubernetes.io/service-name: manual}}
          addressType: IPv4
          ports: [{name: a, port: 80}]
          endpoints: [{addresses: [%s]}]
          """
              .formatted(scene.place("web-2").address(), Underlay.OUTSIDE);
      own.apply(manifest);
      String address = own.clusterIp("manual");

      for (int node = 1; node <= 3; node++) {
        own.answered(cluster.pod(node), Target.tcp(address, 80), Set.of("web-2", "outside"));
        own.answered(cluster.node(node), Target.tcp(address, 80), Set.of("web-2", "outside"));
        own.answered(cluster.pod(node), Target.udp(address, 90), Set.of("web-2"));
      }
    }
  }

  @Test
  void headlessAndExternalNameServicesAreLeftAlone() {
    List<FlowDump> before = settled();
    try (Scene own = cluster.scene()) {
      own.apply(
          """
          apiVersion: v1
          kind: Service
          metadata: {name: headless}
          spec: {clusterIP: None, selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}
          ---
          apiVersion: discovery.k8s.io/v1
          kind: EndpointSlice
          metadata: {name: headless-1, labels: {kubernetes.io/service-name: headless}}
          addressType: IPv4
          ports: [{name: "", port: 8080}]
          endpoints: [{addresses: [%1$s]}]
          ---
          apiVersion: v1
          kind: Service
          metadata: {name: elsewhere}
          spec: {type: ExternalName, externalName: db.example.org, ports: [{port: 80}]}
          ---
          apiVersion: v1
          kind: Service
          metadata: {name: marker}
          spec: {ports: [{port: 80}]}
          """
              .formatted(scene.place("web-1").address()));
      String marker = own.clusterIp("marker");
      for (int node = 1; node <= 3; node++) {
        own.refused(cluster.pod(node), Target.tcp(marker, 80));
      }
      assertThat(own.service("headless").getSpec().getClusterIP()).isEqualTo("None");
      own.delete(
          """
          apiVersion: v1
          kind: Service
          metadata: {name: marker}
          """);
      awaitSame(before);
    }
  }

  @Test
  void portsAddressAndTypeChangeAndChangeBack() {
    try (Scene own = cluster.scene()) {
      own.web(1, 2);
      String first = service("ClusterIP", "{name: a, port: 80, targetPort: 8080}", "");
      String other = service("ClusterIP", "{name: a, port: 8081, targetPort: 8080}", "");
      String typed = service("NodePort", "{name: a, port: 80, targetPort: 8080}", "");
      own.apply(first);
      String address = own.clusterIp("changing");
      Set<String> both = Set.of("web-1", "web-2");
      own.answered(cluster.pod(3), Target.tcp(address, 80), both);
      List<FlowDump> before = settled();

      own.apply(other);
      own.answered(cluster.pod(3), Target.tcp(address, 8081), both);
      own.unanswered(cluster.pod(3), Target.tcp(address, 80));
      own.unanswered(cluster.node(3), Target.tcp(address, 80));

      own.apply(typed);
      own.answered(cluster.pod(3), Target.tcp(address, 80), both);
      own.unanswered(cluster.pod(3), Target.tcp(address, 8081));

      own.apply(first);
      own.answered(cluster.pod(3), Target.tcp(address, 80), both);
      awaitSame(before);

      own.delete(first);
      own.unanswered(cluster.pod(3), Target.tcp(address, 80));
      String moved = service("ClusterIP", "{name: a, port: 80, targetPort: 8080}", "10.96.77.7");
      own.apply(moved);
      own.answered(cluster.pod(3), Target.tcp("10.96.77.7", 80), both);
      own.unanswered(cluster.pod(3), Target.tcp(address, 80));
      own.delete(moved);
      own.apply(first);
      own.answered(cluster.pod(3), Target.tcp(address, 80), both);
      own.unanswered(cluster.pod(3), Target.tcp("10.96.77.7", 80));
      awaitSame(before);
    }
  }

  private static String service(String type, String port, String address) {
    return """
    apiVersion: v1
    kind: Service
    metadata: {name: changing}
    spec: {type: %s, selector: {app: web}, ports: [%s]%s}
    """
        .formatted(type, port, address.isEmpty() ? "" : ", clusterIP: " + address);
  }

  /** What the switches hold once nothing moves any more. */
  private List<FlowDump> settled() {
    FlowDump[][] last = new FlowDump[1][];
    await()
        .atMost(LIMIT)
        .pollInterval(Duration.ofMillis(300))
        .until(() -> {
          FlowDump[] now = dumps();
          boolean same = last[0] != null && sameContents(List.of(last[0]), List.of(now));
          last[0] = now;
          return same;
        });
    return List.of(last[0]);
  }

  private void awaitSame(List<FlowDump> before) {
    await()
        .atMost(LIMIT)
        .untilAsserted(() -> {
          List<FlowDump> now = List.of(dumps());
          for (int i = 0; i < 3; i++) {
            String node = cluster.sandboxNode(i + 1).name();
            assertThat(now.get(i).flows().keySet())
                .as(node)
                .isEqualTo(before.get(i).flows().keySet());
            assertThat(now.get(i).groups()).as(node).isEqualTo(before.get(i).groups());
          }
        });
  }

  private FlowDump[] dumps() {
    return view().nodes().stream().map(FlowDump::of).toArray(FlowDump[]::new);
  }

  private static boolean sameContents(List<FlowDump> one, List<FlowDump> other) {
    for (int i = 0; i < one.size(); i++) {
      if (!one.get(i).flows().keySet().equals(other.get(i).flows().keySet())
          || !one.get(i).groups().equals(other.get(i).groups())) {
        return false;
      }
    }
    return true;
  }
}
