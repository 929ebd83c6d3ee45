package io.seine.agent.kube;

import static io.seine.agent.kube.Reduce.list;
import static io.seine.agent.kube.Reduce.text;

import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.networking.v1.IPBlock;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPeer;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPort;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicySpec;
import io.seine.agent.kube.NetworkPolicyInfo.Peer;
import io.seine.agent.kube.NetworkPolicyInfo.Port;
import io.seine.agent.kube.NetworkPolicyInfo.Rule;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * From a NetworkPolicy to what the agent keeps of it. There may be a hundred thousand, most of
 * which select by what others select by too: that is kept once.
 */
final class ReduceNetworkPolicy {
  private final Shared<Selector> selectors = new Shared<>(UnaryOperator.identity());

  NetworkPolicyInfo policy(NetworkPolicy policy) {
    NetworkPolicySpec spec = policy.getSpec() == null ? new NetworkPolicySpec() : policy.getSpec();
    List<Rule> ingress =
        list(spec.getIngress()).stream().map(r -> rule(r.getFrom(), r.getPorts())).toList();
    List<Rule> egress =
        list(spec.getEgress()).stream().map(r -> rule(r.getTo(), r.getPorts())).toList();
    List<String> types = list(spec.getPolicyTypes());
    return new NetworkPolicyInfo(
        Reduce.ref(policy),
        selectors.of(Reduce.selector(spec.getPodSelector())),
        types.isEmpty() || types.contains("Ingress"),
        types.isEmpty() ? !egress.isEmpty() : types.contains("Egress"),
        ingress,
        egress,
        Reduce.options(policy));
  }

  private Rule rule(
      @Nullable List<NetworkPolicyPeer> peers, @Nullable List<NetworkPolicyPort> ports) {
    return new Rule(
        list(peers).stream().map(this::peer).toList(),
        list(ports).stream().map(ReduceNetworkPolicy::port).toList());
  }

  private Peer peer(NetworkPolicyPeer peer) {
    IPBlock block = peer.getIpBlock();
    Optional<Selector> namespaces = selector(peer.getNamespaceSelector());
    Optional<Selector> pods = selector(peer.getPodSelector());
    boolean selects = namespaces.isPresent() || pods.isPresent();
    if (block != null) {
      return selects
          ? new Peer.Unclear("it has an ipBlock and a selector, which exclude each other")
          : new Peer.Addresses(text(block.getCidr()), list(block.getExcept()));
    }
    return selects
        ? new Peer.Pods(namespaces, pods)
        : new Peer.Unclear("it has neither ipBlock nor selectors");
  }

  /** Absent is not empty: an empty one selects all. */
  private Optional<Selector> selector(@Nullable LabelSelector selector) {
    return Optional.ofNullable(selector).map(Reduce::selector).map(selectors::of);
  }

  private static Port port(NetworkPolicyPort port) {
    return new Port(
        Reduce.protocol(port.getProtocol()),
        port(port.getPort()),
        Optional.ofNullable(port.getEndPort()));
  }

  private static String port(@Nullable IntOrString port) {
    return port == null || port.getValue() == null ? "" : String.valueOf(port.getValue());
  }
}
