package io.seine.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.seine.sandbox.api.EmbeddedApiServer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Manifests of policies on the embedded API server. */
class ManifestsTest {
  private static final String CLUSTER_POLICY =
      """
      apiVersion: policy.networking.k8s.io/v1alpha2
      kind: ClusterNetworkPolicy
      metadata: {name: guard}
      spec:
        tier: Admin
        priority: %d
        subject: {namespaces: {}}
        ingress:
        - {name: none, action: Deny, from: [{namespaces: {matchLabels: {tenant: other}}}]}
      """;
  private EmbeddedApiServer server;
  private KubernetesClient client;

  @BeforeEach
  void start() {
    QuietLogging.use();
    server = EmbeddedApiServer.start();
    client = EmbeddedApiServer.client(server.url());
  }

  @AfterEach
  void end() {
    client.close();
    server.close();
  }

  @Test
  void aClusterWidePolicyIsInNoNamespaceAndIsChangedAndDeletedLikeAnyObject() {
    assertThat(Manifests.apply(client, CLUSTER_POLICY.formatted(1), "elsewhere"))
        .containsExactly("clusternetworkpolicy/guard created");
    assertThat(Manifests.apply(client, CLUSTER_POLICY.formatted(7), "elsewhere"))
        .containsExactly("clusternetworkpolicy/guard configured");

    List<GenericKubernetesResource> all = clusterPolicies();
    assertThat(all).hasSize(1);
    assertThat(all.getFirst().getMetadata().getNamespace()).isNull();
    assertThat(all.getFirst().<Integer>get("spec", "priority")).isEqualTo(7);

    assertThat(Manifests.delete(client, CLUSTER_POLICY.formatted(7), "elsewhere"))
        .containsExactly("clusternetworkpolicy/guard deleted");
    assertThat(clusterPolicies()).isEmpty();
  }

  @Test
  void aNamespaceAlwaysHasTheLabelWithItsName() {
    String namespace =
        """
        apiVersion: v1
        kind: Namespace
        metadata: {name: team, labels: {%s}}
        """;
    var _ = Manifests.apply(client, namespace.formatted("tenant: one"));
    assertThat(labels())
        .containsOnly(entry("kubernetes.io/metadata.name", "team"), entry("tenant", "one"));

    var _ = Manifests.apply(client, namespace.formatted("stage: two"));
    assertThat(labels())
        .containsOnly(entry("kubernetes.io/metadata.name", "team"), entry("stage", "two"));
  }

  private Map<String, String> labels() {
    return client.namespaces().withName("team").get().getMetadata().getLabels();
  }

  private List<GenericKubernetesResource> clusterPolicies() {
    return client
        .genericKubernetesResources("policy.networking.k8s.io/v1alpha2", "ClusterNetworkPolicy")
        .list()
        .getItems();
  }
}
