package io.seine.sandbox.replay;

import io.seine.agent.kube.ObjectKey;
import io.seine.agent.policy.IndexSink;
import io.seine.agent.policy.PolicyEngine;
import io.seine.agent.policy.Resolved;
import io.seine.openflow.Ip;
import io.seine.pipeline.Addresses;
import io.seine.pipeline.BaseCompiler;
import io.seine.pipeline.FlowSet;
import io.seine.pipeline.LocalNode;
import io.seine.pipeline.LocalPod;
import io.seine.pipeline.NodeCompiler;
import io.seine.pipeline.Owner;
import io.seine.pipeline.PeerNode;
import io.seine.pipeline.PodCompiler;
import io.seine.pipeline.policy.PodId;
import io.seine.pipeline.policy.PolicyIndex;
import io.seine.reconcile.FlowSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/** What the agent of a node makes of a case, in place of that agent. */
final class TraceNode {
  private static final int TUNNEL = 1;
  private static final int GATEWAY = 2;

  private final AddressBook addresses;
  private final Model model;
  private final UnaryOperator<FlowSet> compiler;
  private final LocalNode node;
  private final PolicyIndex index = new PolicyIndex();
  private final PolicyEngine engine;
  private final Map<ObjectKey, LocalPod> pods = new HashMap<>();
  private final Map<Owner, Optional<FlowSource>> changes = new HashMap<>();
  private int ports = GATEWAY;

  TraceNode(
      String name,
      AddressBook addresses,
      boolean isolateNamespaces,
      Scene scene,
      UnaryOperator<FlowSet> compiler) {
    this.compiler = compiler;
    this.addresses = addresses;
    this.model = new Model(addresses);
    this.engine = new PolicyEngine(isolateNamespaces, new IndexSink(index));
    this.node =
        new LocalNode(
            name,
            addresses.of(name).getFirst(),
            addresses.podNetworks(name).stream().map(LocalNode.Network::of).toList(),
            List.of(),
            addresses.of(name),
            TUNNEL,
            GATEWAY);
    put(new Owner.Base(), () -> BaseCompiler.compile(node));
    for (Map.Entry<String, Map<String, String>> other : scene.nodes().entrySet()) {
      engine.put(model.node(other.getKey(), other.getValue()));
      if (!other.getKey().equals(name)) {
        PeerNode peer =
            new PeerNode(
                other.getKey(),
                addresses.of(other.getKey()).getFirst(),
                addresses.podNetworks(other.getKey()));
        put(peer.owner(), () -> NodeCompiler.compile(node, peer));
      }
    }
    scene.namespaces().forEach((n, labels) -> engine.put(model.namespace(n, labels)));
    scene.pods().values().forEach(this::put);
    scene.policies().values().forEach(this::put);
  }

  private void put(Owner owner, FlowSource source) {
    changes.put(owner, Optional.of(source));
  }

  private void put(PodSpec pod) {
    if (pod.node().equals(node.name()) && !pod.hostNetwork() && !pods.containsKey(pod.key())) {
      connect(pod);
    }
    engine.put(model.pod(pod));
  }

  private void connect(PodSpec pod) {
    List<Ip> ips = addresses.of(pod.key());
    ports++;
    LocalPod local =
        new LocalPod(
            pod.key().namespace(), pod.key().name(), ips, Addresses.macOf(ips.getFirst()), ports);
    pods.put(pod.key(), local);
    engine.connect(local);
    put(local.owner(), () -> PodCompiler.compile(node, local));
  }

  private void put(Manifest policy) {
    if (policy.kind().equals(Manifest.NETWORK_POLICY)) {
      engine.put(model.networkPolicy(policy));
    } else {
      engine.put(model.clusterPolicy(policy));
    }
  }

  /** Tells the engine what changes between two scenes, as the API would. */
  void change(Change change, Scene before, Scene after) {
    switch (change) {
      case Change.Apply(var manifest) -> put(manifest);
      case Change.AddNamespace(var name, var labels) -> engine.put(model.namespace(name, labels));
      case Change.AddPod(var pod) -> put(pod);
      case Change.AddService _ -> {
        // Probes of services are asked of their endpoints.
      }
      case Change.Resolve(var domain, var actors) ->
          engine.resolve(
              domain,
              new Resolved(
                  actors.stream()
                      .flatMap(a -> addresses.of(a).stream())
                      .collect(Collectors.toSet()),
                  Set.of()));
      case Change.Labels labels -> relabel(labels, after);
      case Change.Delete(var kind, var key) -> delete(kind, key, before, after);
    }
  }

  private void relabel(Change.Labels change, Scene after) {
    String name = change.key().name();
    switch (change.kind()) {
      case "Pod" -> put(there(after.pods(), change.key()));
      case "Namespace" -> engine.put(model.namespace(name, there(after.namespaces(), name)));
      default -> engine.put(model.node(name, there(after.nodes(), name)));
    }
  }

  private static <K, V> V there(Map<K, V> map, K key) {
    return Optional.ofNullable(map.get(key)).orElseThrow();
  }

  private void delete(String kind, ObjectKey key, Scene before, Scene after) {
    before.pods().keySet().stream()
        .filter(pod -> !after.pods().containsKey(pod))
        .forEach(this::removePod);
    before
        .policies()
        .forEach((name, policy) -> {
          if (!after.policies().containsKey(name)) {
            remove(policy);
          }
        });
    if (kind.equals("Namespace")) {
      engine.removeNamespace(key.name());
    }
  }

  private void removePod(ObjectKey key) {
    engine.removePod(key);
    LocalPod local = pods.remove(key);
    if (local != null) {
      engine.disconnect(new PodId(key.namespace(), key.name()));
      changes.put(local.owner(), Optional.empty());
    }
  }

  private void remove(Manifest policy) {
    if (policy.kind().equals(Manifest.NETWORK_POLICY)) {
      engine.removeNetworkPolicy(policy.key());
    } else {
      engine.removeClusterPolicy(policy.key().name());
    }
  }

  /** What of the switch has to change since the last call. */
  Map<Owner, Optional<FlowSource>> take() {
    engine.flush();
    index
        .take()
        .forEach((owner, flows) ->
            changes.put(owner, flows.map(f -> () -> compiler.apply(f.compile()))));
    Map<Owner, Optional<FlowSource>> taken = Map.copyOf(changes);
    changes.clear();
    return taken;
  }

  LocalNode node() {
    return node;
  }

  TraceRulings rulings() {
    return new TraceRulings(index.ruleIds());
  }

  /** The number of the highest port that is in use. */
  int ports() {
    return ports;
  }

  /** A pod of this node's that has the address. */
  Optional<LocalPod> podAt(Ip address) {
    return pods.values().stream().filter(pod -> pod.addresses().contains(address)).findFirst();
  }
}
