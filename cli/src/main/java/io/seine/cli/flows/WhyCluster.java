package io.seine.cli.flows;

import io.seine.agent.facts.PolicyObjects;
import io.seine.agent.kube.NodeInfo;
import io.seine.agent.kube.ObjectKey;
import io.seine.agent.kube.PodInfo;
import io.seine.agent.verdict.World;
import io.seine.openflow.Ip;
import io.seine.openflow.IpPrefix;
import io.seine.pipeline.LocalNode;
import io.seine.pipeline.Owner;
import io.seine.pipeline.ServiceFact;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Finds who is meant by a name, and what the policies speak of. */
record WhyCluster(PolicyObjects objects, List<ServiceFact> services, boolean isolateNamespaces) {
  private static final String SERVICE = "svc/";
  private static final String NODE = "node/";
  private static final String POD = "pod/";

  /**
   * Who is meant.
   *
   * @param name of a pod, with its namespace or in {@code default}, whole or its start if that is
   *     of one pod only; {@code svc/NS/NAME}; a node; or an address
   * @throws IllegalArgumentException if there is nobody of this name
   */
  WhyParty find(String name) {
    if (name.startsWith(SERVICE)) {
      return service(key(name.substring(SERVICE.length())));
    }
    if (name.startsWith(NODE)) {
      return node(name.substring(NODE.length()));
    }
    if (name.startsWith(POD)) {
      return pod(key(name.substring(POD.length())));
    }
    if (name.matches("[0-9.]+|.*:.*")) {
      return at(Ip.parse(name));
    }
    if (name.indexOf('/') < 0 && objects.nodes().stream().anyMatch(n -> n.name().equals(name))) {
      return node(name);
    }
    return pod(key(name));
  }

  private static ObjectKey key(String text) {
    int slash = text.indexOf('/');
    return slash < 0
        ? new ObjectKey("default", text)
        : new ObjectKey(text.substring(0, slash), text.substring(slash + 1));
  }

  private WhyParty pod(ObjectKey key) {
    List<PodInfo> same = objects.pods().stream().filter(pod -> pod.key().equals(key)).toList();
    List<PodInfo> found =
        same.isEmpty()
            ? objects.pods().stream()
                .filter(pod ->
                    pod.key().namespace().equals(key.namespace())
                        && pod.key().name().startsWith(key.name() + "-"))
                .toList()
            : same;
    if (found.size() > 1) {
      throw new IllegalArgumentException(
          "%s may be each of %s"
              .formatted(key, found.stream().map(p -> p.key().name()).sorted().toList()));
    }
    if (found.isEmpty()) {
      throw new IllegalArgumentException(
          "there is no running pod %s (services are svc/NAMESPACE/NAME)".formatted(key));
    }
    PodInfo pod = found.getFirst();
    if (pod.hostNetwork()) {
      return node(pod.node());
    }
    if (pod.addresses().isEmpty()) {
      throw new IllegalArgumentException("pod %s has no address yet".formatted(key));
    }
    return new WhyParty.Pod(pod);
  }

  private WhyParty service(ObjectKey key) {
    return services.stream()
        .filter(s -> s.namespace().equals(key.namespace()) && s.name().equals(key.name()))
        .findFirst()
        .map(s ->
            (WhyParty)
                new WhyParty.Service(
                    new Owner.Service(s.namespace(), s.name()),
                    s.ports().stream()
                        .flatMap(port -> port.frontends().stream())
                        .filter(f -> f.kind() == ServiceFact.Kind.CLUSTER_IP)
                        .map(ServiceFact.Frontend::address)
                        .distinct()
                        .toList()))
        .orElseThrow(() -> new IllegalArgumentException("no service %s is served".formatted(key)));
  }

  private WhyParty node(String name) {
    return objects.nodes().stream()
        .filter(node -> node.name().equals(name))
        .findFirst()
        .map(node -> (WhyParty) new WhyParty.Node(name, addresses(node)))
        .orElseThrow(() -> new IllegalArgumentException("there is no node " + name));
  }

  private WhyParty at(Ip address) {
    Optional<PodInfo> pod =
        objects.pods().stream()
            .filter(p -> !p.hostNetwork() && !p.finished())
            .filter(p -> p.addresses().stream().anyMatch(a -> Ip.parse(a).equals(address)))
            .findFirst();
    if (pod.isPresent()) {
      return new WhyParty.Pod(pod.get());
    }
    for (NodeInfo node : objects.nodes()) {
      if (addresses(node).contains(address)) {
        List<Ip> first = new ArrayList<>(List.of(address));
        first.addAll(addresses(node));
        return new WhyParty.Node(node.name(), first.stream().distinct().toList());
      }
    }
    for (ServiceFact service : services) {
      if (service.ports().stream()
          .flatMap(port -> port.frontends().stream())
          .anyMatch(f -> f.kind() != ServiceFact.Kind.NODE_PORT && f.address().equals(address))) {
        return new WhyParty.Service(
            new Owner.Service(service.namespace(), service.name()), List.of(address));
      }
    }
    return new WhyParty.Outside(address);
  }

  /** By which its processes come to pods, and then its own. */
  private static List<Ip> addresses(NodeInfo node) {
    List<Ip> all = new ArrayList<>(gateways(node));
    all.addAll(own(node));
    return all;
  }

  private static List<Ip> gateways(NodeInfo node) {
    return node.podCidrs().stream()
        .map(cidr -> LocalNode.Network.of(IpPrefix.parse(cidr)).gateway())
        .toList();
  }

  private static List<Ip> own(NodeInfo node) {
    return node.addresses().stream()
        .filter(text -> text.matches("[0-9.]+|.*:.*"))
        .map(Ip::parse)
        .toList();
  }

  /** All that policies speak of. */
  World world() {
    return new World(
        objects.namespaces(),
        objects.pods(),
        objects.nodes().stream()
            .map(node ->
                new World.Node(node.name(), node.labels(), own(node), gateways(node), List.of()))
            .toList(),
        objects.networkPolicies(),
        objects.clusterPolicies(),
        isolateNamespaces);
  }
}
