package io.seine.agent.facts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.seine.agent.events.Events;
import io.seine.agent.kube.NodeInfo;
import io.seine.agent.kube.ObjectKey;
import io.seine.agent.kube.ObjectRef;
import io.seine.agent.kube.PodInfo;
import io.seine.agent.kube.ServiceInfo;
import io.seine.agent.kube.SliceInfo;
import io.seine.agent.service.Given;
import io.seine.agent.service.Services;
import io.seine.agent.service.Translation;
import io.seine.openflow.Ip;
import io.seine.openflow.IpPrefix;
import io.seine.pipeline.GroupIds;
import io.seine.pipeline.LocalNode;
import io.seine.pipeline.Owner;
import io.seine.pipeline.PeerNode;
import io.seine.pipeline.policy.PodId;
import io.seine.reconcile.ReconcileListener;
import io.seine.reconcile.Reconciler;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FactLoopTest {
  private static final Duration SOON = Duration.ofSeconds(10);
  private static final LocalNode SELF =
      LocalNode.of(
          "n1",
          Ip.parse("192.168.1.1"),
          IpPrefix.parse("10.96.0.0/24"),
          List.of(IpPrefix.parse("100.64.0.0/16")));
  private static final ObjectKey WEB = new ObjectKey("shop", "web");
  private static final Owner WEB_OWNER = new Owner.Service("shop", "web");

  private final GroupIds ids = new GroupIds();
  private final Reconciler reconciler = new Reconciler(ids, ReconcileListener.NONE);
  private final Map<String, PeerNode> peers = new ConcurrentHashMap<>();
  private final List<String> warnings = new CopyOnWriteArrayList<>();
  private final List<String> sunk = new CopyOnWriteArrayList<>();
  private final AtomicInteger known = new AtomicInteger();
  private final FactLoop loop =
      new FactLoop(
          SELF,
          new Services(SELF, Given.DEFAULTS, List.of(), external -> Optional.empty()),
          false,
          new FactLoop.Outlets(
              reconciler, ids, new PeerMap(), new Sink(), new Warnings(), new Latency(() -> 0)),
          new Known());

  private final class Sink implements ServiceSink {
    @Override
    public void put(ObjectRef service, Translation translation) {
      sunk.add("put " + service.key());
    }

    @Override
    public void remove(ObjectKey service) {
      sunk.add("remove " + service);
    }

    @Override
    public void complete() {
      sunk.add("complete");
    }
  }

  private final class PeerMap implements Peers {
    @Override
    public void put(PeerNode peer) {
      peers.put(peer.name(), peer);
    }

    @Override
    public void remove(String name) {
      peers.remove(name);
    }
  }

  private final class Warnings implements Events {
    @Override
    public void normal(ObjectRef object, String reason, String message) {}

    @Override
    public void warning(ObjectRef object, String reason, String message) {
      warnings.add(object.key() + " " + reason);
    }
  }

  private final class Known implements FactLoop.Listener {
    @Override
    public void self(NodeInfo node) {}

    @Override
    public void pod(PodInfo pod) {}

    @Override
    public void podGone(ObjectKey key) {}

    @Override
    public void judgedAnew(Set<PodId> pods, Set<Owner> owners) {}

    @Override
    public void allKnown() {
      known.incrementAndGet();
    }
  }

  @BeforeEach
  void startLoop() {
    loop.start();
  }

  @AfterEach
  void stopLoop() {
    loop.close();
    reconciler.close();
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
    assertThat(known).hasValue(0);

    // when the slices are known
    loop.slice(slice("10.96.0.4"));
    sync("endpointslices");

    // then it is wished for with its endpoint, and all is known, once
    await().atMost(SOON).until(() -> known.get() == 1);
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
    await().atMost(SOON).until(() -> known.get() == 1);
    loop.serviceGone(WEB);
    await().atMost(SOON).until(() -> sunk.contains("remove shop/web"));

    assertThat(sunk).containsExactly("put shop/web", "complete", "remove shop/web");
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
    await().atMost(SOON).until(() -> peers.size() == 1 && reconciler.wanted().size() == 1);

    loop.serviceGone(WEB);
    loop.nodeGone("n2");

    await().atMost(SOON).until(() -> peers.isEmpty() && reconciler.wanted().isEmpty());
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

    assertThat(warnings).containsExactly("shop/late ClusterIPConflict");
    assertThat(reconciler.wanted()).containsOnlyKeys(WEB_OWNER);
  }
}
