package io.seine.cli.flows;

import io.seine.agent.facts.ClusterFacts;
import io.seine.agent.facts.PolicyObjects;
import io.seine.agent.kube.NodeInfo;
import io.seine.agent.kube.ObjectKey;
import io.seine.agent.kube.PodInfo;
import io.seine.agent.kube.ServiceInfo;
import io.seine.agent.kube.SliceInfo;
import io.seine.agent.verdict.World;
import io.seine.openflow.Ip;
import io.seine.openflow.IpPrefix;
import io.seine.pipeline.LocalNode;
import io.seine.pipeline.Owner;
import io.seine.pipeline.ServiceFact;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Finds who is meant by a name, and what the policies speak of.
 *
 * @param objects with the pods that run
 * @param slices the endpoints of all services
 */
record WhyCluster(
    PolicyObjects objects,
    List<ServiceInfo> services,
    List<SliceInfo> slices,
    boolean isolateNamespaces,
    Nodes nodes) {
  private static final String SERVICE = "svc/";
  private static final String NODE = "node/";
  private static final String POD = "pod/";
  private static final int MOST_NAMES = 10;

  /** What has to be asked for one by one. */
  interface Nodes {
    /** What a node's agent knows, and wants of its switch. */
    ClusterFacts facts(String node);

    /** Whether a node has its own address for that of its pods in what goes outside. */
    boolean masquerades(String node);

    /** The phase of a pod that may not run; empty if there is no such pod. */
    Optional<String> phase(ObjectKey pod);
  }

  /**
   * Who is meant.
   *
   * @param name of a pod, with its namespace or in {@code default}, whole or its start if that is
   *     of one pod only; {@code svc/NS/NAME}; a node; or an address
   * @throws IllegalArgumentException if there is nobody of this name, or more than one
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
    if (isAddress(name)) {
      return at(Ip.parse(name));
    }
    if (name.indexOf('/') < 0 && objects.nodes().stream().anyMatch(n -> n.name().equals(name))) {
      if (podsOf(key(name)).isEmpty()) {
        return node(name);
      }
      throw new IllegalArgumentException(
          "there is a node and a pod named '%1$s': say node/%1$s or pod/%1$s".formatted(name));
    }
    return pod(key(name));
  }

  private static boolean isAddress(String text) {
    return text.matches("[0-9]+(\\.[0-9]+){3}|.*:.*");
  }

  private static ObjectKey key(String text) {
    int slash = text.indexOf('/');
    ObjectKey key =
        slash < 0
            ? new ObjectKey("default", text)
            : new ObjectKey(text.substring(0, slash), text.substring(slash + 1));
    if (key.name().isEmpty() || key.namespace().isEmpty() || key.name().indexOf('/') >= 0) {
      throw new IllegalArgumentException("'%s' is not [NAMESPACE/]NAME".formatted(text));
    }
    return key;
  }

  private List<PodInfo> podsOf(ObjectKey key) {
    return objects.pods().stream().filter(pod -> pod.key().equals(key)).toList();
  }

  private WhyParty pod(ObjectKey key) {
    List<PodInfo> same = podsOf(key);
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
          "%s may be each of %s".formatted(key, names(found.stream().map(p -> p.key().name()))));
    }
    if (found.isEmpty()) {
      throw new IllegalArgumentException(nobody(key));
    }
    PodInfo pod = found.getFirst();
    if (pod.hostNetwork()) {
      return node(pod.node());
    }
    if (pod.finished() || pod.addresses().isEmpty()) {
      throw new IllegalArgumentException(nobody(key));
    }
    return new WhyParty.Pod(pod, pod.addresses().stream().map(Ip::parse).toList());
  }

  /** Why it is not found, and what may have been meant. */
  private String nobody(ObjectKey key) {
    Optional<String> phase = nodes.phase(key);
    if (phase.isPresent()) {
      return "pod %s does not run: it is %s".formatted(key, phase.get());
    }
    String message = "there is no running pod " + key;
    if (services.stream().anyMatch(s -> s.key().equals(key))) {
      return message + "; for the service of that name say svc/" + key;
    }
    List<PodInfo> elsewhere =
        objects.pods().stream().filter(p -> p.key().name().equals(key.name())).toList();
    return elsewhere.isEmpty()
        ? message + " (services are svc/NAMESPACE/NAME)"
        : message + "; there is " + names(elsewhere.stream().map(p -> p.key().toString()));
  }

  private static String names(Stream<String> all) {
    List<String> sorted = all.sorted().toList();
    String first = String.join(", ", sorted.subList(0, Math.min(MOST_NAMES, sorted.size())));
    int more = sorted.size() - MOST_NAMES;
    return more > 0 ? "%s and %d more".formatted(first, more) : first;
  }

  private WhyParty service(ObjectKey key) {
    return services.stream()
        .filter(s -> s.key().equals(key))
        .findFirst()
        .map(s -> (WhyParty) new WhyParty.Service(s, Optional.empty()))
        .orElseThrow(() -> new IllegalArgumentException("there is no service " + key));
  }

  /**
   * The node of this name.
   *
   * @throws IllegalArgumentException if there is none
   */
  WhyParty.Node node(String name) {
    return objects.nodes().stream()
        .filter(node -> node.name().equals(name))
        .findFirst()
        .map(node -> new WhyParty.Node(name, gateways(node), own(node)))
        .orElseThrow(() -> new IllegalArgumentException("there is no node " + name));
  }

  /** Who has the address. */
  WhyParty at(Ip address) {
    Optional<PodInfo> pod =
        objects.pods().stream()
            .filter(p -> !p.hostNetwork() && !p.finished())
            .filter(p -> p.addresses().stream().anyMatch(a -> Ip.parse(a).equals(address)))
            .findFirst();
    if (pod.isPresent()) {
      return new WhyParty.Pod(pod.get(), List.of(address));
    }
    for (NodeInfo node : objects.nodes()) {
      WhyParty.Node party = node(node.name());
      if (party.addresses().contains(address)) {
        return party.at(address);
      }
      if (node.podCidrs().stream().anyMatch(cidr -> IpPrefix.parse(cidr).contains(address))) {
        throw new IllegalArgumentException(
            "no running pod has %s, an address of %s's pods".formatted(address, node.name()));
      }
    }
    for (ServiceInfo service : services) {
      if (addresses(service).anyMatch(a -> a.equals(address))) {
        return new WhyParty.Service(service, Optional.of(address));
      }
    }
    return new WhyParty.Outside(address);
  }

  /**
   * The service that an address serves on a port: one address may be that of several, and of a node
   * besides.
   */
  Optional<ServiceInfo> serviceAt(Ip address, WhyTarget target) {
    return services.stream()
        .filter(s -> addresses(s).anyMatch(a -> a.equals(address)))
        .filter(
            s -> s.ports().stream().anyMatch(p -> target.means(p.port(), p.name(), p.protocol())))
        .findFirst();
  }

  /** The service that has a port of nodes. */
  Optional<ServiceInfo> serviceOfNodePort(WhyTarget target) {
    return services.stream()
        .filter(s ->
            s.ports().stream()
                .anyMatch(p -> p.nodePort() != 0 && target.means(p.nodePort(), "", p.protocol())))
        .findFirst();
  }

  private static Stream<Ip> addresses(ServiceInfo service) {
    return Stream.of(
            service.clusterIps(), service.external().ips(), service.external().loadBalancerIps())
        .flatMap(List::stream)
        .filter(WhyCluster::isAddress)
        .map(Ip::parse);
  }

  private static List<Ip> gateways(NodeInfo node) {
    return node.podCidrs().stream()
        .map(cidr -> LocalNode.Network.of(IpPrefix.parse(cidr)).gateway())
        .toList();
  }

  private static List<Ip> own(NodeInfo node) {
    return node.addresses().stream().filter(WhyCluster::isAddress).map(Ip::parse).toList();
  }

  /** A service as a node's switch has it; empty if it is not served there. */
  Optional<ServiceFact> fact(String node, ObjectKey service) {
    return nodes.facts(node).services().stream()
        .filter(s -> s.owner().equals(new Owner.Service(service.namespace(), service.name())))
        .findFirst();
  }

  /**
   * All that policies speak of.
   *
   * @param domains what DNS has given for domain names, as the node knows that judges by them
   */
  World world(Map<String, List<Ip>> domains) {
    return new World(
        objects.namespaces(),
        objects.pods(),
        objects.nodes().stream()
            .map(node ->
                new World.Node(node.name(), node.labels(), own(node), gateways(node), List.of()))
            .toList(),
        objects.networkPolicies(),
        objects.clusterPolicies(),
        domains,
        isolateNamespaces);
  }
}
