package io.seine.agent.facts;

import io.seine.agent.events.Conditions;
import io.seine.agent.events.Events;
import io.seine.agent.kube.Condition;
import io.seine.agent.kube.NodeInfo;
import io.seine.agent.kube.ObjectKey;
import io.seine.agent.kube.ObjectRef;
import io.seine.agent.kube.PodInfo;
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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** A fact loop of node {@code n1}, and all that it has told anyone. */
final class TestLoop implements AutoCloseable {
  static final LocalNode SELF =
      LocalNode.of(
          "n1",
          Ip.parse("192.168.1.1"),
          IpPrefix.parse("10.96.0.0/24"),
          List.of(IpPrefix.parse("100.64.0.0/16")));

  /** {@code shop/web ClusterIPConflict}. */
  final List<String> warnings = new CopyOnWriteArrayList<>();

  /** What the warnings said. */
  final List<String> messages = new CopyOnWriteArrayList<>();

  /** What was last to be written of each policy. */
  final Map<String, Condition> conditions = new ConcurrentHashMap<>();

  final Map<String, PeerNode> peers = new ConcurrentHashMap<>();

  /** {@code put shop/web}, {@code remove shop/web}, {@code complete}. */
  final List<String> sunk = new CopyOnWriteArrayList<>();

  final List<Set<PodId>> judgedAnew = new CopyOnWriteArrayList<>();

  /** How often it was said that all is known. */
  final AtomicInteger known = new AtomicInteger();

  final Reconciler reconciler;
  final FactLoop loop;

  TestLoop() {
    GroupIds ids = new GroupIds();
    reconciler = new Reconciler(ids, ReconcileListener.NONE);
    loop =
        new FactLoop(
            SELF,
            new Services(SELF, Given.DEFAULTS, List.of(), external -> Optional.empty()),
            false,
            new FactLoop.Outlets(
                reconciler,
                ids,
                new PeerMap(),
                new Sink(),
                new Warnings(),
                new Said(),
                new Latency(() -> 0)),
            new Known());
  }

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
      messages.add(message);
      warnings.add(object.key() + " " + reason);
    }
  }

  private final class Said implements Conditions {
    @Override
    public void write(ObjectRef object, Condition condition) {
      conditions.put(object.key().name(), condition);
    }

    @Override
    public void forget(ObjectRef object) {}
  }

  private final class Known implements FactLoop.Listener {
    @Override
    public void self(NodeInfo node) {}

    @Override
    public void pod(PodInfo pod) {}

    @Override
    public void podGone(ObjectKey key) {}

    @Override
    public void judgedAnew(Set<PodId> pods, Set<Owner> owners) {
      judgedAnew.add(pods);
    }

    @Override
    public void allKnown() {
      known.incrementAndGet();
    }
  }

  @Override
  public void close() {
    loop.close();
    reconciler.close();
  }
}
