package io.seine.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Event;
import io.seine.sandbox.node.SandboxNode;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Services and policies together: what is judged is the endpoint, not the service, and the client
 * as it is, not as source NAT makes it; a pod reaches itself and its node reaches it whatever
 * policies say.
 */
@Tag("system")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@ExtendWith({ServiceCluster.Shared.class, Diagnostics.class})
class PolicyServiceTest implements Diagnostics.OnSandbox {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final Set<String> BOTH = Set.of("web-1", "web-2");
  private static final String SERVICE =
      """
      apiVersion: v1
      kind: Service
      metadata: {name: web}
      spec:
        type: NodePort
        externalTrafficPolicy: %s
        selector: {app: web}
        ports: [{name: t, port: 80, targetPort: http}]
      """;
  private static final String POLICY =
      """
      apiVersion: networking.k8s.io/v1
      kind: NetworkPolicy
      metadata: {name: policy}
      spec:
        podSelector: {matchLabels: {app: %s}}
        policyTypes: [%s]
        %s: %s
      """;
  private final ServiceCluster cluster;
  private Scene scene = unset();

  PolicyServiceTest(ServiceCluster cluster) {
    this.cluster = cluster;
  }

  @SuppressWarnings("NullAway")
  private static Scene unset() {
    return null;
  }

  @Override
  public SandboxView view() {
    return cluster.view();
  }

  /** The port http is another one on each of the two. */
  @BeforeEach
  void pods() {
    scene = cluster.scene();
    scene.pod("web-1", 1, "web", "{containerPort: 8080, name: http}");
    scene.pod("web-2", 2, "web", "{containerPort: 8081, name: http}");
    scene.pod("client-1", 1, "client", "{containerPort: 9}");
    scene.pod("client-3", 3, "client", "{containerPort: 9}");
    scene.pod("other-1", 1, "other", "{containerPort: 9}");
    scene.pod("other-3", 3, "other", "{containerPort: 9}");
    scene.awaitPods();
  }

  @AfterEach
  void end() {
    scene.close();
  }

  private void ingress(String app, String rules) {
    scene.apply(POLICY.formatted(app, "Ingress", "ingress", rules));
  }

  private void egress(String app, String rules) {
    scene.apply(POLICY.formatted(app, "Egress", "egress", rules));
  }

  private Target service() {
    return Target.tcp(scene.clusterIp("web"), 80);
  }

  private Target nodePort(int node) {
    return Target.tcp(cluster.sandboxNode(node).address(), scene.nodePort("web", "t"));
  }

  @Test
  void theIngressOfAnEndpointIsJudgedByItsOwnPortAndTheClientsPod() {
    scene.apply(SERVICE.formatted("Cluster"));
    scene.answered(scene.place("client-1"), service(), BOTH);

    ingress(
        "web", "[{from: [{podSelector: {matchLabels: {app: client}}}], ports: [{port: http}]}]");
    for (int node : new int[] {1, 3}) {
      scene.dropped(scene.place("other-" + node), service());
      scene.answered(scene.place("client-" + node), service(), BOTH);
      scene.answered(scene.place("client-" + node), nodePort(node), BOTH);
    }

    ingress("web", "[{ports: [{port: 80}]}]");
    scene.dropped(scene.place("client-1"), service());
    scene.dropped(scene.place("client-3"), service());

    ingress("web", "[{ports: [{port: 8080}]}]");
    scene.answered(
        scene.place("client-3"), Target.tcp(scene.place("web-1").address(), 8080), Set.of("web-1"));
    scene.dropped(scene.place("client-3"), Target.tcp(scene.place("web-2").address(), 8081));
  }

  @Test
  void theEgressOfAClientIsJudgedByTheEndpointAndNotByTheService() {
    scene.apply(SERVICE.formatted("Cluster"));
    scene.answered(scene.place("client-3"), service(), BOTH);

    egress("client", "[{to: [{ipBlock: {cidr: %s/32}}]}]".formatted(scene.clusterIp("web")));
    scene.dropped(scene.place("client-1"), service());
    scene.dropped(scene.place("client-3"), service());
    scene.answered(scene.place("other-3"), service(), BOTH);

    egress("client", "[{to: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: http}]}]");
    scene.answered(scene.place("client-1"), service(), BOTH);
    scene.answered(scene.place("client-3"), service(), BOTH);
    scene.answered(scene.place("client-3"), nodePort(3), BOTH);
    // The port of another node is translated there; what leaves the pod is for that node.
    scene.dropped(scene.place("client-3"), nodePort(1));
  }

  @Test
  void aClientOutsideIsJudgedByItsOwnAddressWhereItIsKept() {
    scene.apply(SERVICE.formatted("Local"));
    Place east = cluster.outside(1);
    Place west = cluster.outside(2);
    scene.answered(east, nodePort(1), Set.of("web-1"));

    ingress("web", "[{from: [{ipBlock: {cidr: %s/32}}]}]".formatted(east.address()));
    scene.dropped(west, nodePort(1));
    scene.dropped(west, nodePort(2));
    scene.answers(east, nodePort(1), Set.of("web-1"), Set.of(east.address()));
    scene.answers(east, nodePort(2), Set.of("web-2"), Set.of(east.address()));

    ingress("web", "[]");
    scene.dropped(east, nodePort(1));
    scene.dropped(east, nodePort(2));
  }

  @Test
  void aClientOutsideIsJudgedByItsOwnAddressOnTheNodeOfItsEndpointEvenIfItIsTranslatedThere() {
    scene.apply(SERVICE.formatted("Cluster"));
    scene.deletePod("web-2");
    scene.answered(cluster.outside(1), nodePort(1), Set.of("web-1"));

    ingress("web", "[{from: [{ipBlock: {cidr: %s/32}}]}]".formatted(cluster.outside(1).address()));
    scene.dropped(cluster.outside(2), nodePort(1));
    scene.answers(
        cluster.outside(1), nodePort(1), Set.of("web-1"), Set.copyOf(cluster.gateways(1)));
  }

  @Test
  void aPodReachesItselfDirectlyAndByItsService() {
    scene.apply(SERVICE.formatted("Cluster"));
    scene.deletePod("web-2");
    ingress("web", "[]");
    scene.apply(
        POLICY.formatted("web", "Egress", "egress", "[]").replace("name: policy", "name: out"));
    scene.dropped(scene.place("other-1"), service());

    scene.answered(scene.place("web-1"), service(), Set.of("web-1"));
    scene.answered(scene.place("web-1"), nodePort(1), Set.of("web-1"));
    scene.answered(
        scene.place("web-1"), Target.tcp(scene.place("web-1").address(), 8080), Set.of("web-1"));
  }

  @Test
  void theNodeOfAPodProbesItAndNoOtherNodeDoes() {
    ingress("web", "[]");
    for (int node = 1; node <= 2; node++) {
      Target pod = Target.tcp(scene.place("web-" + node).address(), 8079 + node);
      scene.dropped(scene.place("other-3"), pod);
      scene.answered(cluster.node(node), pod, Set.of("web-" + node));
      scene.dropped(cluster.node(3), pod);
    }
    scene.deletePod("web-2");
    scene.apply(SERVICE.formatted("Cluster"));
    scene.answered(cluster.node(1), nodePort(1), Set.of("web-1"));
    scene.dropped(cluster.node(3), nodePort(3));
  }

  @Test
  void ofWhatIsWrongWithAPolicyAllAgentsKnowAndOneTells() {
    scene.apply(
        POLICY.formatted(
            "other",
            "Ingress",
            "ingress",
            "[{from: [{ipBlock: {cidr: fd00::/8}}]}, {from: [{}]}]"));
    String name = "wrong-" + scene.namespace();
    String guard =
        """
        apiVersion: policy.networking.k8s.io/v1alpha2
        kind: ClusterNetworkPolicy
        metadata: {name: %s}
        spec:
          tier: Admin
          priority: 999
          subject: {namespaces: {matchLabels: {nobody: has-it}}}
          egress: [{action: Accept, to: [{networks: [nowhere]}]}]
        """
            .formatted(name);
    scene.apply(guard);
    try {
      for (int node = 1; node <= 3; node++) {
        SandboxNode there = cluster.sandboxNode(node);
        await()
            .atMost(LIMIT)
            .untilAsserted(() ->
                assertThat(there.agent().get("/status").body())
                    .contains(scene.namespace() + "/policy", name, "InvalidPeer", "InvalidCidr"));
      }
      await()
          .atMost(LIMIT)
          .untilAsserted(() -> {
            assertThat(scene.events("policy"))
                .extracting(Event::getReason)
                .containsExactlyInAnyOrder("NoSuchFamily", "InvalidPeer");
            assertThat(condition(name))
                .containsEntry("type", "Accepted")
                .containsEntry("status", "False")
                .containsEntry("reason", "InvalidCidr");
          });

      // when it is mended, its status says so
      scene.apply(guard.replace("nowhere", "192.0.2.0/24"));
      await()
          .atMost(LIMIT)
          .untilAsserted(() -> assertThat(condition(name)).containsEntry("status", "True"));
    } finally {
      scene.delete(guard);
    }
  }

  private Map<String, Object> condition(String policy) {
    var object =
        view()
            .client()
            .genericKubernetesResources("policy.networking.k8s.io/v1alpha2", "ClusterNetworkPolicy")
            .withName(policy)
            .get();
    List<Map<String, Object>> conditions = object.get("status", "conditions");
    return conditions == null || conditions.isEmpty() ? Map.of() : conditions.getFirst();
  }
}
