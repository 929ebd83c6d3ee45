package io.seine.agent.verdict;

import io.seine.agent.kube.ClusterPolicyInfo;
import io.seine.agent.kube.NamespaceInfo;
import io.seine.agent.kube.NetworkPolicyInfo;
import io.seine.agent.kube.PodInfo;
import io.seine.openflow.Ip;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A cluster at one moment: all that policies can speak of.
 *
 * @param domains the addresses that DNS has for names, as far as pods have asked
 * @param isolateNamespaces whether namespaces are isolated that do not say otherwise themselves
 */
public record World(
    List<NamespaceInfo> namespaces,
    List<PodInfo> pods,
    List<Node> nodes,
    List<NetworkPolicyInfo> networkPolicies,
    List<ClusterPolicyInfo> clusterPolicies,
    Map<String, List<Ip>> domains,
    boolean isolateNamespaces) {
  /** One where no domain name has an address. */
  public World(
      List<NamespaceInfo> namespaces,
      List<PodInfo> pods,
      List<Node> nodes,
      List<NetworkPolicyInfo> networkPolicies,
      List<ClusterPolicyInfo> clusterPolicies,
      boolean isolateNamespaces) {
    this(namespaces, pods, nodes, networkPolicies, clusterPolicies, Map.of(), isolateNamespaces);
  }

  public World {
    domains = Map.copyOf(domains);
    namespaces = List.copyOf(namespaces);
    pods = List.copyOf(pods);
    nodes = List.copyOf(nodes);
    networkPolicies = List.copyOf(networkPolicies);
    clusterPolicies = List.copyOf(clusterPolicies);
  }

  /**
   * A node.
   *
   * @param addresses of its status
   * @param gateways those by which it speaks to its pods: the first of each pod CIDR
   * @param others that it has, as far as known
   */
  public record Node(
      String name,
      Map<String, String> labels,
      List<Ip> addresses,
      List<Ip> gateways,
      List<Ip> others) {
    public Node {
      labels = Map.copyOf(labels);
      addresses = List.copyOf(addresses);
      gateways = List.copyOf(gateways);
      others = List.copyOf(others);
    }

    /** Whether who has the address is the node itself. */
    public boolean has(Ip address) {
      return Stream.of(addresses, gateways, others).anyMatch(list -> list.contains(address));
    }
  }

  /** The labels of a namespace, of which one is its name; only that if it is not known. */
  Map<String, String> labelsOf(String namespace) {
    Map<String, String> labels = new HashMap<>();
    namespaces.stream()
        .filter(n -> n.name().equals(namespace))
        .forEach(n -> labels.putAll(n.labels()));
    labels.put("kubernetes.io/metadata.name", namespace);
    return labels;
  }

  Optional<Node> node(String name) {
    return nodes.stream().filter(n -> n.name().equals(name)).findFirst();
  }

  /**
   * The pod at an address, if it is a pod to policies: one that uses its node's network is not, and
   * neither is one that has come to its end.
   */
  Optional<PodInfo> podAt(Ip address) {
    return pods.stream().filter(World::counts).filter(pod -> has(pod, address)).findFirst();
  }

  static boolean has(PodInfo pod, Ip address) {
    return pod.addresses().stream().anyMatch(text -> Ip.parse(text).equals(address));
  }

  private static boolean counts(PodInfo pod) {
    return !pod.hostNetwork() && !pod.finished();
  }
}
