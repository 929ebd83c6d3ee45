package io.seine.agent.facts;

import io.seine.agent.kube.ClusterPolicyInfo;
import io.seine.agent.kube.NamespaceInfo;
import io.seine.agent.kube.NetworkPolicyInfo;
import io.seine.agent.kube.ObjectKey;
import io.seine.agent.kube.ObjectRef;
import io.seine.agent.kube.PodInfo;
import io.seine.agent.policy.DomainPattern;
import io.seine.agent.policy.IndexSink;
import io.seine.agent.policy.PolicyCounts;
import io.seine.agent.policy.PolicyEngine;
import io.seine.agent.policy.Resolved;
import io.seine.openflow.Family;
import io.seine.pipeline.LocalNode;
import io.seine.pipeline.LocalPod;
import io.seine.pipeline.Owner;
import io.seine.pipeline.PodCompiler;
import io.seine.pipeline.policy.PodId;
import io.seine.pipeline.policy.PolicyIndex;
import io.seine.pipeline.policy.PolicyRef;
import io.seine.reconcile.FlowSource;
import io.seine.reconcile.Reconciler;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;

/**
 * The facts about policies and about the pods of this node's ports, and what becomes of them: the
 * flows of a pod and of all that judges it are wished together, so that it is not reached for a
 * moment by whom a policy keeps out. Used by the fact loop's thread only.
 */
final class PolicyFacts {
  private final LocalNode node;
  private final Reconciler reconciler;
  private final Latency latency;
  private final ProblemReports problems;
  private final PolicyConditions conditions;
  private final FactLoop.Listener listener;
  private final PolicyIndex index;
  private final RuleBook rules;
  private final PodBook book;
  private final PolicyEngine engine;

  private final Map<Owner, LocalPod> connected = new HashMap<>();

  /** Pods of this node that the engine knows, or knew when they were connected. */
  private final Set<ObjectKey> told = new HashSet<>();

  /** Those of them of which the informers have not told, or not yet. */
  private final Set<ObjectKey> early = new HashSet<>();

  /** Wishes that have not been handed over yet, and who waits for that. */
  private final Map<Owner, Optional<FlowSource>> pods = new LinkedHashMap<>();

  private final List<CompletableFuture<Set<Owner>>> waiting = new ArrayList<>();
  private DnsServers servers = new DnsServers(List.of());
  private volatile Map<DomainPattern, Set<PolicyRef>> domains = Map.of();
  private volatile PolicyCounts counts = new PolicyCounts(0, 0, 0, 0, 0, 0, 0, 0, 0);

  PolicyFacts(
      LocalNode node,
      boolean isolateNamespaces,
      Reconciler reconciler,
      Latency latency,
      ProblemReports problems,
      PolicyConditions conditions,
      FactLoop.Listener listener) {
    this.node = node;
    this.reconciler = reconciler;
    this.latency = latency;
    this.problems = problems;
    this.conditions = conditions;
    this.listener = listener;
    Set<Family> families =
        node.networks().stream().map(LocalNode.Network::family).collect(Collectors.toSet());
    this.index = new PolicyIndex(families);
    this.rules = new RuleBook(index.ruleIds());
    this.book = new PodBook(node.name());
    this.engine = new PolicyEngine(isolateNamespaces, families, new IndexSink(index));
  }

  /** For any thread. */
  RuleBook rules() {
    return rules;
  }

  /** For any thread. */
  PodBook book() {
    return book;
  }

  /** For any thread. */
  PolicyCounts counts() {
    return counts;
  }

  /** For any thread: the domain names that policies speak of. */
  Map<DomainPattern, Set<PolicyRef>> domains() {
    return domains;
  }

  DnsServers servers() {
    return servers;
  }

  void believe(DnsServers these) {
    servers = these;
  }

  void resolve(Map<String, Resolved> now, CompletableFuture<Set<Owner>> wished) {
    now.forEach(engine::resolve);
    waiting.add(wished);
  }

  PolicyEngine engine() {
    return engine;
  }

  void namespace(NamespaceInfo namespace) {
    book.namespace(namespace.name());
    engine.put(namespace);
  }

  void namespaceGone(String name) {
    book.namespaceGone(name);
    engine.removeNamespace(name);
  }

  void pod(PodInfo pod) {
    early.remove(pod.key());
    if (pod.node().equals(node.name())) {
      told.add(pod.key());
    }
    book.pod(pod);
    engine.put(pod);
  }

  void podGone(ObjectKey key) {
    book.podGone(key);
    // Its namesake, or what was there before it, may have been asked for since.
    if (!early.contains(key)) {
      engine.removePod(key);
      forget(key);
    }
  }

  private void forget(ObjectKey key) {
    boolean hasPort = connected.containsKey(new Owner.Pod(key.namespace(), key.name()));
    if (!hasPort && !book.knows(key, "")) {
      told.remove(key);
    }
  }

  void networkPolicy(NetworkPolicyInfo policy) {
    engine.put(policy);
  }

  void networkPolicyGone(ObjectKey key) {
    engine.removeNetworkPolicy(key);
  }

  void clusterPolicy(ClusterPolicyInfo policy) {
    // What is said of it is nothing that it asks for.
    engine.put(policy.withStatus(ClusterPolicyInfo.Status.NONE));
    conditions.put(policy);
  }

  void clusterPolicyGone(String name) {
    engine.removeClusterPolicy(name);
    conditions.remove(name);
  }

  /** The object that has such an owner. */
  Optional<ObjectRef> ref(Owner owner) {
    return owner instanceof Owner.Policy policy
        ? Arrays.stream(PolicyRef.Kind.values())
            .filter(kind -> kind.label().equals(policy.what()))
            .findFirst()
            .flatMap(kind -> engine.ref(new PolicyRef(kind, policy.namespace(), policy.name())))
        : Optional.empty();
  }

  void connect(LocalPod pod, LocalPods.Early found, CompletableFuture<Set<Owner>> wished) {
    found.namespace().filter(n -> !book.knowsNamespace(n.name())).ifPresent(engine::put);
    // Who has been told of it meanwhile knows better.
    found
        .pod()
        .filter(info -> !book.knows(info.key(), info.ref().uid()))
        .ifPresent(info -> {
          early.add(info.key());
          told.add(info.key());
          engine.put(info);
        });
    connected.put(pod.owner(), pod);
    engine.connect(pod);
    pods.put(pod.owner(), Optional.of(() -> PodCompiler.compile(node, pod)));
    waiting.add(wished);
  }

  void disconnect(LocalPod pod, CompletableFuture<Set<Owner>> wished) {
    if (connected.remove(pod.owner(), pod)) {
      ObjectKey key = new ObjectKey(pod.namespace(), pod.name());
      engine.disconnect(new PodId(pod.namespace(), pod.name()));
      if (early.remove(key)) {
        engine.removePod(key);
      }
      forget(key);
      pods.put(pod.owner(), Optional.empty());
    }
    waiting.add(wished);
  }

  /**
   * Finds what all changes come to, and wishes it in one piece.
   *
   * @param arrival when the first of the changes came
   */
  void flush(long arrival) {
    try {
      connected.values().forEach(this::know);
      index.servers(servers.believed());
      Set<PodId> judgedAnew = engine.flush();
      domains = engine.domains();
      Map<Owner, Optional<FlowSource>> together = new LinkedHashMap<>(pods);
      index.take().forEach((owner, flows) -> together.put(owner, flows.map(f -> f::compile)));
      pods.clear();
      if (!together.isEmpty()) {
        together.keySet().forEach(owner -> latency.wished(owner, arrival));
        reconciler.put(together);
      }
      Set<Owner> owners = Set.copyOf(together.keySet());
      waiting.forEach(wished -> wished.complete(owners));
      if (!judgedAnew.isEmpty()) {
        listener.judgedAnew(judgedAnew, owners);
      }
    } catch (RuntimeException e) {
      // A pod whose policies cannot be found is not to be reached; who waits for it tries again.
      waiting.forEach(wished -> wished.completeExceptionally(e));
      throw e;
    } finally {
      waiting.clear();
    }
    report();
    counts = engine.counts();
  }

  /** One that the API does not have is as one without labels. */
  private void know(LocalPod pod) {
    ObjectKey key = new ObjectKey(pod.namespace(), pod.name());
    if (LocalPods.isNamed(pod) && told.add(key)) {
      early.add(key);
      engine.put(
          new PodInfo(
              new ObjectRef("v1", "Pod", key, ""),
              node.name(),
              List.of(),
              false,
              false,
              Map.of(),
              List.of()));
    }
  }

  private void report() {
    engine
        .takeProblems()
        .forEach((policy, now) -> {
          problems.report(policy.owner(), now);
          if (policy.kind() == PolicyRef.Kind.CLUSTER_NETWORK_POLICY) {
            conditions.report(policy.name(), now);
          }
        });
  }
}
