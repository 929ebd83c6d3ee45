package io.seine.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.seine.agent.kube.Api;
import io.seine.agent.kube.ClusterPolicyInfo;
import io.seine.agent.kube.Informers;
import io.seine.agent.kube.NamespaceInfo;
import io.seine.agent.kube.NetworkPolicyInfo;
import io.seine.agent.kube.NodeInfo;
import io.seine.agent.kube.ObjectKey;
import io.seine.agent.kube.PodInfo;
import io.seine.agent.kube.PolicyOptions;
import io.seine.agent.kube.ServiceInfo;
import io.seine.agent.kube.SliceInfo;
import io.seine.sandbox.api.EmbeddedApiServer;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is applied to the sandbox's API server reaches agents, by their own reading of it. */
class PolicyReadingTest {
  private static final Duration SOON = Duration.ofSeconds(10);
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

  private final Heard heard = new Heard();
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

  private static <K, V> void soon(Map<K, V> all, K key, Consumer<V> check) {
    await().atMost(SOON).untilAsserted(() -> assertThat(all).hasEntrySatisfying(key, check));
  }

  private static <K> void soonGone(Map<K, ?> all, K key) {
    await().atMost(SOON).untilAsserted(() -> assertThat(all).doesNotContainKey(key));
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

  /** Remembers the last it heard of each object that policies go by. */
  private static final class Heard implements Informers.Listener {
    final Map<ObjectKey, PodInfo> pods = new ConcurrentHashMap<>();
    final Map<String, NamespaceInfo> namespaces = new ConcurrentHashMap<>();
    final Map<ObjectKey, NetworkPolicyInfo> networkPolicies = new ConcurrentHashMap<>();
    final Map<String, ClusterPolicyInfo> clusterPolicies = new ConcurrentHashMap<>();
    final Set<String> synced = ConcurrentHashMap.newKeySet();

    @Override
    public void node(NodeInfo node) {}

    @Override
    public void nodeGone(String name) {}

    @Override
    public void service(ServiceInfo service) {}

    @Override
    public void serviceGone(ObjectKey key) {}

    @Override
    public void slice(SliceInfo slice) {}

    @Override
    public void sliceGone(ObjectKey key) {}

    @Override
    public void pod(PodInfo pod) {
      pods.put(pod.key(), pod);
    }

    @Override
    public void podGone(ObjectKey key) {
      pods.remove(key);
    }

    @Override
    public void namespace(NamespaceInfo namespace) {
      namespaces.put(namespace.name(), namespace);
    }

    @Override
    public void namespaceGone(String name) {
      namespaces.remove(name);
    }

    @Override
    public void networkPolicy(NetworkPolicyInfo policy) {
      networkPolicies.put(policy.key(), policy);
    }

    @Override
    public void networkPolicyGone(ObjectKey key) {
      networkPolicies.remove(key);
    }

    @Override
    public void clusterPolicy(ClusterPolicyInfo policy) {
      clusterPolicies.put(policy.name(), policy);
    }

    @Override
    public void clusterPolicyGone(String name) {
      clusterPolicies.remove(name);
    }

    @Override
    public void synced(String kind) {
      synced.add(kind);
    }
  }
}
