package io.seine.agent.kube;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.seine.agent.kube.ClusterPolicyInfo.Peer;
import io.seine.agent.kube.ClusterPolicyInfo.Protocol;
import io.seine.agent.kube.ClusterPolicyInfo.Range;
import io.seine.agent.kube.ClusterPolicyInfo.Rule;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * From a ClusterNetworkPolicy to what the agent keeps of it. The client library has no class for
 * it, so that the object is read as a tree, in which any member may be absent or of another type.
 *
 * <p>The API demands exactly one member of subjects, peers, protocols and ports. One with none that
 * is known comes from a version that is not, whose fields the API server has pruned; one with
 * several contradicts itself. Both are unknown.
 */
final class ReduceClusterPolicy {
  private static final ObjectMapper JSON = new ObjectMapper();

  private ReduceClusterPolicy() {}

  static ClusterPolicyInfo policy(GenericKubernetesResource policy) {
    JsonNode members = JSON.valueToTree(policy.getAdditionalProperties());
    JsonNode spec = members.path("spec");
    return new ClusterPolicyInfo(
        new ObjectRef(
            Kind.CLUSTER_POLICY_VERSION,
            Kind.CLUSTER_POLICY,
            Kind.key(policy),
            Reduce.text(policy.getMetadata().getUid())),
        spec.path("tier").asText(""),
        spec.path("priority").asInt(-1),
        subject(spec.path("subject")),
        rules(spec.path("ingress"), "from", ReduceClusterPolicy::ingressPeer),
        rules(spec.path("egress"), "to", ReduceClusterPolicy::egressPeer),
        Reduce.options(policy),
        status(policy.getMetadata().getGeneration(), members.path("status")));
  }

  private static ClusterPolicyInfo.Status status(@Nullable Long generation, JsonNode status) {
    return new ClusterPolicyInfo.Status(
        generation == null ? 0 : generation,
        items(status.path("conditions"))
            .filter(c -> c.path("type").asText("").equals(ClusterPolicyInfo.ACCEPTED))
            .findFirst()
            .map(c ->
                new Condition(
                    ClusterPolicyInfo.ACCEPTED,
                    c.path("status").asText(""),
                    c.path("reason").asText(""),
                    c.path("message").asText(""),
                    c.path("observedGeneration").asLong(0),
                    c.path("lastTransitionTime").asText(""))));
  }

  private static Optional<Peer.Pods> subject(JsonNode subject) {
    return ingressPeer(subject) instanceof Peer.Pods pods ? Optional.of(pods) : Optional.empty();
  }

  private static List<Rule> rules(JsonNode rules, String peers, Function<JsonNode, Peer> peer) {
    return items(rules)
        .map(r ->
            new Rule(
                r.path("name").asText(""),
                r.path("action").asText(""),
                items(r.path(peers)).map(peer).toList(),
                protocols(r.path("protocols"))))
        .toList();
  }

  private static Optional<List<Protocol>> protocols(JsonNode protocols) {
    return protocols.isEmpty()
        ? Optional.empty()
        : Optional.of(items(protocols).map(ReduceClusterPolicy::protocol).toList());
  }

  private static Peer ingressPeer(JsonNode peer) {
    Map.Entry<String, JsonNode> only = only(peer);
    return switch (only.getKey()) {
      case "namespaces" -> new Peer.Pods(selector(only.getValue()), Selector.ALL);
      case "pods" ->
          new Peer.Pods(
              selector(only.getValue().path("namespaceSelector")),
              selector(only.getValue().path("podSelector")));
      default -> new Peer.Unknown();
    };
  }

  private static Peer egressPeer(JsonNode peer) {
    Map.Entry<String, JsonNode> only = only(peer);
    return switch (only.getKey()) {
      case "nodes" -> new Peer.Nodes(selector(only.getValue()));
      case "networks" -> new Peer.Networks(texts(only.getValue()));
      case "domainNames" -> new Peer.DomainNames(texts(only.getValue()));
      default -> ingressPeer(peer);
    };
  }

  private static Protocol protocol(JsonNode protocol) {
    Map.Entry<String, JsonNode> only = only(protocol);
    return switch (only.getKey()) {
      case "tcp" -> transport("TCP", only.getValue());
      case "udp" -> transport("UDP", only.getValue());
      case "sctp" -> transport("SCTP", only.getValue());
      case "destinationNamedPort" -> new Protocol.NamedPort(only.getValue().asText(""));
      default -> new Protocol.Unknown();
    };
  }

  private static Protocol transport(String protocol, JsonNode transport) {
    Map.Entry<String, JsonNode> match = only(transport);
    if (!match.getKey().equals("destinationPort")) {
      return new Protocol.Unknown();
    }
    Map.Entry<String, JsonNode> port = only(match.getValue());
    JsonNode value = port.getValue();
    return switch (port.getKey()) {
      case "number" -> transport(protocol, value.asInt(-1), value.asInt(-1));
      case "range" ->
          transport(protocol, value.path("start").asInt(-1), value.path("end").asInt(-1));
      default -> new Protocol.Unknown();
    };
  }

  private static Protocol transport(String protocol, int first, int last) {
    return new Protocol.Transport(protocol, Optional.of(new Range(first, last)));
  }

  /** The object's one member that is not null; one without a name if there is not exactly one. */
  private static Map.Entry<String, JsonNode> only(JsonNode object) {
    List<Map.Entry<String, JsonNode>> members =
        object.properties().stream().filter(m -> !m.getValue().isNull()).toList();
    return members.size() == 1 ? members.getFirst() : Map.entry("", object);
  }

  private static Stream<JsonNode> items(JsonNode array) {
    return array.valueStream();
  }

  private static List<String> texts(JsonNode array) {
    return items(array).map(n -> n.asText("")).toList();
  }

  private static Selector selector(JsonNode selector) {
    Map<String, String> labels = new HashMap<>();
    selector
        .path("matchLabels")
        .properties()
        .forEach(m -> labels.put(m.getKey(), m.getValue().asText("")));
    List<Selector.Requirement> requirements = new ArrayList<>();
    items(selector.path("matchExpressions"))
        .forEach(r ->
            requirements.add(
                new Selector.Requirement(
                    r.path("key").asText(""),
                    r.path("operator").asText(""),
                    texts(r.path("values")))));
    return new Selector(labels, requirements);
  }
}
