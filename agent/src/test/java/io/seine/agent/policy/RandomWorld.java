package io.seine.agent.policy;

import static io.seine.agent.policy.Given.labels;
import static io.seine.agent.policy.Given.local;
import static io.seine.agent.policy.Given.namespace;

import io.seine.agent.kube.ClusterPolicyInfo;
import io.seine.agent.kube.NamespaceInfo;
import io.seine.agent.kube.NetworkPolicyInfo;
import io.seine.agent.kube.NodeInfo;
import io.seine.agent.kube.PodInfo;
import io.seine.agent.kube.PolicyOptions;
import io.seine.agent.kube.Selector;
import io.seine.agent.kube.Selector.Requirement;
import io.seine.agent.verdict.World;
import io.seine.openflow.Ip;
import io.seine.openflow.IpPrefix;
import io.seine.pipeline.LocalPod;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Supplier;

/** Objects at random, few enough to have much to do with each other, and what there is of them. */
final class RandomWorld {
  private static final List<String> NAMESPACES = List.of("a", "b", "c");
  private static final List<String> PODS = List.of("p0", "p1", "p2", "p3");
  private static final List<String> NAMES = List.of("x", "y", "z");

  private final Random random;
  private final Map<String, NamespaceInfo> namespaces = new HashMap<>();
  private final Map<String, PodInfo> pods = new HashMap<>();
  private final Map<String, PodInfo> left = new HashMap<>();
  private final Map<String, LocalPod> ports = new HashMap<>();
  private final Map<String, NetworkPolicyInfo> policies = new HashMap<>();
  private final Map<String, ClusterPolicyInfo> clusterPolicies = new HashMap<>();
  private final Map<String, NodeInfo> nodes = new HashMap<>();

  RandomWorld(Random random) {
    this.random = random;
  }

  private <E> E any(List<E> of) {
    return of.get(random.nextInt(of.size()));
  }

  /** Makes one change, here and in the engine. */
  void change(PolicyEngine engine) {
    switch (random.nextInt(12)) {
      case 0 -> changeNamespace(engine);
      case 1, 2, 3, 4 -> changePod(engine);
      case 5, 6 -> changePort(engine);
      case 7, 8, 9 -> changePolicy(engine);
      case 10 -> changeClusterPolicy(engine);
      default -> changeNode(engine);
    }
  }

  private void changeNamespace(PolicyEngine engine) {
    String name = any(NAMESPACES);
    if (random.nextInt(4) == 0) {
      namespaces.remove(name);
      engine.removeNamespace(name);
    } else {
      List<String> isolation =
          List.of("", "", ",seine.io/isolation=enabled", ",seine.io/isolation=disabled");
      namespaces.put(name, namespace(name, "team=" + any(NAMES) + any(isolation)));
      engine.put(namespaces.get(name));
    }
  }

  private void changePod(PolicyEngine engine) {
    String key = any(NAMESPACES) + "/" + any(PODS);
    if (random.nextInt(4) == 0) {
      PodInfo was = pods.remove(key);
      if (was != null && ports.containsKey(key)) {
        left.put(key, was);
      }
      engine.removePod(Given.key(key));
    } else {
      pods.put(key, pod(key));
      left.remove(key);
      engine.put(pods.get(key));
    }
  }

  private PodInfo pod(String key) {
    String own = Integer.toString(1 + NAMESPACES.indexOf(key.substring(0, 1)) * 4 + key.charAt(3));
    // now and then an address that is another's
    String address = random.nextInt(10) == 0 ? "10.0.0.50" : "10.0.0." + own;
    List<PodInfo.NamedPort> named = new ArrayList<>();
    for (int i = random.nextInt(3); i > 0; i--) {
      named.add(Given.port(any(List.of("http", "dns")), any(List.of("TCP", "UDP")), any(PORTS)));
    }
    return Given.pod(
        key,
        any(List.of("", "app=x", "app=y", "app=z", "app=x,tier=x", "app=y,tier=y", "tier=x")),
        any(List.of("", address, address, address + ",fd00::" + own)),
        random.nextInt(12) == 0,
        random.nextInt(12) == 0,
        named.toArray(PodInfo.NamedPort[]::new));
  }

  private static final List<Integer> PORTS = List.of(80, 81, 8080);

  private void changePort(PolicyEngine engine) {
    String key = any(NAMESPACES) + "/" + any(PODS.subList(0, 2));
    if (random.nextInt(3) == 0) {
      ports.remove(key);
      left.remove(key);
      engine.disconnect(Given.id(key));
    } else {
      LocalPod port = local(key, 3 + random.nextInt(2), "10.0.1." + (1 + random.nextInt(9)));
      ports.put(key, port);
      engine.connect(port);
    }
  }

  private void changePolicy(PolicyEngine engine) {
    String key = any(NAMESPACES) + "/" + any(NAMES);
    if (random.nextInt(4) == 0) {
      policies.remove(key);
      engine.removeNetworkPolicy(Given.key(key));
    } else {
      policies.put(
          key,
          Given.policy(
              key,
              selector("app"),
              random.nextBoolean(),
              several(this::rule),
              random.nextBoolean(),
              several(this::rule),
              options()));
      engine.put(policies.get(key));
    }
  }

  private PolicyOptions options() {
    return new PolicyOptions(
        any(List.of("", "", "true")), any(List.of("", "", "denied", "allowed", "all")));
  }

  private <E> List<E> several(Supplier<E> one) {
    List<E> all = new ArrayList<>();
    for (int i = random.nextInt(3); i > 0; i--) {
      all.add(one.get());
    }
    return all;
  }

  private Selector selector(String key) {
    return switch (random.nextInt(6)) {
      case 0 -> Selector.ALL;
      case 1 -> select(key, "Exists");
      case 2 -> select(key, "DoesNotExist");
      case 3 -> select(key, "In", any(NAMES), any(NAMES));
      case 4 -> select(key, "NotIn", any(NAMES));
      default -> Selector.of(labels(key + "=" + any(NAMES)));
    };
  }

  private static Selector select(String key, String operator, String... values) {
    return new Selector(Map.of(), List.of(new Requirement(key, operator, List.of(values))));
  }

  private NetworkPolicyInfo.Rule rule() {
    return new NetworkPolicyInfo.Rule(several(this::peer), several(this::port));
  }

  private NetworkPolicyInfo.Peer peer() {
    return switch (random.nextInt(4)) {
      case 0 -> Given.pods(selector("app"));
      case 1 -> Given.namespaces(selector("team"));
      case 2 -> Given.podsOf(selector("team"), selector("app"));
      default -> Given.block("10.0.0.0/8", "10.1.0.0/16");
    };
  }

  private NetworkPolicyInfo.Port port() {
    return new NetworkPolicyInfo.Port(
        any(List.of("TCP", "UDP")), any(List.of("80", "http", "dns", "")), Optional.empty());
  }

  private void changeClusterPolicy(PolicyEngine engine) {
    String name = any(NAMES);
    if (random.nextInt(4) == 0) {
      clusterPolicies.remove(name);
      engine.removeClusterPolicy(name);
    } else {
      clusterPolicies.put(
          name,
          Given.cluster(
              name,
              any(List.of("Admin", "Baseline")),
              random.nextInt(3),
              new ClusterPolicyInfo.Peer.Pods(selector("team"), selector("app")),
              several(() -> clusterRule(false)),
              several(() -> clusterRule(true))));
      engine.put(clusterPolicies.get(name));
    }
  }

  private ClusterPolicyInfo.Rule clusterRule(boolean egress) {
    return new ClusterPolicyInfo.Rule(
        "",
        any(List.of("Accept", "Deny", "Pass")),
        several(() -> clusterPeer(egress)),
        random.nextBoolean() ? Optional.empty() : Optional.of(several(this::protocol)));
  }

  private ClusterPolicyInfo.Peer clusterPeer(boolean egress) {
    return switch (random.nextInt(egress ? 4 : 2)) {
      case 2 -> new ClusterPolicyInfo.Peer.Nodes(selector("zone"));
      case 3 -> new ClusterPolicyInfo.Peer.Networks(List.of("10.0.0.0/24", "fd00::/8"));
      default -> new ClusterPolicyInfo.Peer.Pods(selector("team"), selector("app"));
    };
  }

  private ClusterPolicyInfo.Protocol protocol() {
    return random.nextBoolean()
        ? new ClusterPolicyInfo.Protocol.NamedPort(any(List.of("http", "dns")))
        : new ClusterPolicyInfo.Protocol.Transport("TCP", Optional.empty());
  }

  private void changeNode(PolicyEngine engine) {
    String name = any(List.of("n0", "n1", "n2"));
    if (random.nextInt(4) == 0) {
      nodes.remove(name);
      engine.removeNode(name);
    } else {
      String address = "192.168.0." + (1 + random.nextInt(3));
      nodes.put(
          name,
          Given.node(
              name,
              random.nextBoolean() ? "zone=" + any(NAMES) : "",
              List.of(address, name),
              "10.0." + name.charAt(1) + ".0/24"));
      engine.put(nodes.get(name));
    }
  }

  /** Tells an engine what there is now, in any order. */
  void tell(PolicyEngine engine) {
    List<Runnable> all = new ArrayList<>();
    namespaces.values().forEach(n -> all.add(() -> engine.put(n)));
    pods.values().forEach(p -> all.add(() -> engine.put(p)));
    ports.forEach((key, port) ->
        all.add(() -> {
          PodInfo was = left.get(key);
          if (was != null) {
            engine.put(was);
          }
          engine.connect(port);
          if (was != null) {
            engine.removePod(Given.key(key));
          }
        }));
    policies.values().forEach(p -> all.add(() -> engine.put(p)));
    clusterPolicies.values().forEach(p -> all.add(() -> engine.put(p)));
    nodes.values().forEach(n -> all.add(() -> engine.put(n)));
    Collections.shuffle(all, random);
    all.forEach(Runnable::run);
  }

  /** As the API's documents speak of it; the addresses of pods here are those of their ports. */
  World world(boolean isolateNamespaces) {
    return new World(
        List.copyOf(namespaces.values()),
        pods.entrySet().stream().map(e -> withPort(e.getKey(), e.getValue())).toList(),
        nodes.values().stream().map(RandomWorld::node).toList(),
        List.copyOf(policies.values()),
        List.copyOf(clusterPolicies.values()),
        isolateNamespaces);
  }

  private PodInfo withPort(String key, PodInfo pod) {
    LocalPod port = ports.get(key);
    return port == null
        ? pod
        : new PodInfo(
            pod.ref(),
            pod.node(),
            port.addresses().stream().map(Object::toString).toList(),
            pod.hostNetwork(),
            pod.finished(),
            pod.labels(),
            pod.ports());
  }

  private static World.Node node(NodeInfo node) {
    return new World.Node(
        node.name(),
        node.labels(),
        List.of(Ip.parse(node.addresses().getFirst())),
        List.of(IpPrefix.parse(node.podCidrs().getFirst()).network().plus(1)),
        List.of());
  }
}
