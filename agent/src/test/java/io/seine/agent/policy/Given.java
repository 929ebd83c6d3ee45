package io.seine.agent.policy;

import io.seine.agent.kube.ClusterPolicyInfo;
import io.seine.agent.kube.NamespaceInfo;
import io.seine.agent.kube.NetworkPolicyInfo;
import io.seine.agent.kube.NetworkPolicyInfo.Port;
import io.seine.agent.kube.NodeInfo;
import io.seine.agent.kube.ObjectKey;
import io.seine.agent.kube.ObjectRef;
import io.seine.agent.kube.PodInfo;
import io.seine.agent.kube.PolicyOptions;
import io.seine.agent.kube.Selector;
import io.seine.agent.kube.Selector.Requirement;
import io.seine.openflow.Ip;
import io.seine.openflow.Mac;
import io.seine.pipeline.LocalPod;
import io.seine.pipeline.policy.PodId;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Objects as tests speak of them. */
final class Given {
  private Given() {}

  /** {@code "app=web,tier=front"}; empty for none. */
  static Map<String, String> labels(String text) {
    Map<String, String> labels = new TreeMap<>();
    for (String pair : text.isEmpty() ? new String[0] : text.split(",")) {
      labels.put(pair.substring(0, pair.indexOf('=')), pair.substring(pair.indexOf('=') + 1));
    }
    return labels;
  }

  static Selector select(String labels) {
    return Selector.of(labels(labels));
  }

  static Selector select(String key, String operator, String... values) {
    return new Selector(Map.of(), List.of(new Requirement(key, operator, List.of(values))));
  }

  static NamespaceInfo namespace(String name, String labels) {
    return new NamespaceInfo(ref("v1", "Namespace", "", name), labels(labels));
  }

  static ObjectKey key(String text) {
    int slash = text.indexOf('/');
    return new ObjectKey(text.substring(0, slash), text.substring(slash + 1));
  }

  static PodId id(String text) {
    return new PodId(key(text).namespace(), key(text).name());
  }

  private static ObjectRef ref(String version, String kind, String namespace, String name) {
    return new ObjectRef(version, kind, new ObjectKey(namespace, name), "uid-" + name);
  }

  /** {@code pod("shop/web", "app=web", "10.0.0.1")}; several addresses with commas. */
  static PodInfo pod(String key, String labels, String addresses, PodInfo.NamedPort... ports) {
    return pod(key, labels, addresses, false, false, ports);
  }

  static PodInfo pod(
      String key,
      String labels,
      String addresses,
      boolean hostNetwork,
      boolean finished,
      PodInfo.NamedPort... ports) {
    return new PodInfo(
        ref("v1", "Pod", key(key).namespace(), key(key).name()),
        "some-node",
        addresses.isEmpty() ? List.of() : List.of(addresses.split(",")),
        hostNetwork,
        finished,
        labels(labels),
        List.of(ports));
  }

  static PodInfo.NamedPort port(String name, String protocol, int number) {
    return new PodInfo.NamedPort(name, protocol, number);
  }

  static LocalPod local(String key, int ofport, String... addresses) {
    return new LocalPod(
        key(key).namespace(),
        key(key).name(),
        Arrays.stream(addresses).map(Ip::parse).toList(),
        Mac.parse("02:00:00:00:00:01"),
        ofport);
  }

  static NodeInfo node(String name, String labels, List<String> addresses, String podCidr) {
    return new NodeInfo(
        ObjectRef.node(name, "uid-" + name),
        "2026-01-01T00:00:00Z",
        addresses,
        List.of(),
        List.of(podCidr),
        "",
        0,
        addresses,
        labels(labels));
  }

  static PolicyOptions dryRun() {
    return new PolicyOptions("true", "");
  }

  static PolicyOptions log(String what) {
    return new PolicyOptions("", what);
  }

  /** For what its pods receive. */
  static NetworkPolicyInfo ingress(String key, Selector pods, NetworkPolicyInfo.Rule... rules) {
    return policy(key, pods, true, List.of(rules), false, List.of(), PolicyOptions.NONE);
  }

  /** For what its pods send. */
  static NetworkPolicyInfo egress(String key, Selector pods, NetworkPolicyInfo.Rule... rules) {
    return policy(key, pods, false, List.of(), true, List.of(rules), PolicyOptions.NONE);
  }

  static NetworkPolicyInfo policy(
      String key,
      Selector pods,
      boolean ingress,
      List<NetworkPolicyInfo.Rule> ingressRules,
      boolean egress,
      List<NetworkPolicyInfo.Rule> egressRules,
      PolicyOptions options) {
    return new NetworkPolicyInfo(
        ref("networking.k8s.io/v1", "NetworkPolicy", key(key).namespace(), key(key).name()),
        pods,
        ingress,
        egress,
        ingressRules,
        egressRules,
        options);
  }

  static NetworkPolicyInfo with(PolicyOptions options, NetworkPolicyInfo policy) {
    return new NetworkPolicyInfo(
        policy.ref(),
        policy.pods(),
        policy.ingress(),
        policy.egress(),
        policy.ingressRules(),
        policy.egressRules(),
        options);
  }

  static NetworkPolicyInfo.Rule rule(List<? extends NetworkPolicyInfo.Peer> peers, Port... ports) {
    return new NetworkPolicyInfo.Rule(List.copyOf(peers), List.of(ports));
  }

  /** Of the policy's namespace. */
  static NetworkPolicyInfo.Peer pods(Selector pods) {
    return new NetworkPolicyInfo.Peer.Pods(Optional.empty(), Optional.of(pods));
  }

  static NetworkPolicyInfo.Peer namespaces(Selector namespaces) {
    return new NetworkPolicyInfo.Peer.Pods(Optional.of(namespaces), Optional.empty());
  }

  static NetworkPolicyInfo.Peer podsOf(Selector namespaces, Selector pods) {
    return new NetworkPolicyInfo.Peer.Pods(Optional.of(namespaces), Optional.of(pods));
  }

  static NetworkPolicyInfo.Peer block(String cidr, String... except) {
    return new NetworkPolicyInfo.Peer.Addresses(cidr, List.of(except));
  }

  /** {@code tcp("80")}, {@code tcp("http")}, {@code tcp("")}. */
  static Port tcp(String port) {
    return new Port("TCP", port, Optional.empty());
  }

  static Port tcp(int first, int last) {
    return new Port("TCP", Integer.toString(first), Optional.of(last));
  }

  static ClusterPolicyInfo cluster(
      String name,
      String tier,
      int priority,
      ClusterPolicyInfo.Peer.Pods subject,
      List<ClusterPolicyInfo.Rule> ingress,
      List<ClusterPolicyInfo.Rule> egress) {
    return new ClusterPolicyInfo(
        ref("policy.networking.k8s.io/v1alpha2", "ClusterNetworkPolicy", "", name),
        tier,
        priority,
        Optional.of(subject),
        ingress,
        egress,
        PolicyOptions.NONE);
  }

  static ClusterPolicyInfo.Rule rule(String action, List<? extends ClusterPolicyInfo.Peer> peers) {
    return new ClusterPolicyInfo.Rule("", action, List.copyOf(peers), Optional.empty());
  }

  static ClusterPolicyInfo.Rule rule(
      String action,
      List<? extends ClusterPolicyInfo.Peer> peers,
      ClusterPolicyInfo.Protocol... protocols) {
    return new ClusterPolicyInfo.Rule(
        "", action, List.copyOf(peers), Optional.of(List.of(protocols)));
  }

  static ClusterPolicyInfo.Peer.Pods clusterPods(String namespaces, String pods) {
    return new ClusterPolicyInfo.Peer.Pods(select(namespaces), select(pods));
  }
}
