package io.seine.agent.facts;

import io.seine.agent.events.Events;
import io.seine.agent.events.Problem;
import io.seine.agent.kube.ClusterPolicyInfo;
import io.seine.agent.kube.Informers;
import io.seine.agent.kube.NamespaceInfo;
import io.seine.agent.kube.NetworkPolicyInfo;
import io.seine.agent.kube.NodeInfo;
import io.seine.agent.kube.ObjectKey;
import io.seine.agent.kube.PodInfo;
import io.seine.agent.kube.ServiceInfo;
import io.seine.agent.kube.SliceInfo;
import io.seine.agent.node.Nodes;
import io.seine.agent.service.Services;
import io.seine.openflow.Ip;
import io.seine.pipeline.GroupIds;
import io.seine.pipeline.LocalNode;
import io.seine.pipeline.Owner;
import io.seine.pipeline.PeerNode;
import io.seine.reconcile.Reconciler;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Owns the facts about nodes and services. Informers put changes into its inbox; its one thread
 * takes them out, finds the services and peers concerned, translates each anew, and wishes the
 * outcome from the reconciler:
 *
 * <pre>
 *   informers --change--> inbox --> Services, Nodes --concerned--> translate --> reconciler, peers
 * </pre>
 *
 * <p>Nothing is wished before its whole kind is known: a service without the slices that the API
 * has yet to hand over would take its endpoints out of a switch that an earlier run left serving.
 */
public final class FactLoop implements Informers.Listener, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(FactLoop.class);
  private static final int INBOX = 1024;

  /** What the loop tells, on its own thread. */
  public interface Listener {
    /** This node's own object is there or has changed. */
    void self(NodeInfo node);

    /** A pod of this node is there, or has changed. */
    void pod(PodInfo pod);

    void podGone(ObjectKey key);

    /** Everything that the API had has been wished. Once. */
    void allKnown();
  }

  /**
   * How many there are.
   *
   * @param leftAlone services that another proxy serves
   * @param problems objects with a problem
   */
  public record Counts(int services, int leftAlone, int peers, int problems) {}

  private enum Source {
    NODES,
    SERVICES,
    ENDPOINTSLICES,
    PODS
  }

  /** A service's endpoints depend on this node's zone, its addresses on who has which. */
  private static final Set<Source> SERVICES_NEED =
      EnumSet.of(Source.NODES, Source.SERVICES, Source.ENDPOINTSLICES);

  private record Change(Runnable apply, long arrival) {}

  private final LocalNode self;
  private final Peers peers;
  private final Events events;
  private final Listener listener;
  private final Latency latency;
  private final BlockingQueue<Change> inbox = new ArrayBlockingQueue<>(INBOX);
  private final Thread thread = Thread.ofVirtual().name("facts").unstarted(this::run);

  // Used by the thread only.
  private final ServiceFacts services;
  private final Nodes nodes;
  private final Set<Source> synced = EnumSet.noneOf(Source.class);
  private boolean told;

  private final ProblemReports problems;
  private volatile Counts counts = new Counts(0, 0, 0, 0);

  /**
   * @param services empty; only this loop's thread uses it from now on
   */
  public FactLoop(
      LocalNode self,
      Services services,
      ServiceSink sink,
      Reconciler reconciler,
      GroupIds groupIds,
      Peers peers,
      Events events,
      Listener listener,
      Latency latency) {
    this.self = self;
    this.peers = peers;
    this.events = events;
    this.listener = listener;
    this.latency = latency;
    this.nodes = new Nodes(self);
    this.problems = new ProblemReports(events);
    this.services =
        new ServiceFacts(services, sink, reconciler, groupIds, latency, problems::report);
  }

  public void start() {
    thread.start();
  }

  public Counts counts() {
    return counts;
  }

  /** What is wrong with which object now, by owner; any thread may ask. */
  public Map<Owner, List<Problem>> problems() {
    return problems.all();
  }

  /** Says whether the switch can put another port into an SCTP packet; until then it can. */
  public void sctpPorts(boolean rewritten) {
    post(() -> services.known().sctpPorts(rewritten));
  }

  /** This node's own addresses are these from now on. */
  public void addresses(Collection<Ip> own) {
    post(() -> services.known().addresses(own));
  }

  /** Stops the thread; changes that wait in the inbox are not looked at any more. */
  @Override
  public void close() {
    thread.interrupt();
  }

  @Override
  public void node(NodeInfo node) {
    post(() -> {
      if (node.name().equals(self.name())) {
        listener.self(node);
      }
      nodes.put(node);
      services.known().put(node);
    });
  }

  @Override
  public void nodeGone(String name) {
    post(() -> {
      nodes.remove(name);
      services.known().removeNode(name);
    });
  }

  @Override
  public void service(ServiceInfo service) {
    post(() -> services.known().put(service));
  }

  @Override
  public void serviceGone(ObjectKey key) {
    post(() -> services.known().removeService(key));
  }

  @Override
  public void slice(SliceInfo slice) {
    post(() -> services.known().put(slice));
  }

  @Override
  public void sliceGone(ObjectKey key) {
    post(() -> services.known().removeSlice(key));
  }

  @Override
  public void pod(PodInfo pod) {
    if (pod.node().equals(self.name())) {
      post(() -> listener.pod(pod));
    } else {
      // It may have had a namesake here.
      podGone(pod.key());
    }
  }

  @Override
  public void podGone(ObjectKey key) {
    post(() -> listener.podGone(key));
  }

  @Override
  public void namespace(NamespaceInfo namespace) {}

  @Override
  public void namespaceGone(String name) {}

  @Override
  public void networkPolicy(NetworkPolicyInfo policy) {}

  @Override
  public void networkPolicyGone(ObjectKey key) {}

  @Override
  public void clusterPolicy(ClusterPolicyInfo policy) {}

  @Override
  public void clusterPolicyGone(String name) {}

  @Override
  public void synced(String kind) {
    String source = kind.toUpperCase(Locale.ROOT);
    post(() ->
        Arrays.stream(Source.values()).filter(s -> s.name().equals(source)).forEach(synced::add));
  }

  /**
   * Warns about a service on its object, from wherever it was noticed.
   *
   * @param owner what it is about; anything but a service is left out
   */
  public void warn(Owner owner, String reason, String message) {
    if (owner instanceof Owner.Service service) {
      post(() ->
          services
              .known()
              .ref(new ObjectKey(service.namespace(), service.name()))
              .ifPresent(ref -> events.warning(ref, reason, message)));
    }
  }

  private void post(Runnable apply) {
    try {
      inbox.put(new Change(apply, latency.now()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the reader of the API is being stopped
    }
  }

  private void run() {
    List<Change> batch = new ArrayList<>();
    try {
      while (!Thread.currentThread().isInterrupted()) {
        batch.add(inbox.take());
        inbox.drainTo(batch);
        for (Change change : batch) {
          Guard.run(change.apply());
        }
        flush(batch.getFirst().arrival());
        batch.clear();
      }
    } catch (InterruptedException e) {
      LOG.debug("the facts are not followed any more");
    }
  }

  private void flush(long arrival) {
    if (synced.contains(Source.NODES)) {
      Guard.each(nodes.takeDirty(), this::peer);
    }
    if (synced.containsAll(SERVICES_NEED)) {
      services.flush(arrival);
    }
    Services known = services.known();
    counts = new Counts(known.size(), known.leftAlone(), nodes.size(), problems.size());
    if (!told && synced.size() == Source.values().length) {
      told = true;
      services.complete();
      listener.allKnown();
    }
  }

  private void peer(String name) {
    Nodes.Translation translation = nodes.translate(name);
    Optional<PeerNode> fact = translation.fact();
    if (fact.isPresent()) {
      peers.put(fact.get());
    } else {
      peers.remove(name);
    }
    problems.report(new Owner.Node(name), translation.problems());
  }
}
