package io.seine.agent.verdict;

import io.seine.agent.kube.ClusterPolicyInfo;
import io.seine.agent.kube.NamespaceInfo;
import io.seine.agent.kube.NetworkPolicyInfo;
import io.seine.agent.kube.ObjectKey;
import io.seine.agent.kube.ObjectRef;
import io.seine.agent.kube.PodInfo;
import io.seine.agent.kube.PolicyOptions;
import io.seine.agent.kube.Selector;
import io.seine.openflow.Ip;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A small cluster: nodes n1 and n2; namespace x (team=red) with pods a (app=a) on n1 and b (app=b,
 * a port "web" on TCP 8080) on n2; namespace y (team=blue) with pod c (app=c) on n1.
 */
final class Cluster {
  static final String A = "10.0.1.2";
  static final String B = "10.0.2.2";
  static final String C = "10.0.1.3";
  static final String N1 = "192.0.2.1";
  static final String N2 = "192.0.2.2";
  static final String GATEWAY1 = "10.0.1.1";
  static final String GATEWAY2 = "10.0.2.1";
  static final String OUTSIDE = "198.51.100.7";
  static final PolicyOptions DRY = new PolicyOptions("true", "");

  private final List<PodInfo> pods = new ArrayList<>();
  private final List<NamespaceInfo> namespaces = new ArrayList<>();
  private final List<NetworkPolicyInfo> policies = new ArrayList<>();
  private final List<ClusterPolicyInfo> clusterPolicies = new ArrayList<>();
  private boolean isolated;

  Cluster() {
    namespace("x", Map.of("team", "red"));
    namespace("y", Map.of("team", "blue"));
    pods.add(pod("x", "a", "n1", A));
    pods.add(pod("x", "b", "n2", B, new PodInfo.NamedPort("web", "TCP", 8080)));
    pods.add(pod("y", "c", "n1", C));
  }

  static PodInfo pod(
      String namespace, String name, String node, String ip, PodInfo.NamedPort... ports) {
    return new PodInfo(
        ref("v1", "Pod", namespace, name),
        node,
        List.of(ip),
        false,
        false,
        Map.of("app", name),
        List.of(ports));
  }

  private static ObjectRef ref(String version, String kind, String namespace, String name) {
    return new ObjectRef(version, kind, new ObjectKey(namespace, name), "");
  }

  Cluster namespace(String name, Map<String, String> labels) {
    namespaces.removeIf(n -> n.name().equals(name));
    namespaces.add(new NamespaceInfo(ref("v1", "Namespace", "", name), labels));
    return this;
  }

  Cluster with(PodInfo pod) {
    pods.removeIf(p -> p.key().equals(pod.key()));
    pods.add(pod);
    return this;
  }

  Cluster isolated() {
    isolated = true;
    return this;
  }

  /** An ingress policy in namespace x for its pod b. */
  Cluster ingress(String name, NetworkPolicyInfo.Rule... rules) {
    return policy(name, "b", true, PolicyOptions.NONE, rules);
  }

  /** An egress policy in namespace x for its pod a. */
  Cluster egress(String name, NetworkPolicyInfo.Rule... rules) {
    return policy(name, "a", false, PolicyOptions.NONE, rules);
  }

  Cluster policy(
      String name,
      String app,
      boolean ingress,
      PolicyOptions options,
      NetworkPolicyInfo.Rule... rules) {
    policies.add(
        new NetworkPolicyInfo(
            ref("networking.k8s.io/v1", "NetworkPolicy", "x", name),
            app(app),
            ingress,
            !ingress,
            ingress ? List.of(rules) : List.of(),
            ingress ? List.of() : List.of(rules),
            options));
    return this;
  }

  /** A cluster-wide policy for what all pods receive. */
  Cluster guard(String name, String tier, int priority, ClusterPolicyInfo.Rule... ingress) {
    return guard(name, tier, priority, PolicyOptions.NONE, List.of(ingress), List.of());
  }

  Cluster guard(
      String name,
      String tier,
      int priority,
      PolicyOptions options,
      List<ClusterPolicyInfo.Rule> ingress,
      List<ClusterPolicyInfo.Rule> egress) {
    clusterPolicies.add(
        new ClusterPolicyInfo(
            ref("policy.networking.k8s.io/v1alpha2", "ClusterNetworkPolicy", "", name),
            tier,
            priority,
            Optional.of(new ClusterPolicyInfo.Peer.Pods(Selector.ALL, Selector.ALL)),
            ingress,
            egress,
            options));
    return this;
  }

  static Selector app(String app) {
    return Selector.of(Map.of("app", app));
  }

  static NetworkPolicyInfo.Rule from(NetworkPolicyInfo.Peer... peers) {
    return new NetworkPolicyInfo.Rule(List.of(peers), List.of());
  }

  static NetworkPolicyInfo.Rule on(NetworkPolicyInfo.Port... ports) {
    return new NetworkPolicyInfo.Rule(List.of(), List.of(ports));
  }

  static NetworkPolicyInfo.Port port(String protocol, String port) {
    return new NetworkPolicyInfo.Port(protocol, port, Optional.empty());
  }

  static NetworkPolicyInfo.Peer block(String cidr, String... except) {
    return new NetworkPolicyInfo.Peer.Addresses(cidr, List.of(except));
  }

  static NetworkPolicyInfo.Peer pods(Optional<Selector> namespaces, Optional<Selector> pods) {
    return new NetworkPolicyInfo.Peer.Pods(namespaces, pods);
  }

  static ClusterPolicyInfo.Rule rule(String action, ClusterPolicyInfo.Peer... peers) {
    return new ClusterPolicyInfo.Rule("", action, List.of(peers), Optional.empty());
  }

  static ClusterPolicyInfo.Peer podsOf(String team) {
    return new ClusterPolicyInfo.Peer.Pods(Selector.of(Map.of("team", team)), Selector.ALL);
  }

  static ClusterPolicyInfo.Peer allPods() {
    return new ClusterPolicyInfo.Peer.Pods(Selector.ALL, Selector.ALL);
  }

  private World world() {
    return new World(
        namespaces,
        pods,
        List.of(node("n1", N1, GATEWAY1), node("n2", N2, GATEWAY2)),
        policies,
        clusterPolicies,
        isolated);
  }

  private static World.Node node(String name, String address, String gateway) {
    return new World.Node(
        name,
        Map.of("name", name),
        List.of(Ip.parse(address)),
        List.of(Ip.parse(gateway)),
        List.of());
  }

  Answer ask(String source, String destination, Transport transport, int port) {
    return evaluator()
        .judge(new Connection(Ip.parse(source), Ip.parse(destination), transport, port));
  }

  Evaluator evaluator() {
    return new Evaluator(world());
  }

  Answer tcp(String source, String destination, int port) {
    return ask(source, destination, Transport.TCP, port);
  }

  boolean allows(String source, String destination, int port) {
    return tcp(source, destination, port).allowed();
  }

  /** The rule that decided, in the first direction that denies, else in the last. */
  static String decision(Answer answer) {
    Judgement last =
        answer
            .judgements()
            .filter(j -> !j.allowed())
            .findFirst()
            .orElseGet(() -> answer.judgements().reduce((a, b) -> b).orElseThrow());
    return last.decision().rule().map(RuleName::toString).orElse(last.decision().tier().label());
  }

  static List<String> words(Stream<Step> steps) {
    return steps
        .map(s -> s.rule().map(r -> r + ": ").orElse("") + s.why() + " [" + s.effect() + "]")
        .toList();
  }
}
