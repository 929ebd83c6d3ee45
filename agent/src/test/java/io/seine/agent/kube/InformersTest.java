package io.seine.agent.kube;

import static io.seine.agent.kube.HeardObjects.soon;
import static io.seine.agent.kube.HeardObjects.soonGone;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.fabric8.kubernetes.client.server.mock.KubernetesCrudDispatcher;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.mockwebserver.Context;
import io.fabric8.mockwebserver.MockWebServer;
import io.fabric8.mockwebserver.http.MockResponse;
import io.fabric8.mockwebserver.http.RecordedRequest;
import io.seine.agent.config.ConfigException;
import io.seine.agent.config.ConfigReader;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Objects;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class InformersTest {
  private static final Duration SOON = Duration.ofSeconds(10);

  private static final Logger NOISE = Logger.getLogger("io.fabric8.mockwebserver");

  private static final String CLUSTER_POLICIES = "/apis/policy.networking.k8s.io/v1alpha2/";

  private static final ResourceDefinitionContext CLUSTER_POLICY =
      new ResourceDefinitionContext.Builder()
          .withGroup("policy.networking.k8s.io")
          .withVersion("v1alpha2")
          .withKind("ClusterNetworkPolicy")
          .withPlural("clusternetworkpolicies")
          .build();

  /** Whether the cluster does not define ClusterNetworkPolicy. */
  private volatile boolean undefined;

  private final KubernetesMockServer server =
      new KubernetesMockServer(
          new Context(),
          new MockWebServer(),
          new HashMap<>(),
          new KubernetesCrudDispatcher() {
            @Override
            public MockResponse dispatch(RecordedRequest request) {
              return undefined && request.getPath().startsWith(CLUSTER_POLICIES)
                  ? new MockResponse().setResponseCode(404).setBody("404 page not found")
                  : super.dispatch(request);
            }
          },
          false);
  private final HeardObjects heard = new HeardObjects();

  @BeforeEach
  void startServer() {
    NOISE.setLevel(Level.OFF);
    server.start();
  }

  @AfterEach
  void stopServer() {
    server.shutdown();
  }

  private static Service service(String name, String ip) {
    return new ServiceBuilder()
        .withNewMetadata()
        .withName(name)
        .withNamespace("shop")
        .endMetadata()
        .withNewSpec()
        .withClusterIP(ip)
        .addNewPort()
        .withName("http")
        .withPort(80)
        .endPort()
        .endSpec()
        .build();
  }

  /** As the agent does it. */
  private Api api() throws ApiException, ConfigException {
    String config =
        "nodeName: n1\nserviceCidrs: [100.64.0.0/16]\napiServer: http://127.0.0.1:"
            + server.getPort();
    return Api.connect(ConfigReader.parse("test", config, name -> ""), name -> "");
  }

  @Test
  void shouldHandOverWhatIsThereAndThenEveryChange() throws ApiException, ConfigException {
    try (KubernetesClient client = server.createClient();
        Api api = api()) {
      // given objects that are there before
      IntStream.range(0, 20)
          .forEach(i -> client.resource(service("s" + i, "100.64.0." + (i + 1))).create());
      client.resource(service("headless", "None")).create();
      client
          .resource(
              new NodeBuilder()
                  .withNewMetadata()
                  .withName("n1")
                  .endMetadata()
                  .withNewSpec()
                  .withPodCIDR("10.96.0.0/24")
                  .endSpec()
                  .withNewStatus()
                  .addNewAddress("192.168.1.1", "InternalIP")
                  .addNewAddress("n1", "Hostname")
                  .endStatus()
                  .build())
          .create();

      try (Informers informers = Informers.start(api, "n1", heard)) {
        await()
            .atMost(SOON)
            .untilAsserted(() ->
                assertThat(heard.synced).contains("nodes", "services", "endpointslices", "pods"));
        assertThat(heard.services).hasSize(21);
        assertThat(heard.services)
            .hasEntrySatisfying(
                new ObjectKey("shop", "headless"), s -> assertThat(s.clusterIps()).isEmpty());
        NodeInfo node = Objects.requireNonNull(heard.nodes.get("n1"));
        assertThat(node.podCidrs()).containsExactly("10.96.0.0/24");
        assertThat(node.internalAddresses()).containsExactly("192.168.1.1");

        // when objects come, change and go
        await()
            .atMost(SOON)
            .until(() -> informers.reports().stream().allMatch(InformerState.Report::synced));
        client.resource(service("new", "100.64.1.1")).create();
        client
            .resource(
                new EndpointSliceBuilder()
                    .withNewMetadata()
                    .withName("new-a")
                    .withNamespace("shop")
                    .addToLabels("kubernetes.io/service-name", "new")
                    .endMetadata()
                    .withAddressType("IPv4")
                    .addNewPort()
                    .withName("http")
                    .withPort(8080)
                    .endPort()
                    .addNewEndpoint()
                    .withAddresses("10.96.0.4")
                    .endEndpoint()
                    .addNewEndpoint()
                    .withAddresses("10.96.0.5")
                    .withNewConditions()
                    .withReady(false)
                    .endConditions()
                    .endEndpoint()
                    .build())
            .create();
        client.services().inNamespace("shop").withName("s3").delete();

        // then each is heard of
        await()
            .atMost(SOON)
            .untilAsserted(() -> {
              assertThat(heard.services)
                  .containsKey(new ObjectKey("shop", "new"))
                  .doesNotContainKey(new ObjectKey("shop", "s3"));
              assertThat(heard.slices.values())
                  .singleElement()
                  .satisfies(s -> {
                    assertThat(s.service()).isEqualTo(new ObjectKey("shop", "new"));
                    assertThat(s.endpoints())
                        .extracting(SliceInfo.Endpoint::address, SliceInfo.Endpoint::condition)
                        .containsExactly(
                            tuple("10.96.0.4", SliceInfo.Condition.READY),
                            tuple("10.96.0.5", SliceInfo.Condition.UNUSED));
                    assertThat(s.ports()).containsExactly(new SliceInfo.Port("http", "TCP", 8080));
                  });
            });
      }
    }
  }

  private static void apply(KubernetesClient client, String yaml) {
    client.load(new ByteArrayInputStream(yaml.getBytes(StandardCharsets.UTF_8))).items().stream()
        .map(object ->
            object instanceof GenericKubernetesResource policy
                ? client.genericKubernetesResources(CLUSTER_POLICY).resource(policy)
                : client.resource(object))
        .forEach(resource -> {
          if (resource.get() == null) {
            resource.create();
          } else {
            resource.update();
          }
        });
  }

  private static String pod(String name, String node, String address, String label) {
    return """
    apiVersion: v1
    kind: Pod
    metadata: {name: %s, namespace: shop, labels: {app: %s}}
    spec: {nodeName: %s}
    status: {phase: Running, podIP: %s}
    """
        .formatted(name, label, node, address);
  }

  private static String clusterPolicy(int priority) {
    return """
    apiVersion: policy.networking.k8s.io/v1alpha2
    kind: ClusterNetworkPolicy
    metadata: {name: guard}
    spec: {tier: Admin, priority: %d, subject: {namespaces: {}}}
    """
        .formatted(priority);
  }

  private void awaitSynced() {
    await()
        .atMost(SOON)
        .untilAsserted(() ->
            assertThat(heard.synced)
                .contains("pods", "namespaces", "networkpolicies", "clusternetworkpolicies"));
  }

  @Test
  void shouldFollowPoliciesAndWhatTheySelectBy() throws ApiException, ConfigException {
    String namespace =
        """
        apiVersion: v1
        kind: Namespace
        metadata: {name: shop, labels: {team: %s}}
        """;
    String policy =
        """
        apiVersion: networking.k8s.io/v1
        kind: NetworkPolicy
        metadata: {name: web, namespace: shop}
        spec: {podSelector: {}, policyTypes: [%s]}
        """;
    ObjectKey web = new ObjectKey("shop", "web");
    ObjectKey far = new ObjectKey("shop", "far");
    try (KubernetesClient client = server.createClient();
        Api api = api()) {
      // given one of each
      apply(client, namespace.formatted("a"));
      apply(client, policy.formatted("Ingress"));
      apply(client, clusterPolicy(1));
      apply(client, pod("near", "n1", "10.96.0.4", "x"));
      apply(client, pod("far", "n2", "10.96.1.4", "x"));

      try (Informers informers = Informers.start(api, "n1", heard)) {
        awaitSynced();
        assertThat(heard.pods.keySet())
            .containsExactlyInAnyOrder(new ObjectKey("shop", "near"), far);
        assertThat(heard.namespaces).containsKey("shop");
        assertThat(heard.networkPolicies).containsKey(web);
        assertThat(heard.clusterPolicies).containsKey("guard");

        // when each changes
        apply(client, namespace.formatted("b"));
        apply(client, policy.formatted("Egress"));
        apply(client, clusterPolicy(7));
        apply(client, pod("far", "n2", "10.96.1.4", "y"));

        // then it is heard of
        soon(heard.namespaces, "shop", n -> assertThat(n.labels()).containsEntry("team", "b"));
        soon(heard.networkPolicies, web, p -> assertThat(p.egress()).isTrue());
        soon(heard.clusterPolicies, "guard", p -> assertThat(p.priority()).isEqualTo(7));
        soon(heard.pods, far, p -> assertThat(p.labels()).containsEntry("app", "y"));

        // when a pod of another node ends
        apply(
            client,
            pod("far", "n2", "10.96.1.4", "y").replace("phase: Running", "phase: Succeeded"));
        // then it is nobody's peer any more
        soonGone(heard.pods, far);

        // and when the rest goes
        client.namespaces().withName("shop").delete();
        client.network().v1().networkPolicies().inNamespace("shop").withName("web").delete();
        client.genericKubernetesResources(CLUSTER_POLICY).withName("guard").delete();
        soonGone(heard.namespaces, "shop");
        soonGone(heard.networkPolicies, web);
        soonGone(heard.clusterPolicies, "guard");
        assertThat(informers.reports()).allMatch(InformerState.Report::synced);
      }
    }
  }

  @Test
  void shouldTakeAClusterThatDoesNotDefineClusterPoliciesForOneWithoutAny()
      throws ApiException, ConfigException, InterruptedException {
    undefined = true;
    try (KubernetesClient client = server.createClient();
        Api api = api()) {
      assertThat(api.clusterPolicies()).isEmpty();

      try (Informers informers = Informers.start(api, "n1", heard)) {
        awaitSynced();
        assertThat(heard.clusterPolicies).isEmpty();
        assertThat(informers.reports()).allMatch(report -> report.error().isEmpty());

        // when the definition is applied, and a policy
        undefined = false;
        apply(client, clusterPolicy(3));

        // then it is found without a restart
        soon(heard.clusterPolicies, "guard", p -> assertThat(p.priority()).isEqualTo(3));
      }
    }
  }

  @Test
  void shouldReadSingleObjectsAndWholeKinds()
      throws ApiException, ConfigException, InterruptedException {
    try (KubernetesClient client = server.createClient();
        Api api = api()) {
      apply(client, pod("near", "n1", "10.96.0.4", "x"));
      apply(client, "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}");

      assertThat(api.pod(new ObjectKey("shop", "near")).orElseThrow().address())
          .isEqualTo("10.96.0.4");
      assertThat(api.pod(new ObjectKey("shop", "other"))).isEmpty();
      assertThat(api.namespace("shop").orElseThrow().labels())
          .containsEntry("kubernetes.io/metadata.name", "shop");
      assertThat(api.namespace("other")).isEmpty();
      assertThat(api.pods("n2")).hasSize(1);
      assertThat(api.namespaces()).hasSize(1);
      assertThat(api.networkPolicies()).isEmpty();
      assertThat(api.clusterPolicies()).isEmpty();
    }
  }

  @Test
  void shouldKeepTryingWhileTheServerIsAway() throws ApiException, ConfigException {
    try (Api api = api()) {
      server.shutdown();

      try (Informers informers = Informers.start(api, "n1", heard)) {
        await()
            .atMost(SOON)
            .untilAsserted(() ->
                assertThat(informers.reports())
                    .allSatisfy(r -> assertThat(r.error()).contains("GET ")));
        assertThat(heard.synced).isEmpty();
      }
    }
  }
}
