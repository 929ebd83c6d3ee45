package io.seine.agent.policy;

import io.seine.agent.events.Problem;
import io.seine.agent.kube.ClusterPolicyInfo;
import io.seine.agent.kube.NamespaceInfo;
import io.seine.agent.kube.NetworkPolicyInfo;
import io.seine.agent.kube.NodeInfo;
import io.seine.agent.kube.ObjectKey;
import io.seine.agent.kube.ObjectRef;
import io.seine.agent.kube.PodInfo;
import io.seine.openflow.Family;
import io.seine.openflow.Ip;
import io.seine.pipeline.LocalPod;
import io.seine.pipeline.policy.PodId;
import io.seine.pipeline.policy.PolicyRef;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * From what the API says of namespaces, pods, nodes and policies to what concerns the pods of this
 * node. Changes may come in any order; what they come to depends on the end only. Owned by one
 * thread.
 *
 * <pre>
 *   put, remove, connect --> what is known --> which policies select which pods here (active)
 *                                                     |
 *                  flush --> rules, subjects and sets of addresses that have changed --> sink
 * </pre>
 *
 * <p>A policy becomes active with its first pod here and is only kept as it is without one. The
 * cost of a change depends on what it concerns: a pod's labels lead to the selectors that require
 * one of them, by way of {@link SelectorIndex}.
 */
public final class PolicyEngine {
  private final boolean isolateNamespaces;
  private final PolicySink sink;
  private final Map<String, NamespaceState> namespaces = new HashMap<>();
  private final Map<String, NodeState> nodes = new HashMap<>();
  private final Map<PodId, LocalPod> ports = new HashMap<>();
  private final AddressSets sets = new AddressSets();
  private final PodReader reader = new PodReader();
  private final Active active = new Active(sets);
  private final Checks checks;
  private final Map<String, ClusterPolicyInfo> clusterPolicies = new HashMap<>();
  private int pods;
  private int networkPolicies;

  /**
   * @param isolateNamespaces whether those namespaces are isolated that do not say themselves, by
   *     the label {@code seine.io/isolation}
   * @param sink is told within {@link #flush} only
   */
  public PolicyEngine(boolean isolateNamespaces, PolicySink sink) {
    this(isolateNamespaces, EnumSet.allOf(Family.class), sink);
  }

  /**
   * @param families of the pods' addresses; blocks of another are something to complain of
   */
  public PolicyEngine(boolean isolateNamespaces, Set<Family> families, PolicySink sink) {
    this.isolateNamespaces = isolateNamespaces;
    this.checks = new Checks(families);
    this.sink = sink;
  }

  public void put(NamespaceInfo namespace) {
    Complaints complaints = new Complaints(namespace.ref());
    Isolations.check(namespace.labels(), complaints);
    checks.put(Isolations.ref(namespace.name()), complaints.all());
    relabel(
        namespace(namespace.name()),
        true,
        NamespaceState.complete(namespace.name(), namespace.labels()));
  }

  /** What is left in it is of a namespace without labels. */
  public void removeNamespace(String name) {
    checks.put(Isolations.ref(name), List.of());
    NamespaceState namespace = namespaces.get(name);
    if (namespace != null) {
      relabel(namespace, false, NamespaceState.complete(name, Map.of()));
      forget(namespace);
    }
  }

  private void relabel(NamespaceState namespace, boolean known, Map<String, String> labels) {
    if (namespace.labels().equals(labels)) {
      namespace.is(known, namespace.labels());
      return;
    }
    checks
        .census()
        .relabel(
            namespace,
            labels,
            () -> sets.relabel(namespace, labels, () -> namespace.is(known, labels)));
    if (!namespace.subjects.isEmpty()) {
      isolation(namespace);
      namespace.subjects.forEach(active::select);
    }
  }

  private void isolation(NamespaceState namespace) {
    boolean isolated =
        !namespace.subjects.isEmpty()
            && Isolations.isIsolated(namespace.labels(), isolateNamespaces);
    active.put(
        Isolations.ref(namespace.name),
        isolated ? Optional.of(Isolations.of(namespace.name)) : Optional.empty(),
        namespace.subjects);
  }

  private NamespaceState namespace(String name) {
    return namespaces.computeIfAbsent(name, NamespaceState::new);
  }

  private void forget(NamespaceState namespace) {
    if (namespace.isForgotten()) {
      namespaces.remove(namespace.name);
    }
  }

  /** A pod of the cluster, of this node or another. */
  public void put(PodInfo info) {
    NamespaceState namespace = namespace(info.key().namespace());
    PodState pod = namespace.pods.get(info.key().name());
    if (pod == null) {
      put(new PodState(namespace, info.key().name(), reader.take(info)));
      return;
    }
    PodState.Said before = pod.said();
    PodState.Said now = reader.take(info);
    reader.giveBack(before);
    if (pod.gone()) {
      pods++;
    } else if (now.equals(before)) {
      return;
    }
    change(pod, () -> pod.is(now));
    subject(pod);
    if (!now.ports().equals(before.ports())) {
      active.portsChanged(pod);
    }
  }

  /** Makes a change of what the API says of a pod. */
  private void change(PodState pod, Runnable change) {
    boolean before = isOnHost(pod);
    checks.census().change(pod, () -> sets.change(pod, change));
    onHost(pod.namespace, (isOnHost(pod) ? 1 : 0) - (before ? 1 : 0));
  }

  private static boolean isOnHost(PodState pod) {
    return !pod.gone() && pod.said().onHost();
  }

  private void onHost(NamespaceState namespace, int more) {
    boolean before = namespace.onHost > 0;
    namespace.onHost += more;
    if (before != namespace.onHost > 0) {
      for (NetworkPolicyInfo policy : namespace.policies.values()) {
        checks.askFor(NetworkPolicies.ref(policy.key()), known(namespace, policy));
      }
    }
  }

  private void put(PodState pod) {
    pods++;
    LocalPod port = ports.get(pod.id());
    pod.namespace.pods.put(pod.name, pod);
    if (port != null) {
      pod.connect(port);
    }
    sets.come(pod);
    checks.census().come(pod);
    onHost(pod.namespace, isOnHost(pod) ? 1 : 0);
    subject(pod);
  }

  /** A pod whose port is still there keeps its policies until that is gone, but is no peer. */
  public void removePod(ObjectKey key) {
    NamespaceState namespace = namespaces.get(key.namespace());
    PodState pod = namespace == null ? null : namespace.pods.get(key.name());
    if (pod != null && !pod.gone()) {
      pods--;
      change(pod, pod::leave);
      forgetIfDone(pod);
    }
  }

  private void forgetIfDone(PodState pod) {
    if (pod.gone() && pod.port().isEmpty()) {
      reader.giveBack(pod.said());
      pod.namespace.pods.remove(pod.name);
      forget(pod.namespace);
    }
  }

  /** Makes a pod a subject, or no subject any more, and finds the policies for it. */
  private void subject(PodState pod) {
    NamespaceState namespace = pod.namespace;
    if (pod.isSubject()) {
      active.add(pod);
      if (namespace.subjects.add(pod) && namespace.subjects.size() == 1) {
        namespace.policies.values().forEach(policy -> activate(namespace, policy));
        isolation(namespace);
      }
      active.select(pod);
    } else if (namespace.subjects.remove(pod)) {
      active.remove(pod);
      if (namespace.subjects.isEmpty()) {
        namespace.policies.values().forEach(this::deactivate);
        isolation(namespace);
      }
    }
  }

  /**
   * A pod of this node has a port, or another one than before. Until the pod itself is known this
   * is only remembered.
   */
  public void connect(LocalPod port) {
    PodId id = new PodId(port.namespace(), port.name());
    if (port.equals(ports.put(id, port))) {
      return;
    }
    pod(id)
        .ifPresent(pod -> {
          sets.change(pod, () -> pod.connect(port));
          subject(pod);
        });
  }

  /** The pod has no port here any more. */
  public void disconnect(PodId id) {
    if (ports.remove(id) != null) {
      pod(id)
          .ifPresent(pod -> {
            sets.change(pod, pod::disconnect);
            subject(pod);
            forgetIfDone(pod);
          });
    }
  }

  private Optional<PodState> pod(PodId id) {
    return Optional.ofNullable(namespaces.get(id.namespace())).map(n -> n.pods.get(id.name()));
  }

  /** Whether what the API says of a pod and of its namespace is here, so that its policies are. */
  public boolean knows(PodId id) {
    return pod(id).filter(pod -> !pod.gone() && pod.namespace.known()).isPresent();
  }

  public void put(NetworkPolicyInfo policy) {
    NamespaceState namespace = namespace(policy.key().namespace());
    NetworkPolicyInfo before = namespace.policies.put(policy.key().name(), policy);
    networkPolicies += before == null ? 1 : 0;
    if (!policy.equals(before)) {
      translate(namespace, policy);
    }
  }

  private void translate(NamespaceState namespace, NetworkPolicyInfo info) {
    Checks.Known known = known(namespace, info);
    checks.put(NetworkPolicies.ref(info.key()), known);
    if (!namespace.subjects.isEmpty()) {
      activate(namespace, info, known.translation());
    }
  }

  private void activate(NamespaceState namespace, NetworkPolicyInfo info) {
    activate(namespace, info, NetworkPolicies.translate(info));
  }

  private void activate(NamespaceState namespace, NetworkPolicyInfo info, Translation translation) {
    active.put(NetworkPolicies.ref(info.key()), translation.policy(), namespace.subjects);
  }

  private static Checks.Known known(NamespaceState namespace, NetworkPolicyInfo info) {
    return new Checks.Known(info.ref(), NetworkPolicies.translate(info), namespace.onHost > 0);
  }

  private void deactivate(NetworkPolicyInfo info) {
    active.put(NetworkPolicies.ref(info.key()), Optional.empty(), List.of());
  }

  public void removeNetworkPolicy(ObjectKey key) {
    NamespaceState namespace = namespaces.get(key.namespace());
    if (namespace != null && namespace.policies.remove(key.name()) != null) {
      networkPolicies--;
      checks.remove(NetworkPolicies.ref(key));
      active.put(NetworkPolicies.ref(key), Optional.empty(), List.of());
      forget(namespace);
    }
  }

  public void put(ClusterPolicyInfo info) {
    if (info.equals(clusterPolicies.put(info.name(), info))) {
      return;
    }
    Checks.Known known = known(info);
    PolicyRef ref = ClusterPolicies.ref(info.name());
    checks.put(ref, known);
    active.put(ref, known.translation().policy(), active.subjects().all());
  }

  private static Checks.Known known(ClusterPolicyInfo info) {
    return new Checks.Known(info.ref(), ClusterPolicies.translate(info), false);
  }

  public void removeClusterPolicy(String name) {
    PolicyRef ref = ClusterPolicies.ref(name);
    clusterPolicies.remove(name);
    checks.remove(ref);
    active.put(ref, Optional.empty(), List.of());
  }

  /** The object of a policy that is there. */
  public Optional<ObjectRef> ref(PolicyRef policy) {
    return switch (policy.kind()) {
      case NETWORK_POLICY -> networkPolicy(policy).map(NetworkPolicyInfo::ref);
      case CLUSTER_NETWORK_POLICY -> clusterPolicy(policy.name()).map(ClusterPolicyInfo::ref);
      case ISOLATION -> Optional.empty();
    };
  }

  private Optional<NetworkPolicyInfo> networkPolicy(PolicyRef policy) {
    return Optional.ofNullable(namespaces.get(policy.namespace()))
        .map(namespace -> namespace.policies.get(policy.name()));
  }

  /** A ClusterNetworkPolicy that is there. */
  public Optional<ClusterPolicyInfo> clusterPolicy(String name) {
    return Optional.ofNullable(clusterPolicies.get(name));
  }

  private Optional<Checks.Known> known(PolicyRef policy) {
    return switch (policy.kind()) {
      case NETWORK_POLICY ->
          networkPolicy(policy).map(info -> known(namespace(policy.namespace()), info));
      case CLUSTER_NETWORK_POLICY -> clusterPolicy(policy.name()).map(PolicyEngine::known);
      case ISOLATION -> Optional.empty();
    };
  }

  public void put(NodeInfo info) {
    NodeState node = nodes.computeIfAbsent(info.name(), n -> new NodeState());
    List<Ip> addresses = PodReader.addresses(info);
    if (!node.labels().equals(info.labels()) || !node.addresses().equals(addresses)) {
      sets.change(node, () -> node.is(info.labels(), addresses));
    }
  }

  public void removeNode(String name) {
    NodeState node = nodes.remove(name);
    if (node != null) {
      sets.change(node, () -> node.is(Map.of(), List.of()));
    }
  }

  /**
   * A domain name has these addresses now, whether rules speak of it or not; {@link Resolved#NONE}:
   * it is forgotten.
   *
   * @param name in lower case, without a dot at its end
   */
  public void resolve(String name, Resolved now) {
    sets.resolve(name, now);
  }

  /** The domain names that rules for pods here speak of, as flushed, and of which policies. */
  public Map<DomainPattern, Set<PolicyRef>> domains() {
    return sets.domains();
  }

  /**
   * Tells the sink what all changes since the last call come to.
   *
   * @return the pods of this node for whom connections may be judged otherwise than before
   */
  public Set<PodId> flush() {
    checks.flush(namespaces, this::known);
    return active.flush(namespaces, nodes.values(), sink);
  }

  /** Of policies and namespaces whose problems have changed since the last call, those of now. */
  public Map<PolicyRef, List<Problem>> takeProblems() {
    return checks.take();
  }

  public PolicyCounts counts() {
    return new PolicyCounts(
        namespaces.size(),
        pods,
        networkPolicies,
        clusterPolicies.size(),
        active.subjects().size(),
        active.policies(),
        active.rules(),
        sets.size(),
        checks.size());
  }
}
