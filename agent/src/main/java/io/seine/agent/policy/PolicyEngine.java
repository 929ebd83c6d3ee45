package io.seine.agent.policy;

import io.seine.agent.events.Problem;
import io.seine.agent.kube.ClusterPolicyInfo;
import io.seine.agent.kube.NamespaceInfo;
import io.seine.agent.kube.NetworkPolicyInfo;
import io.seine.agent.kube.NodeInfo;
import io.seine.agent.kube.ObjectKey;
import io.seine.agent.kube.PodInfo;
import io.seine.pipeline.LocalPod;
import io.seine.pipeline.policy.PodId;
import io.seine.pipeline.policy.PolicyRef;
import java.util.HashMap;
import java.util.HashSet;
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
  private final Problems problems = new Problems();

  /** Of which pods or names of ports are others now. */
  private final Set<NamespaceState> touched = new HashSet<>();

  private final Set<String> clusterPolicies = new HashSet<>();
  private int pods;
  private int networkPolicies;

  /**
   * @param isolateNamespaces whether those namespaces are isolated that do not say themselves, by
   *     the label {@code seine.io/isolation}
   * @param sink is told within {@link #flush} only
   */
  public PolicyEngine(boolean isolateNamespaces, PolicySink sink) {
    this.isolateNamespaces = isolateNamespaces;
    this.sink = sink;
  }

  public void put(NamespaceInfo namespace) {
    Complaints complaints = new Complaints(namespace.ref());
    Isolations.check(namespace.labels(), complaints);
    problems.put(Isolations.ref(namespace.name()), complaints.all());
    relabel(
        namespace(namespace.name()),
        true,
        NamespaceState.complete(namespace.name(), namespace.labels()));
  }

  /** What is left in it is of a namespace without labels. */
  public void removeNamespace(String name) {
    problems.put(Isolations.ref(name), List.of());
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
    sets.relabel(namespace, labels, () -> namespace.is(known, labels));
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
    sets.change(pod, () -> pod.is(now));
    subject(pod);
    if (!now.ports().equals(before.ports())) {
      active.portsChanged(pod);
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
    subject(pod);
  }

  /** A pod whose port is still there keeps its policies until that is gone, but is no peer. */
  public void removePod(ObjectKey key) {
    NamespaceState namespace = namespaces.get(key.namespace());
    PodState pod = namespace == null ? null : namespace.pods.get(key.name());
    if (pod != null && !pod.gone()) {
      pods--;
      sets.change(pod, pod::leave);
      touched.add(pod.namespace);
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
    touched.add(namespace);
    if (pod.isSubject()) {
      active.add(pod);
      if (namespace.subjects.add(pod) && namespace.subjects.size() == 1) {
        namespace.policies.values().forEach(policy -> translate(namespace, policy));
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
    Translation translation = NetworkPolicies.translate(info);
    PolicyRef ref = NetworkPolicies.ref(info.key());
    problems.put(ref, translation.problems());
    if (translation.policy().filter(PortNames::areIn).isPresent()) {
      namespace.naming.add(info.key().name());
      touched.add(namespace);
    } else {
      dropNames(namespace, info.key());
    }
    if (!namespace.subjects.isEmpty()) {
      active.put(ref, translation.policy(), namespace.subjects);
    }
  }

  private void dropNames(NamespaceState namespace, ObjectKey policy) {
    if (namespace.naming.remove(policy.name())) {
      problems.putWithPods(NetworkPolicies.ref(policy), List.of());
    }
  }

  private void deactivate(NetworkPolicyInfo info) {
    active.put(NetworkPolicies.ref(info.key()), Optional.empty(), List.of());
  }

  public void removeNetworkPolicy(ObjectKey key) {
    NamespaceState namespace = namespaces.get(key.namespace());
    if (namespace != null && namespace.policies.remove(key.name()) != null) {
      networkPolicies--;
      problems.put(NetworkPolicies.ref(key), List.of());
      dropNames(namespace, key);
      active.put(NetworkPolicies.ref(key), Optional.empty(), List.of());
      forget(namespace);
    }
  }

  public void put(ClusterPolicyInfo info) {
    Translation translation = ClusterPolicies.translate(info);
    PolicyRef ref = ClusterPolicies.ref(info.name());
    clusterPolicies.add(info.name());
    problems.put(ref, translation.problems());
    active.put(ref, translation.policy(), active.subjects().all());
  }

  public void removeClusterPolicy(String name) {
    PolicyRef ref = ClusterPolicies.ref(name);
    clusterPolicies.remove(name);
    problems.put(ref, List.of());
    active.put(ref, Optional.empty(), List.of());
  }

  public void put(NodeInfo info) {
    NodeState node = nodes.computeIfAbsent(info.name(), n -> new NodeState());
    sets.change(node, () -> node.is(info.labels(), PodReader.addresses(info)));
  }

  public void removeNode(String name) {
    NodeState node = nodes.remove(name);
    if (node != null) {
      sets.change(node, () -> node.is(Map.of(), List.of()));
    }
  }

  /**
   * Tells the sink what all changes since the last call come to.
   *
   * @return the pods of this node for whom connections may be judged otherwise than before
   */
  public Set<PodId> flush() {
    touched.forEach(namespace -> namespace.naming.forEach(name -> checkNames(namespace, name)));
    touched.clear();
    return active.flush(namespaces, nodes.values(), sink);
  }

  private void checkNames(NamespaceState namespace, String policy) {
    NetworkPolicyInfo info = namespace.policies.get(policy);
    if (info != null) {
      PolicyRef ref = NetworkPolicies.ref(info.key());
      Complaints complaints = new Complaints(info.ref());
      active.inUse(ref).ifPresent(p -> PortNames.check(p, namespace, complaints));
      problems.putWithPods(ref, complaints.all());
    }
  }

  /** Of policies and namespaces whose problems have changed since the last call, those of now. */
  public Map<PolicyRef, List<Problem>> takeProblems() {
    return problems.take();
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
        problems.size());
  }
}
