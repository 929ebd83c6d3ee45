package io.seine.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.seine.openflow.Family;
import io.seine.pipeline.Addresses;
import io.seine.sandbox.Place.Reply;
import io.seine.sandbox.node.Cidr;
import io.seine.sandbox.node.OutsideClient;
import io.seine.sandbox.node.Underlay;
import io.seine.sandbox.replay.Replay;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Pod routing and services over IPv6, in clusters of IPv6 alone and of both families. */
@Tag("system")
class DualStackTest {
  /** The tests, on a cluster that the subclass chooses. */
  @TestInstance(TestInstance.Lifecycle.PER_CLASS)
  @ExtendWith(Diagnostics.class)
  abstract static class OnCluster implements Diagnostics.OnSandbox {
    private static final Set<String> ALL = Set.of("web-1", "web-2");
    private static final Duration ANSWER = Duration.ofSeconds(3);
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final int MTU = 1430;
    private final SandboxSpec.Stack stack;
    private ServiceCluster cluster;
    private Scene scene;

    OnCluster(SandboxSpec.Stack stack) {
      this.stack = stack;
    }

    @Override
    public SandboxView view() {
      return cluster.view();
    }

    @BeforeAll
    void up() {
      cluster =
          ServiceCluster.start(stack, Map.of("externalIpCidrs", ServiceCluster.EXTERNAL_CIDRS));
      scene = cluster.scene();
      scene.apply(
          """
          apiVersion: v1
          kind: Service
          metadata: {name: cluster}
          spec:
            type: LoadBalancer
            ipFamilyPolicy: PreferDualStack
            selector: {app: web}
            ports:
            - {name: t, port: 80, targetPort: http}
            - {name: u, port: 80, protocol: UDP, targetPort: 8080}
            externalIPs: [%2$s]
          status: {loadBalancer: {ingress: [%1$s]}}
          ---
          apiVersion: v1
          kind: Service
          metadata: {name: local}
          spec:
            type: LoadBalancer
            externalTrafficPolicy: Local
            ipFamilyPolicy: PreferDualStack
            selector: {app: web}
            ports:
            - {name: t, port: 90, targetPort: 8080}
            - {name: u, port: 90, protocol: UDP, targetPort: 8080}
          status: {loadBalancer: {ingress: [%1$s]}}
          ---
          apiVersion: v1
          kind: Service
          metadata: {name: internal}
          spec:
            internalTrafficPolicy: Local
            ipFamilyPolicy: PreferDualStack
            selector: {app: web}
            ports: [{name: t, port: 80, targetPort: 8080}]
          ---
          apiVersion: v1
          kind: Service
          metadata: {name: affine}
          spec:
            type: NodePort
            sessionAffinity: ClientIP
            ipFamilyPolicy: PreferDualStack
            selector: {app: web}
            ports:
            - {name: t, port: 80, targetPort: 8080}
            - {name: u, port: 80, protocol: UDP, targetPort: 8080}
          ---
          apiVersion: v1
          kind: Service
          metadata: {name: empty}
          spec:
            type: NodePort
            ipFamilyPolicy: PreferDualStack
            selector: {app: nobody}
            ports:
            - {name: t, port: 80}
            - {name: u, port: 80, protocol: UDP}
          """
              .formatted(
                  "{ip: " + String.join("}, {ip: ", balanced().toList()) + "}",
                  String.join(", ", external().toList())));
      scene.web(1, 2);
    }

    @AfterAll
    void down() {
      if (cluster != null) {
        cluster.close();
      }
    }

    @ParameterizedTest
    @ValueSource(strings = {"ipv6-ip-block", "ipv6-selectors-and-ports", "family-mixed"})
    void policiesAreAsTheirCaseSays(String name) throws Exception {
      try (PacketExecutor executor = new PacketExecutor(cluster)) {
        assertThat(Replay.play(PolicyPacketTest.read(name), executor)).isEmpty();
      }
    }

    private Stream<Boolean> families() {
      return stack == SandboxSpec.Stack.DUAL ? Stream.of(false, true) : Stream.of(true);
    }

    private Stream<String> balanced() {
      return families().map(v6 -> v6 ? "2001:db8:51::10" : "198.51.100.10");
    }

    private Stream<String> external() {
      return families().map(v6 -> v6 ? "2001:db8:51::20" : "198.51.100.20");
    }

    private static String ofFamily(List<String> addresses, boolean v6) {
      return addresses.stream().filter(a -> Cidr.isV6(a) == v6).findFirst().orElseThrow();
    }

    private String clusterIp(String service, boolean v6) {
      return ofFamily(scene.service(service).getSpec().getClusterIPs(), v6);
    }

    private static Stream<Target> both(String address, int tcp, int udp) {
      return Stream.of(Target.tcp(address, tcp), Target.udp(address, udp));
    }

    @ParameterizedTest
    @MethodSource("families")
    void podsHaveAnAddressOfTheirNodesNetworkAndReachEachOtherWithIt(boolean v6)
        throws IOException {
      List<Place> pods =
          List.of(cluster.pod(1), cluster.pod(2), scene.place("web-1"), scene.place("web-2"));
      for (int node = 1; node <= 3; node++) {
        String network = ofFamily(cluster.sandboxNode(node).podCidrs(), v6);
        assertThat(Cidr.parse(network).contains(ofFamily(cluster.pod(node).addresses(), v6)))
            .isTrue();
      }
      for (Place from : pods) {
        for (String web : List.of("web-1", "web-2")) {
          String address = ofFamily(scene.place(web).addresses(), v6);
          Probe probe = new Probe(from.namespace(), ANSWER);
          assertThat(probe.ping(address, 100).ok()).as(from + " pings " + web).isTrue();
          assertThat(probe.http(address, 8080).client()).isEqualTo(ofFamily(from.addresses(), v6));
          assertThat(probe.datagram(address, 8080).pod()).isEqualTo(web);
        }
      }
    }

    @ParameterizedTest
    @MethodSource("families")
    void theLargestPacketCrossesTheTunnelAndNoLargerOne(boolean v6) {
      String address = ofFamily(scene.place("web-2").addresses(), v6);
      Probe probe = new Probe(scene.place("web-1").namespace(), ANSWER);
      int mtu = mtu();
      assertThat(probe.ping(address, mtu).ok()).isTrue();
      assertThat(probe.ping(address, mtu + 1).ok()).isFalse();
    }

    private int mtu() {
      return Cidr.isV6(cluster.sandboxNode(1).address()) ? MTU : MTU + 20;
    }

    @ParameterizedTest
    @MethodSource("families")
    void trafficToTheOutsideHasTheNodesAddress(boolean v6) throws IOException {
      for (int node = 1; node <= 3; node++) {
        Probe probe = new Probe(cluster.pod(node).namespace(), ANSWER);
        assertThat(probe.http(v6 ? Underlay.OUTSIDE_V6 : Underlay.OUTSIDE, 80).client())
            .isEqualTo(ofFamily(cluster.node(node).addresses(), v6));
      }
    }

    @ParameterizedTest
    @MethodSource("families")
    void clusterIps(boolean v6) {
      both(clusterIp("cluster", v6), 80, 80)
          .forEach(target -> {
            for (int node = 1; node <= 3; node++) {
              Place pod = cluster.pod(node);
              scene.answers(pod, target, ALL, Set.of(ofFamily(pod.addresses(), v6)));
              scene.answers(cluster.node(node), target, ALL, gateway(node, v6));
            }
          });
    }

    @ParameterizedTest
    @MethodSource("families")
    void nodePorts(boolean v6) {
      for (int node = 1; node <= 3; node++) {
        int number = node;
        String address = ofFamily(cluster.node(node).addresses(), v6);
        both(address, scene.nodePort("cluster", "t"), scene.nodePort("cluster", "u"))
            .forEach(target -> {
              scene.answers(cluster.outside(1), target, ALL, gateway(number, v6));
              scene.answered(cluster.pod(number), target, ALL);
              scene.answered(cluster.pod(number % 3 + 1), target, ALL);
              scene.answered(cluster.node(number), target, ALL);
            });
        both(address, scene.nodePort("local", "t"), scene.nodePort("local", "u"))
            .forEach(target -> fromOutside(number, target, v6));
      }
    }

    @ParameterizedTest
    @MethodSource("families")
    void externalAddresses(boolean v6) {
      for (String address :
          List.of(ofFamily(balanced().toList(), v6), ofFamily(external().toList(), v6))) {
        both(address, 80, 80)
            .forEach(target -> {
              for (int node = 1; node <= 3; node++) {
                client().route(address, cluster.sandboxNode(node));
                scene.answers(cluster.outside(1), target, ALL, gateway(node, v6));
                scene.answered(cluster.pod(node), target, ALL);
                scene.answered(cluster.node(node), target, ALL);
              }
            });
      }
      String address = ofFamily(balanced().toList(), v6);
      both(address, 90, 90)
          .forEach(target -> {
            for (int node = 1; node <= 3; node++) {
              client().route(address, cluster.sandboxNode(node));
              fromOutside(node, target, v6);
            }
          });
    }

    /** By the policy Local: the client's own address is seen, and node-3 has no endpoint. */
    private void fromOutside(int node, Target target, boolean v6) {
      Place client = cluster.outside(1);
      if (node == 3) {
        scene.dropped(client, target);
      } else {
        scene.answers(
            client, target, Set.of("web-" + node), Set.of(ofFamily(client.addresses(), v6)));
      }
    }

    @ParameterizedTest
    @MethodSource("families")
    void internalPolicyLocal(boolean v6) {
      Target target = Target.tcp(clusterIp("internal", v6), 80);
      scene.answered(cluster.pod(1), target, Set.of("web-1"));
      scene.answered(cluster.node(2), target, Set.of("web-2"));
      scene.dropped(cluster.pod(3), target);
    }

    @ParameterizedTest
    @MethodSource("families")
    void clientsKeepTheirEndpointWhereTheServiceSaysSo(boolean v6) {
      String node = ofFamily(cluster.node(3).addresses(), v6);
      List<Target> inside = both(clusterIp("affine", v6), 80, 80).toList();
      List<Target> ports =
          both(node, scene.nodePort("affine", "t"), scene.nodePort("affine", "u")).toList();
      for (int protocol = 0; protocol < 2; protocol++) {
        assertKeeps(cluster.pod(3), inside.get(protocol), ports.get(protocol));
        assertKeeps(cluster.outside(1), ports.get(protocol));
        assertKeeps(cluster.outside(2), ports.get(protocol));
        assertKeeps(cluster.node(3), inside.get(protocol));
        assertKeeps(cluster.node(3), ports.get(protocol));
      }
    }

    /** One pod answers every one of twenty questions, by whichever of the addresses. */
    private void assertKeeps(Place client, Target... targets) {
      await().atMost(SOON).until(() -> client.ask(targets[0]) instanceof Reply.Answered);
      Set<String> pods = new HashSet<>();
      for (int i = 0; i < 20; i++) {
        Reply reply = client.ask(targets[i % targets.length]);
        pods.add(reply instanceof Reply.Answered answered ? answered.pod() : reply.toString());
      }
      assertThat(pods).as("%s asks %s", client, List.of(targets)).hasSize(1).isSubsetOf(ALL);
    }

    @ParameterizedTest
    @MethodSource("families")
    void nothingBehindAServiceIsRefused(boolean v6) {
      both(clusterIp("empty", v6), 80, 80)
          .forEach(target -> {
            scene.refused(cluster.pod(1), target);
            scene.refused(cluster.node(1), target);
          });
      both(
              ofFamily(cluster.node(1).addresses(), v6),
              scene.nodePort("empty", "t"),
              scene.nodePort("empty", "u"))
          .forEach(target -> scene.refused(cluster.outside(1), target));
    }

    @ParameterizedTest
    @MethodSource("families")
    void aPodReachesItselfThroughItsService(boolean v6) {
      try (Scene own = cluster.scene()) {
        own.web(1);
        own.apply(
            """
            apiVersion: v1
            kind: Service
            metadata: {name: self}
            spec:
              ipFamilyPolicy: PreferDualStack
              selector: {app: web}
              ports: [{name: t, port: 80, targetPort: 8080}]
            """);
        String address = ofFamily(own.service("self").getSpec().getClusterIPs(), v6);
        String router = Addresses.router(v6 ? Family.IPV6 : Family.IPV4).toString();
        own.answers(own.place("web-1"), Target.tcp(address, 80), Set.of("web-1"), Set.of(router));
      }
    }

    @Test
    void theSwitchesAreAsTheyShouldBe() {
      for (int node = 1; node <= 3; node++) {
        assertThat(cluster.sandboxNode(node).agent().isReady()).isTrue();
        assertThat(cluster.sandboxNode(node).agent().hearsEveryPeer()).isTrue();
      }
    }

    private OutsideClient client() {
      return view().client(cluster.outside(1).name());
    }

    private Set<String> gateway(int node, boolean v6) {
      return Set.of(ofFamily(cluster.gateways(node), v6));
    }
  }

  @Nested
  class OfIpv6Alone extends OnCluster {
    OfIpv6Alone() {
      super(SandboxSpec.Stack.IPV6);
    }
  }

  @Nested
  class OfBothFamilies extends OnCluster {
    OfBothFamilies() {
      super(SandboxSpec.Stack.DUAL);
    }
  }
}
