package io.seine.sandbox;

import static io.seine.agent.kube.HeardObjects.soon;
import static io.seine.agent.kube.HeardObjects.soonGone;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.seine.agent.kube.Api;
import io.seine.agent.kube.ApiException;
import io.seine.agent.kube.Condition;
import io.seine.agent.kube.HeardObjects;
import io.seine.agent.kube.Informers;
import io.seine.agent.kube.ObjectKey;
import io.seine.agent.kube.ObjectRef;
import io.seine.agent.kube.PolicyOptions;
import io.seine.sandbox.api.EmbeddedApiServer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is applied to the sandbox's API server reaches agents, by their own reading of it. */
class PolicyReadingTest {
  private static final Duration SOON = Duration.ofSeconds(10);
  private static final String TIME = "2026-01-02T03:04:05Z";
  private static final ObjectKey WEB = new ObjectKey("team", "web");
  private static final ObjectKey DENY = new ObjectKey("team", "deny");

  private static final String NAMESPACE =
      """
      apiVersion: v1
      kind: Namespace
      metadata: {name: team, labels: {%s}}
      """;
  private static final String POD =
      """
      apiVersion: v1
      kind: Pod
      metadata: {name: web, namespace: team, labels: {%s}}
      spec: {nodeName: node-2, containers: [{name: web, image: web}]}
      """;
  private static final String NETWORK_POLICY =
      """
      apiVersion: networking.k8s.io/v1
      kind: NetworkPolicy
      metadata: {name: deny, namespace: team%s}
      spec: {podSelector: {}, policyTypes: [%s]}
      """;
  private static final String CLUSTER_POLICY =
      """
      apiVersion: policy.networking.k8s.io/v1alpha2
      kind: ClusterNetworkPolicy
      metadata: {name: guard}
      spec:
        tier: %s
        priority: 5
        subject: {namespaces: {}}
        egress: [{action: Deny, to: [{networks: [192.0.2.0/24]}]}]
      """;

  private final HeardObjects heard = new HeardObjects();
  private EmbeddedApiServer server;
  private KubernetesClient client;
  private Api api;
  private Informers informers;

  @BeforeEach
  void start() {
    QuietLogging.use();
    server = EmbeddedApiServer.start();
    client = EmbeddedApiServer.client(server.url());
    api = new Api(EmbeddedApiServer.client(server.url()));
    informers = Informers.start(api, "node-2", heard);
    await()
        .atMost(SOON)
        .until(() ->
            heard.synced.containsAll(
                Set.of("pods", "namespaces", "networkpolicies", "clusternetworkpolicies")));
  }

  @AfterEach
  void stop() {
    informers.close();
    api.close();
    client.close();
    server.close();
  }

  private void apply(String manifest) {
    assertThat(Manifests.apply(client, manifest)).hasSize(1);
  }

  private void delete(String manifest) {
    assertThat(Manifests.delete(client, manifest)).singleElement().asString().endsWith("deleted");
  }

  @Test
  void labelsOfNamespacesAndPodsChangeByApplying() {
    apply(NAMESPACE.formatted("tenant: one, stage: test"));
    apply(POD.formatted("app: web"));
    soon(heard.namespaces, "team", n -> assertThat(n.labels()).containsEntry("tenant", "one"));
    soon(heard.pods, WEB, p -> assertThat(p.labels()).containsOnlyKeys("app"));

    // when one label is another and one is left out
    apply(NAMESPACE.formatted("tenant: two"));
    apply(POD.formatted("app: api, tier: back"));

    soon(
        heard.namespaces,
        "team",
        n ->
            assertThat(n.labels())
                .containsOnly(
                    Map.entry("kubernetes.io/metadata.name", "team"), Map.entry("tenant", "two")));
    soon(
        heard.pods,
        WEB,
        p -> assertThat(p.labels()).isEqualTo(Map.of("app", "api", "tier", "back")));

    delete(POD.formatted("app: api"));
    delete(NAMESPACE.formatted(""));
    soonGone(heard.pods, WEB);
    soonGone(heard.namespaces, "team");
  }

  @Test
  void networkPoliciesAreFollowed() {
    apply(NETWORK_POLICY.formatted(", annotations: {seine.io/dry-run: 'true'}", "Ingress"));
    soon(
        heard.networkPolicies,
        DENY,
        p -> assertThat(p.options()).isEqualTo(new PolicyOptions("true", "")));

    apply(NETWORK_POLICY.formatted("", "Egress"));
    soon(
        heard.networkPolicies,
        DENY,
        p -> {
          assertThat(p.options()).isEqualTo(PolicyOptions.NONE);
          assertThat(p.ingress()).isFalse();
          assertThat(p.egress()).isTrue();
        });

    delete(NETWORK_POLICY.formatted("", "Egress"));
    soonGone(heard.networkPolicies, DENY);
  }

  @Test
  void clusterPoliciesAreFollowed() {
    apply(CLUSTER_POLICY.formatted("Admin"));
    soon(
        heard.clusterPolicies,
        "guard",
        p -> {
          assertThat(p.tier()).isEqualTo("Admin");
          assertThat(p.egressRules()).hasSize(1);
        });

    apply(CLUSTER_POLICY.formatted("Baseline"));
    soon(heard.clusterPolicies, "guard", p -> assertThat(p.tier()).isEqualTo("Baseline"));

    delete(CLUSTER_POLICY.formatted("Baseline"));
    soonGone(heard.clusterPolicies, "guard");
  }

  @Test
  void aConditionIsAppliedBesideThoseOfOthers() throws Exception {
    apply(CLUSTER_POLICY.formatted("Admin"));
    soon(heard.clusterPolicies, "guard", p -> assertThat(p.status().accepted()).isEmpty());
    ObjectRef guard = Objects.requireNonNull(heard.clusterPolicies.get("guard")).ref();
    Condition no = new Condition("Accepted", "False", "InvalidCidr", "no", 1, TIME);
    Condition yes = new Condition("Accepted", "True", "Accepted", "yes", 2, TIME);

    api.apply(guard, new Condition("Others", "True", "Because", "theirs", 1, TIME));
    api.apply(guard, no);
    soon(heard.clusterPolicies, "guard", p -> assertThat(p.status().accepted()).contains(no));
    api.apply(guard, yes);
    soon(
        heard.clusterPolicies,
        "guard",
        p -> {
          assertThat(p.status().accepted()).contains(yes);
          assertThat(p.egressRules()).hasSize(1);
        });
    assertThat(conditionTypes()).containsExactlyInAnyOrder("Others", "Accepted");

    // of a policy that is gone, and of a namesake, there is nothing to say
    ObjectRef other = new ObjectRef(guard.apiVersion(), guard.kind(), guard.key(), "other-uid");
    assertThatThrownBy(() -> api.apply(other, no))
        .isInstanceOfSatisfying(ApiException.class, e -> assertThat(e.refersToNothing()).isTrue());
    delete(CLUSTER_POLICY.formatted("Admin"));
    assertThatThrownBy(() -> api.apply(guard, no))
        .isInstanceOfSatisfying(ApiException.class, e -> assertThat(e.refersToNothing()).isTrue());
  }

  private List<String> conditionTypes() {
    var guard =
        client
            .genericKubernetesResources("policy.networking.k8s.io/v1alpha2", "ClusterNetworkPolicy")
            .withName("guard")
            .get();
    List<Map<String, Object>> conditions = guard.get("status", "conditions");
    return conditions.stream().map(c -> String.valueOf(c.get("type"))).toList();
  }
}
