package io.seine.agent.facts;

import io.seine.agent.events.Conditions;
import io.seine.agent.events.Events;
import io.seine.agent.events.Problem;
import io.seine.agent.kube.ClusterPolicyInfo;
import io.seine.agent.kube.Informers;
import io.seine.agent.kube.NamespaceInfo;
import io.seine.agent.kube.NetworkPolicyInfo;
import io.seine.agent.kube.NodeInfo;
import io.seine.agent.kube.ObjectKey;
import io.seine.agent.kube.ObjectRef;
import io.seine.agent.kube.PodInfo;
import io.seine.agent.kube.ServiceInfo;
import io.seine.agent.kube.SliceInfo;
import io.seine.agent.node.Nodes;
import io.seine.agent.policy.Resolved;
import io.seine.agent.service.Services;
import io.seine.openflow.Ip;
import io.seine.pipeline.GroupIds;
import io.seine.pipeline.LocalNode;
import io.seine.pipeline.LocalPod;
import io.seine.pipeline.Owner;
import io.seine.pipeline.PeerNode;
import io.seine.pipeline.policy.PodId;
import io.seine.reconcile.Reconciler;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * Owns the facts about nodes, services, policies and the pods that policies are for. Informers put
 * changes into its inbox, and so does who connects pods; its one thread takes them out, finds what
 * they concern, translates each anew, and wishes the outcome from the reconciler:
 *
 * <pre>
 *   informers --change--> inbox --> ServiceFacts, Nodes --concerned--> reconciler, peers
 *   CNI --pod's port------^     \-> PolicyFacts --pods and what judges them, together--> reconciler
 * </pre>
 *
 * <p>Nothing is wished before its whole kind is known: a service without the slices that the API
 * has yet to hand over would take its endpoints out of a switch that an earlier run left serving. A
 * pod before all policies would be open.
 */
public final class FactLoop implements Informers.Listener, AutoCloseable {

  /** What the loop tells, on its own thread. */
  public interface Listener {
    /** This node's own object is there or has changed. */
    void self(NodeInfo node);

    /** A pod of this node is there, or has changed. */
    void pod(PodInfo pod);

    void podGone(ObjectKey key);

    /**
     * Of these pods of this node, connections may be judged otherwise than before.
     *
     * @param owners of the flows that this was wished with
     */
    void judgedAnew(Set<PodId> pods, Set<Owner> owners);

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
    PODS,
    NAMESPACES,
    NETWORKPOLICIES,
    CLUSTERNETWORKPOLICIES,
    /** The ports that earlier runs left. */
    PORTS
  }

  /** Where everything goes. */
  public record Outlets(
      Reconciler reconciler,
      GroupIds groupIds,
      Peers peers,
      ServiceSink services,
      Events events,
      Conditions conditions,
      Latency latency) {}

  /** A service's endpoints depend on this node's zone, its addresses on who has which. */
  private static final Set<Source> SERVICES_NEED =
      EnumSet.of(Source.NODES, Source.SERVICES, Source.ENDPOINTSLICES);

  /** Who a policy is for and whom it lets through depends on all of these. */
  private static final Set<Source> POLICIES_NEED =
      EnumSet.complementOf(EnumSet.of(Source.SERVICES, Source.ENDPOINTSLICES));

  private final LocalNode self;
  private final Peers peers;
  private final Events events;
  private final Listener listener;
  private final Latency latency;
  private final Inbox inbox;

  // Used by the thread only.
  private final ServiceFacts services;
  private final PolicyFacts policies;
  private final Nodes nodes;
  private final Speakers speakers;
  private final Set<Source> synced = EnumSet.noneOf(Source.class);
  private boolean told;

  private final ProblemReports problems;
  private final PolicyConditions conditions;
  private volatile Counts counts = new Counts(0, 0, 0, 0);

  /**
   * @param services empty; only this loop's thread uses it from now on
   * @param isolateNamespaces whether namespaces are isolated that do not say themselves
   */
  public FactLoop(
      LocalNode self, Services services, boolean isolateNamespaces, Outlets to, Listener listener) {
    this.self = self;
    this.peers = to.peers();
    this.events = to.events();
    this.latency = to.latency();
    this.listener = listener;
    this.inbox = new Inbox(latency::now, this::flush);
    this.nodes = new Nodes(self);
    this.speakers = new Speakers(self.name());
    this.problems = new ProblemReports(self.name(), events, speakers);
    this.services =
        new ServiceFacts(
            services, to.services(), to.reconciler(), to.groupIds(), latency, problems::report);
    this.conditions = new PolicyConditions(speakers, to.conditions(), InstantSource.system());
    this.policies =
        new PolicyFacts(
            self, isolateNamespaces, to.reconciler(), latency, problems, conditions, listener);
  }

  /** DNS answers of these are believed; to be called before {@link #start}. */
  public void believe(DnsServers servers) {
    inbox.post(() -> policies.believe(servers));
  }

  /**
   * Domain names have these addresses now.
   *
   * @return completed when it has been wished, with the owners of the flows that it takes
   */
  public CompletableFuture<Set<Owner>> resolve(Map<String, Resolved> now) {
    CompletableFuture<Set<Owner>> wished = new CompletableFuture<>();
    inbox.post(() -> policies.resolve(now, wished));
    return wished;
  }

  public void start() {
    inbox.start();
  }

  public Counts counts() {
    return counts;
  }

  /** What the policies come to. */
  public PolicyView policies() {
    return new PolicyView(policies.rules(), policies.book(), policies::counts, policies::domains);
  }

  /** Where to say which pods have ports here. */
  public LocalPods pods() {
    return new PostedPods(inbox, policies);
  }

  /** What is wrong with which object now, by owner; any thread may ask. */
  public Map<Owner, List<Problem>> problems() {
    return problems.all();
  }

  /** Says whether the switch can put another port into an SCTP packet; until then it can. */
  public void sctpPorts(boolean rewritten) {
    inbox.post(() -> services.known().sctpPorts(rewritten));
  }

  /** This node's own addresses are these from now on. */
  public void addresses(Collection<Ip> own) {
    inbox.post(() -> services.known().addresses(own));
  }

  /** Stops the thread; changes that wait in the inbox are not looked at any more. */
  @Override
  public void close() {
    inbox.close();
  }

  @Override
  public void node(NodeInfo node) {
    inbox.post(() -> {
      if (node.name().equals(self.name())) {
        listener.self(node);
      }
      speakers.put(node);
      // Whether it is ready matters to nobody else, and would be a change.
      NodeInfo lasting = node.withReady(true);
      nodes.put(lasting);
      services.known().put(lasting);
      policies.engine().put(lasting);
    });
  }

  @Override
  public void nodeGone(String name) {
    inbox.post(() -> {
      speakers.remove(name);
      nodes.remove(name);
      services.known().removeNode(name);
      policies.engine().removeNode(name);
    });
  }

  @Override
  public void service(ServiceInfo service) {
    inbox.post(() -> {
      services.known().put(service);
      policies.servers().put(service);
    });
  }

  @Override
  public void serviceGone(ObjectKey key) {
    inbox.post(() -> {
      services.known().removeService(key);
      policies.servers().removeService(key);
    });
  }

  @Override
  public void slice(SliceInfo slice) {
    inbox.post(() -> {
      services.known().put(slice);
      policies.servers().put(slice);
    });
  }

  @Override
  public void sliceGone(ObjectKey key) {
    inbox.post(() -> {
      services.known().removeSlice(key);
      policies.servers().removeSlice(key);
    });
  }

  @Override
  public void pod(PodInfo pod) {
    inbox.post(() -> {
      policies.pod(pod);
      if (pod.node().equals(self.name())) {
        listener.pod(pod);
      } else {
        // It may have had a namesake here.
        listener.podGone(pod.key());
      }
    });
  }

  @Override
  public void podGone(ObjectKey key) {
    inbox.post(() -> {
      policies.podGone(key);
      listener.podGone(key);
    });
  }

  @Override
  public void namespace(NamespaceInfo namespace) {
    inbox.post(() -> policies.namespace(namespace));
  }

  @Override
  public void namespaceGone(String name) {
    inbox.post(() -> policies.namespaceGone(name));
  }

  @Override
  public void networkPolicy(NetworkPolicyInfo policy) {
    inbox.post(() -> policies.networkPolicy(policy));
  }

  @Override
  public void networkPolicyGone(ObjectKey key) {
    inbox.post(() -> policies.networkPolicyGone(key));
  }

  @Override
  public void clusterPolicy(ClusterPolicyInfo policy) {
    inbox.post(() -> policies.clusterPolicy(policy));
  }

  @Override
  public void clusterPolicyGone(String name) {
    inbox.post(() -> policies.clusterPolicyGone(name));
  }

  /** Takes over the pods that earlier runs connected; to be called once. */
  public void adopt(List<LocalPod> pods) {
    inbox.post(() -> {
      pods.forEach(pod -> policies.connect(pod, LocalPods.Early.NONE, new CompletableFuture<>()));
      synced.add(Source.PORTS);
    });
  }

  @Override
  public void synced(String kind) {
    String source = kind.toUpperCase(Locale.ROOT);
    inbox.post(() ->
        Arrays.stream(Source.values()).filter(s -> s.name().equals(source)).forEach(synced::add));
  }

  /**
   * Warns about a service or a policy on its object, from wherever on this node it was noticed.
   *
   * @param owner what it is about; anything else is left out
   */
  public void warn(Owner owner, String reason, String message) {
    inbox.post(
        () -> ref(owner).ifPresent(ref -> events.warning(ref, reason, problems.here(message))));
  }

  private Optional<ObjectRef> ref(Owner owner) {
    return owner instanceof Owner.Service service
        ? services.known().ref(new ObjectKey(service.namespace(), service.name()))
        : policies.ref(owner);
  }

  private void flush(long arrival) {
    if (synced.contains(Source.NODES)) {
      Guard.each(nodes.takeDirty(), this::peer);
    }
    if (synced.containsAll(SERVICES_NEED)) {
      services.flush(arrival);
    }
    if (synced.containsAll(POLICIES_NEED)) {
      Guard.run(() -> policies.flush(arrival));
    }
    if (synced.contains(Source.NODES) && speakers.takeMoved()) {
      problems.speakerMoved();
      conditions.speakerMoved();
    }
    if (synced.containsAll(POLICIES_NEED)) {
      conditions.flush();
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
