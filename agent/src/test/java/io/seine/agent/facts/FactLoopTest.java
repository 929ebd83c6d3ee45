package io.seine.agent.facts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.seine.agent.kube.NodeInfo;
import io.seine.agent.kube.ObjectKey;
import io.seine.agent.kube.ObjectRef;
import io.seine.agent.kube.ServiceInfo;
import io.seine.agent.kube.SliceInfo;
import io.seine.agent.service.Given;
import io.seine.pipeline.Owner;
import io.seine.reconcile.Reconciler;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FactLoopTest {
  private static final Duration SOON = Duration.ofSeconds(10);
  private static final ObjectKey WEB = new ObjectKey("shop", "web");
  private static final Owner WEB_OWNER = new Owner.Service("shop", "web");

  private final TestLoop around = new TestLoop();
  private final FactLoop loop = around.loop;
  private final Reconciler reconciler = around.reconciler;

  @BeforeEach
  void startLoop() {
    loop.start();
  }

  @AfterEach
  void stopLoop() {
    around.close();
  }

  private static ServiceInfo service(ObjectKey key, String created, String address) {
    return Given.service(key, created, address, Given.port("", "TCP", 80));
  }

  private static SliceInfo slice(String... ready) {
    return Given.slice(WEB, "web-a", Given.target("", "TCP", 8080), ready);
  }

  /** Says that all of these is known, and all that only policies need. */
  private void sync(String... kinds) {
    for (String kind : kinds) {
      loop.synced(kind);
    }
    for (String kind : List.of("namespaces", "networkpolicies", "clusternetworkpolicies")) {
      loop.synced(kind);
    }
    loop.adopt(List.of());
  }

  @Test
  void shouldNotWishForAServiceBeforeItsSlicesAreKnown() {
    // given a service, and all services read, but not all slices
    loop.service(service(WEB, "1", "100.64.0.1"));
    sync("nodes", "services", "pods");
    await().atMost(SOON).until(() -> loop.counts().services() == 1);
    assertThat(reconciler.wanted()).isEmpty();
    assertThat(around.known).hasValue(0);

    // when the slices are known
    loop.slice(slice("10.96.0.4"));
    sync("endpointslices");

    // then it is wished for with its endpoint, and all is known, once
    await().atMost(SOON).until(() -> around.known.get() == 1);
    assertThat(reconciler.wanted()).containsOnlyKeys(WEB_OWNER);
    assertThat(reconciler.wanted().values().iterator().next().compile().groups())
        .singleElement()
        .satisfies(group -> assertThat(group.buckets()).hasSize(1));
  }

  @Test
  void shouldHandOverEveryServiceBeforeItSaysThatItHas() {
    loop.service(service(WEB, "1", "100.64.0.1"));
    loop.slice(slice("10.96.0.4"));
    sync("nodes", "services", "endpointslices", "pods");
    await().atMost(SOON).until(() -> around.known.get() == 1);
    loop.serviceGone(WEB);
    await().atMost(SOON).until(() -> around.sunk.contains("remove shop/web"));

    assertThat(around.sunk).containsExactly("put shop/web", "complete", "remove shop/web");
  }

  @Test
  void shouldWaitForTheNodesSinceTheZoneIsTheirs() {
    loop.service(service(WEB, "1", "100.64.0.1"));
    sync("services", "endpointslices", "pods");
    await().atMost(SOON).until(() -> loop.counts().services() == 1);
    assertThat(reconciler.wanted()).isEmpty();

    sync("nodes");
    await().atMost(SOON).until(() -> !reconciler.wanted().isEmpty());
  }

  @Test
  void shouldFollowPeersAndServicesThatGo() {
    sync("nodes", "services", "endpointslices", "pods");
    loop.service(service(WEB, "1", "100.64.0.1"));
    loop.node(
        new NodeInfo(
            ObjectRef.node("n2", "u"), "1", List.of("192.168.1.2"), List.of("10.96.1.0/24")));
    await().atMost(SOON).until(() -> around.peers.size() == 1 && reconciler.wanted().size() == 1);

    loop.serviceGone(WEB);
    loop.nodeGone("n2");

    await().atMost(SOON).until(() -> around.peers.isEmpty() && reconciler.wanted().isEmpty());
  }

  @Test
  void shouldWarnOfAProblemOnceAndTouchNothingElse() {
    ObjectKey late = new ObjectKey("shop", "late");
    sync("nodes", "services", "endpointslices", "pods");
    loop.service(service(WEB, "1", "100.64.0.1"));
    loop.service(service(late, "2", "100.64.0.1"));
    await().atMost(SOON).until(() -> loop.counts().problems() == 1);
    assertThat(loop.problems()).containsOnlyKeys(new Owner.Service("shop", "late"));

    loop.slice(slice("10.96.0.4"));
    loop.service(service(late, "3", "100.64.0.1"));
    await().atMost(SOON).until(() -> loop.counts().services() == 2);

    assertThat(around.warnings).containsExactly("shop/late ClusterIPConflict");
    assertThat(reconciler.wanted()).containsOnlyKeys(WEB_OWNER);
  }
}
