package io.seine.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Pod;
import io.seine.sandbox.PacketProber.Attempt;
import io.seine.sandbox.PacketProber.Listener;
import io.seine.sandbox.PacketProber.Transport;
import io.seine.sandbox.control.Pods;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The tenancy scenario on a cluster whose namespaces are isolated by default: traffic inside a
 * namespace passes, from the other one and from outside the cluster it does not, egress to outside
 * does; what is allowed explicitly does too.
 */
@Tag("system")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@ExtendWith(Diagnostics.class)
class PolicyIsolationTest implements Diagnostics.OnSandbox {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Duration ANSWER = Duration.ofMillis(400);
  private static final List<String> PODS =
      List.of("ns-dev/wordpress", "ns-dev/wordpress-mysql", "ns-prod/nginx-local");
  private static final String OUTSIDE = "outside";
  private final Map<String, Place> places = new HashMap<>();
  private ServiceCluster cluster = unset();

  @SuppressWarnings("NullAway")
  private static ServiceCluster unset() {
    return null;
  }

  @Override
  public SandboxView view() {
    return cluster.view();
  }

  @BeforeAll
  void up() {
    cluster = ServiceCluster.ofOneNode(Map.of("isolateNamespaces", true));
    var _ = Manifests.apply(view().client(), Scenarios.text("namespaces.yaml"));
    for (String name : PODS) {
      String[] key = name.split("/", 2);
      var pod = view().client().pods().inNamespace(key[0]).withName(key[1]);
      await().atMost(LIMIT).until(() -> Pods.isReady(pod.get()));
      Pod ready = pod.get();
      places.put(name, new Place(name, view().pod(ready), Pods.addresses(ready)));
    }
    Place outside = cluster.outside(1);
    cluster.route(outside, cluster.sandboxNode(1).podCidr(), 1);
    places.put(OUTSIDE, outside);
  }

  @AfterAll
  void down() {
    cluster.close();
  }

  @Test
  void onlyTheOwnNamespaceGetsInAndEveryoneGetsOut() {
    assertReaches(
        Set.of(
            "ns-dev/wordpress > ns-dev/wordpress-mysql",
            "ns-dev/wordpress-mysql > ns-dev/wordpress",
            "ns-dev/wordpress > outside",
            "ns-dev/wordpress-mysql > outside",
            "ns-prod/nginx-local > outside"));
  }

  @Test
  void aPolicyOrALabelOpensANamespace() {
    String policy =
        """
        apiVersion: networking.k8s.io/v1
        kind: NetworkPolicy
        metadata: {name: shop, namespace: ns-dev}
        spec:
          podSelector: {matchLabels: {app: wordpress}}
          ingress: [{ports: [{port: 80}]}]
        """;
    String namespace =
        """
        apiVersion: v1
        kind: Namespace
        metadata: {name: ns-prod, labels: {%s}}
        """;
    Set<String> usual =
        Set.of(
            "ns-dev/wordpress > ns-dev/wordpress-mysql",
            "ns-dev/wordpress-mysql > ns-dev/wordpress",
            "ns-dev/wordpress > outside",
            "ns-dev/wordpress-mysql > outside",
            "ns-prod/nginx-local > outside");
    Set<String> shop = new HashSet<>(usual);
    shop.add("ns-prod/nginx-local > ns-dev/wordpress");
    shop.add("outside > ns-dev/wordpress");
    Set<String> open = new HashSet<>(shop);
    open.add("ns-dev/wordpress > ns-prod/nginx-local");
    open.add("ns-dev/wordpress-mysql > ns-prod/nginx-local");
    open.add("outside > ns-prod/nginx-local");
    try {
      var _ = Manifests.apply(view().client(), policy);
      assertReaches(shop);
      var _ = Manifests.apply(view().client(), namespace.formatted("seine.io/isolation: disabled"));
      assertReaches(open);
    } finally {
      var _ = Manifests.delete(view().client(), policy);
      var _ = Manifests.apply(view().client(), namespace.formatted(""));
    }
    assertReaches(usual);
  }

  private void assertReaches(Set<String> expected) {
    try (PacketProber prober = new PacketProber()) {
      Map<Attempt, String> attempts = new HashMap<>();
      places.forEach((from, source) ->
          places.forEach((to, destination) -> {
            if (!from.equals(to)) {
              attempts.put(tcp80(source, destination), from + " > " + to);
            }
          }));
      await()
          .atMost(LIMIT)
          .untilAsserted(() -> {
            Set<String> reached = new HashSet<>();
            prober
                .reaching(attempts.keySet(), ANSWER)
                .forEach(attempt -> reached.add(attempts.getOrDefault(attempt, "")));
            assertThat(reached).isEqualTo(expected);
          });
    }
  }

  private static Attempt tcp80(Place from, Place to) {
    return new Attempt(
        from.namespace(),
        Set.of(new Listener(to.namespace(), Transport.TCP, 80)),
        to.address(),
        Transport.TCP,
        80);
  }
}
