package io.seine.cli.flows;

import io.seine.agent.kube.NodeInfo;
import io.seine.agent.kube.ServiceInfo;
import io.seine.agent.verdict.Connection;
import io.seine.agent.verdict.Transport;
import io.seine.cli.flows.WhyPlan.Entry;
import io.seine.cli.flows.WhyPlan.Hop;
import io.seine.openflow.Family;
import io.seine.openflow.Ip;
import java.util.List;
import java.util.Optional;

/**
 * Who connects to a service, as the node sees it that translates.
 *
 * @param node where that is
 * @param outside whether it is neither a pod of the node's nor the node itself
 * @param first hops that it has behind it
 * @param leaving what the policies of the client see where that is not the endpoint
 */
record WhyClient(
    String node, Ip address, boolean outside, List<Hop> first, Optional<Connection> leaving) {
  WhyClient {
    first = List.copyOf(first);
  }

  private WhyClient(String node, Ip address, boolean outside) {
    this(node, address, outside, List.of(), Optional.empty());
  }

  /** Of a service's own addresses, in one family; empty if the client has no address of it. */
  static Optional<WhyClient> of(WhyQuestion question, WhyParty.Service service, Family family) {
    WhyParty source = question.source();
    if (service.to(family).isEmpty() && service.asked().isPresent()) {
      return Optional.empty();
    }
    boolean outside = source instanceof WhyParty.Outside;
    return source
        .from(family)
        .map(ip ->
            new WhyClient(
                outside ? entry(question, service.service()) : source.node(), ip, outside));
  }

  /** By which node comes what is from outside: where the policy is Local, one with endpoints. */
  private static String entry(WhyQuestion question, ServiceInfo service) {
    WhyCluster cluster = question.cluster();
    List<String> nodes = cluster.objects().nodes().stream().map(NodeInfo::name).sorted().toList();
    if (!question.via().isEmpty()) {
      if (!nodes.contains(question.via())) {
        throw new IllegalArgumentException("there is no node " + question.via());
      }
      return question.via();
    }
    return nodes.stream()
        .filter(name ->
            !service.external().local()
                || cluster.fact(name, service.key()).stream()
                    .flatMap(fact -> fact.ports().stream())
                    .anyMatch(port -> !port.localEndpoints().isEmpty()))
        .findFirst()
        .orElse(nodes.getFirst());
  }

  /** Of a port of a node's: seen from another node, pods and nodes are outside too. */
  static Optional<WhyClient> ofNodePort(WhyQuestion question, WhyParty.Node node, Ip to) {
    WhyParty source = question.source();
    Family family = to.family();
    if (source.node().equals(node.name())) {
      Optional<Ip> from = source instanceof WhyParty.Pod ? source.from(family) : Optional.of(to);
      return from.map(ip -> new WhyClient(node.name(), ip, false));
    }
    return source instanceof WhyParty.Pod pod
        ? pod.from(family).map(ip -> ofOtherNodes(question, pod, ip, node, to))
        : source.to(family).map(ip -> new WhyClient(node.name(), ip, true));
  }

  /** A pod whose packets go by way of its node to another. */
  private static WhyClient ofOtherNodes(
      WhyQuestion question, WhyParty.Pod pod, Ip from, WhyParty.Node node, Ip to) {
    WhyCluster cluster = question.cluster();
    Connection leaving =
        new Connection(
            from,
            to,
            question.target().transport().orElse(Transport.TCP),
            question.target().number().orElseThrow());
    Ip seen =
        cluster.nodes().masquerades(pod.node())
            ? cluster.node(pod.node()).to(to.family()).orElse(from)
            : from;
    Hop first = new Hop(pod.node(), new Entry.FromPod(pod), leaving, Optional.empty(), true, false);
    return new WhyClient(node.name(), seen, true, List.of(first), Optional.of(leaving));
  }
}
