package io.seine.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.ServicePort;
import io.seine.sandbox.kubelet.Responder;
import java.time.Duration;
import java.util.List;
import java.util.Map;
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
 * Load balancer addresses and external IPs: served on exactly their ports, bound to no interface,
 * and refused where they would take what is others'.
 */
@Tag("system")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@ExtendWith({ServiceCluster.Shared.class, Diagnostics.class})
class ExternalServiceTest implements Diagnostics.OnSandbox {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final Set<String> ALL = Set.of("web-1", "web-2");
  private static final String BALANCED = "198.51.100.10";
  private static final String EXTERNAL = "198.51.100.20";
  private static final String API_SERVER = "198.51.100.99";
  private static final String KUBERNETES =
      """
      apiVersion: v1
      kind: Service
      metadata: {name: kubernetes, namespace: default}
      spec: {ports: [{name: https, port: 443, targetPort: 6443}]}
      ---
      apiVersion: discovery.k8s.io/v1
      kind: EndpointSlice
      metadata:
        name: kubernetes
        namespace: default
        labels: {kubernetes.io/service-name: kubernetes}
      addressType: IPv4
      ports: [{name: https, port: 6443}]
      endpoints: [{addresses: [198.51.100.99]}]
      """;
  private static final String IN_NODE_NETWORK = "172.31.200.77";
  private final ServiceCluster cluster;
  private final Scene scene;

  ExternalServiceTest(ServiceCluster cluster) {
    this.cluster = cluster;
    this.scene = cluster.scene();
  }

  @Override
  public SandboxView view() {
    return cluster.view();
  }

  @BeforeAll
  void services() {
    scene.apply(
        """
        apiVersion: v1
        kind: Service
        metadata: {name: balanced}
        spec:
          type: LoadBalancer
          loadBalancerClass: example.org/lb
          allocateLoadBalancerNodePorts: false
          selector: {app: web}
          ports:
          - {name: t, port: 80, targetPort: 8080}
          - {name: u, port: 80, protocol: UDP, targetPort: 8080}
        status: {loadBalancer: {ingress: [{ip: %s, ipMode: VIP}]}}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: external}
        spec:
          externalIPs: [%s, %s]
          selector: {app: web}
          ports:
          - {name: t, port: 80, targetPort: 8080}
          - {name: u, port: 80, protocol: UDP, targetPort: 8080}
        """
            .formatted(BALANCED, EXTERNAL, IN_NODE_NETWORK));
    scene.apply(KUBERNETES);
    scene.web(1, 2);
  }

  @AfterAll
  void end() {
    scene.delete(KUBERNETES);
    scene.close();
  }

  private static Stream<Target> everyAddress() {
    return Stream.of(BALANCED, EXTERNAL, IN_NODE_NETWORK)
        .flatMap(address -> Stream.of(Target.tcp(address, 80), Target.udp(address, 80)));
  }

  @ParameterizedTest
  @MethodSource("everyAddress")
  void clientsOutsideReachEveryEndpointThroughAnyNodeAsItsGateway(Target target) {
    for (int node = 1; node <= 3; node++) {
      Place from = cluster.outside(1);
      cluster.route(from, target.address(), node);
      scene.answers(from, target, ALL, Set.copyOf(cluster.gateways(node)));
    }
  }

  @ParameterizedTest
  @MethodSource("everyAddress")
  void podsAndNodesReachEveryEndpoint(Target target) {
    for (int node = 1; node <= 3; node++) {
      scene.answers(cluster.pod(node), target, ALL, Set.of(cluster.pod(node).address()));
      scene.answers(cluster.node(node), target, ALL, Set.copyOf(cluster.gateways(node)));
    }
  }

  @Test
  void noNodePortIsGivenOutWhenNoneIsWanted() {
    assertThat(scene.service("balanced").getSpec().getPorts())
        .extracting(ServicePort::getNodePort)
        .containsOnlyNulls();
  }

  @Test
  void noServiceAddressIsOnAnInterface() {
    scene.answered(cluster.node(1), Target.tcp(BALANCED, 80), ALL);
    for (int node = 1; node <= 3; node++) {
      String addresses = cluster.sandboxNode(node).run("ip", "-o", "addr").out();
      assertThat(addresses).contains(cluster.sandboxNode(node).address());
      assertThat(addresses)
          .as("node-%d".formatted(node))
          .doesNotContain(BALANCED, EXTERNAL, IN_NODE_NETWORK, scene.clusterIp("balanced"));
    }
  }

  @Test
  void otherPortsOfAnAddressAreNotServed() {
    Place from = cluster.outside(1);
    cluster.route(from, BALANCED, 1);
    scene.unanswered(from, Target.tcp(BALANCED, 8080));
    scene.unanswered(cluster.pod(1), Target.tcp(BALANCED, 8080));
    scene.unanswered(cluster.node(1), Target.tcp(BALANCED, 8080));
  }

  @Test
  void policyLocalKeepsTheClientsAddressAndDropsWhereThereIsNoEndpoint() {
    try (Scene own = cluster.scene()) {
      String address = "198.51.100.30";
      own.apply(
          """
          apiVersion: v1
          kind: Service
          metadata: {name: local}
          spec:
            type: LoadBalancer
            externalTrafficPolicy: Local
            selector: {app: web}
            ports: [{name: t, port: 80, targetPort: 8080}, {name: u, port: 80, protocol: UDP, targetPort: 8080}]
          status: {loadBalancer: {ingress: [{ip: %s}]}}
          """
              .formatted(address));
      own.web(1, 2);
      Place from = cluster.outside(2);
      for (Target target : List.of(Target.tcp(address, 80), Target.udp(address, 80))) {
        for (int node = 1; node <= 3; node++) {
          cluster.route(from, address, node);
          if (node == 3) {
            own.dropped(from, target);
          } else {
            own.answers(from, target, Set.of("web-" + node), Set.of(from.address()));
          }
          own.answers(cluster.pod(node), target, ALL, Set.of(cluster.pod(node).address()));
          own.answers(cluster.node(node), target, ALL, Set.copyOf(cluster.gateways(node)));
        }
      }
    }
  }

  @Test
  void anAddressInModeProxyIsLeftToItsLoadBalancer() {
    try (Scene own = cluster.scene()) {
      String address = "198.51.100.40";
      own.web(1);
      own.apply(
          """
          apiVersion: v1
          kind: Service
          metadata: {name: proxied}
          spec: {type: LoadBalancer, selector: {app: web}, ports: [{name: t, port: 80, targetPort: 8080}]}
          """);
      own.setLoadBalancer("proxied", "Proxy", address);
      own.answered(cluster.pod(1), Target.tcp(own.clusterIp("proxied"), 80), Set.of("web-1"));
      cluster.route(cluster.outside(1), address, 1);
      for (Place from : List.of(cluster.pod(1), cluster.node(1), cluster.outside(1))) {
        own.unanswered(from, Target.tcp(address, 80));
      }

      own.setLoadBalancer("proxied", "VIP", address);
      for (Place from : List.of(cluster.pod(1), cluster.node(1), cluster.outside(1))) {
        own.answered(from, Target.tcp(address, 80), Set.of("web-1"));
      }

      own.setLoadBalancer("proxied", "VIP");
      for (Place from : List.of(cluster.pod(1), cluster.node(1), cluster.outside(1))) {
        own.unanswered(from, Target.tcp(address, 80));
      }
    }
  }

  @Test
  void onlyTheSourceRangesGetIn() {
    try (Scene own = cluster.scene()) {
      String address = "198.51.100.50";
      own.web(1);
      String service =
          """
          apiVersion: v1
          kind: Service
          metadata: {name: ranged}
          spec:
            type: LoadBalancer
            loadBalancerSourceRanges: [%s]
            selector: {app: web}
            ports: [{name: t, port: 80, targetPort: 8080}]
          status: {loadBalancer: {ingress: [{ip: %s}]}}
          """;
      Place east = cluster.outside(1);
      Place west = cluster.outside(2);
      Target target = Target.tcp(address, 80);
      for (Place client : List.of(east, west)) {
        cluster.route(client, address, 2);
      }

      own.apply(service.formatted(east.address() + "/32", address));
      own.answered(east, target, Set.of("web-1"));
      own.dropped(west, target);
      own.dropped(cluster.pod(2), target);

      own.apply(service.formatted(west.address() + "/32, 10.244.1.0/24", address));
      own.answered(west, target, Set.of("web-1"));
      own.dropped(east, target);
      own.answered(cluster.pod(2), target, Set.of("web-1"));
      own.dropped(cluster.pod(3), target);
      own.answered(cluster.pod(3), Target.tcp(own.clusterIp("ranged"), 80), Set.of("web-1"));
    }
  }

  @Test
  void aNodesOwnAddressServesThePortAndNothingElseOfTheNodeChanges() {
    String node = cluster.sandboxNode(1).address();
    List<Integer> daemons = List.of(22, 10250, 6443);
    try (Scene own = cluster.scene();
        Responder _ =
            Responder.start(
                cluster.node(1).namespace(),
                List.of(node),
                daemons,
                "daemon",
                Map.of("pod", "daemon"))) {
      own.web(2);
      own.apply(
          """
          apiVersion: v1
          kind: Service
          metadata: {name: on-node}
          spec:
            externalIPs: [%s]
            selector: {app: web}
            ports: [{name: t, port: 8088, targetPort: 8080}]
          """
              .formatted(node));
      Target service = Target.tcp(node, 8088);
      List<Place> askers =
          List.of(
              cluster.outside(1), cluster.pod(1), cluster.pod(2), cluster.node(1), cluster.node(3));
      for (Place from : askers) {
        own.answered(from, service, Set.of("web-2"));
        for (int port : daemons) {
          own.answered(from, Target.tcp(node, port), Set.of("daemon"));
        }
        own.refused(from, Target.tcp(node, 8089));
      }
      assertThat(cluster.sandboxNode(1).agent().isReady()).isTrue();
    }
  }

  private Stream<Arguments> forbidden() {
    return Stream.of(
        Arguments.of("a pod's", scene.place("web-1").address(), 8080, "pod network"),
        Arguments.of("the gateway's", cluster.gateways(1).getFirst(), 80, "gateway"),
        Arguments.of("a cluster IP's", scene.clusterIp("balanced"), 80, "service network"),
        Arguments.of("outside of the allowed", "192.0.2.9", 80, "externalIpCidrs"),
        Arguments.of("the API server's", API_SERVER, 443, "API server"),
        Arguments.of("nobody's, as it is loopback", "127.0.0.9", 80, "no host"),
        Arguments.of("the kubelet's", cluster.sandboxNode(1).address(), 10250, "kubelet"));
  }

  @ParameterizedTest(name = "{0}: {1}:{2}")
  @MethodSource("forbidden")
  void anExternalIpThatIsOthersIsRefusedWithAnEvent(
      String whose, String address, int port, String why) {
    try (Scene own = cluster.scene()) {
      own.pod("thief", 3, "thief", "{containerPort: 9999}");
      own.apply(
          """
          apiVersion: v1
          kind: Service
          metadata: {name: stealing}
          spec: {externalIPs: [%s], selector: {app: thief}, ports: [{name: t, port: %d, targetPort: 9999}]}
          """
              .formatted(address, port));
      own.awaitPods();
      own.answered(cluster.pod(1), Target.tcp(own.clusterIp("stealing"), port), Set.of("thief"));
      await()
          .atMost(LIMIT)
          .untilAsserted(() ->
              assertThat(own.events("stealing"))
                  .as(whose)
                  .anySatisfy(event -> {
                    assertThat(event.getReason()).isEqualTo("ExternalIPRefused");
                    assertThat(event.getMessage()).contains(address).contains(why);
                  }));
      for (Place from : List.of(cluster.pod(1), cluster.pod(3), cluster.node(1))) {
        assertThat(from.ask(Target.tcp(address, port)).toString())
            .as("%s asks %s address", from, whose)
            .doesNotContain("thief");
      }
    }
  }
}
