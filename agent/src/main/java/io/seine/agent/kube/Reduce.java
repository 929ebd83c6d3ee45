package io.seine.agent.kube;

import io.fabric8.kubernetes.api.model.DaemonEndpoint;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeAddress;
import io.fabric8.kubernetes.api.model.NodeCondition;
import io.fabric8.kubernetes.api.model.NodeDaemonEndpoints;
import io.fabric8.kubernetes.api.model.NodeSpec;
import io.fabric8.kubernetes.api.model.NodeStatus;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** From the API's objects, where any field may be absent, to what the agent keeps of them. */
final class Reduce {
  private static final String ZONE_LABEL = "topology.kubernetes.io/zone";
  private static final String NAME_LABEL = "kubernetes.io/metadata.name";
  private static final String DRY_RUN = "seine.io/dry-run";
  private static final String LOG = "seine.io/log";

  private Reduce() {}

  static String text(@Nullable String value) {
    return value == null ? "" : value;
  }

  /** What is null becomes empty. */
  static Map<String, String> map(@Nullable Map<String, String> value) {
    Map<String, String> map = new HashMap<>();
    if (value != null) {
      value.forEach((k, v) -> map.put(k, text(v)));
    }
    return map;
  }

  static <E> List<E> list(@Nullable List<E> value) {
    return value == null ? List.of() : value;
  }

  static ObjectRef ref(HasMetadata object) {
    return new ObjectRef(
        text(object.getApiVersion()).intern(),
        text(object.getKind()).intern(),
        Kind.key(object),
        text(object.getMetadata().getUid()));
  }

  static String created(HasMetadata object) {
    return text(object.getMetadata().getCreationTimestamp());
  }

  static NodeInfo node(Node node) {
    NodeSpec spec = node.getSpec();
    NodeStatus status = node.getStatus();
    List<String> cidrs = new ArrayList<>(spec == null ? List.of() : list(spec.getPodCIDRs()));
    if (cidrs.isEmpty() && spec != null && !text(spec.getPodCIDR()).isEmpty()) {
      cidrs.add(spec.getPodCIDR());
    }
    return new NodeInfo(
        ref(node),
        created(node),
        addresses(status, "InternalIP"),
        addresses(status, "ExternalIP"),
        cidrs,
        label(node, ZONE_LABEL).intern(),
        kubeletPort(status),
        status == null
            ? List.of()
            : list(status.getAddresses()).stream().map(a -> text(a.getAddress())).toList(),
        labels(node),
        ready(status));
  }

  /** A cluster may not say at all which of its nodes are. */
  private static boolean ready(@Nullable NodeStatus status) {
    List<NodeCondition> conditions = status == null ? List.of() : list(status.getConditions());
    return conditions.stream()
        .filter(c -> "Ready".equals(c.getType()))
        .allMatch(c -> "True".equals(c.getStatus()));
  }

  private static List<String> addresses(@Nullable NodeStatus status, String type) {
    List<NodeAddress> all = status == null ? List.of() : list(status.getAddresses());
    return all.stream()
        .filter(a -> type.equals(a.getType()))
        .map(a -> text(a.getAddress()))
        .toList();
  }

  private static int kubeletPort(@Nullable NodeStatus status) {
    NodeDaemonEndpoints daemons = status == null ? null : status.getDaemonEndpoints();
    DaemonEndpoint kubelet = daemons == null ? null : daemons.getKubeletEndpoint();
    return kubelet == null ? 0 : number(kubelet.getPort());
  }

  static NamespaceInfo namespace(Namespace namespace) {
    Map<String, String> labels = new HashMap<>(labels(namespace));
    // The API server sets it on each, and lets nobody change it; a smaller one may leave it out.
    labels.put(NAME_LABEL, text(namespace.getMetadata().getName()));
    return new NamespaceInfo(ref(namespace), labels);
  }

  static Map<String, String> labels(HasMetadata object) {
    return map(object.getMetadata().getLabels());
  }

  static String annotation(HasMetadata object, String key) {
    return text(map(object.getMetadata().getAnnotations()).get(key));
  }

  static Selector selector(@Nullable LabelSelector selector) {
    if (selector == null) {
      return Selector.ALL;
    }
    return new Selector(
        map(selector.getMatchLabels()),
        list(selector.getMatchExpressions()).stream()
            .map(r ->
                new Selector.Requirement(
                    text(r.getKey()), text(r.getOperator()), list(r.getValues())))
            .toList());
  }

  static PolicyOptions options(HasMetadata policy) {
    var options = new PolicyOptions(annotation(policy, DRY_RUN), annotation(policy, LOG));
    return options.equals(PolicyOptions.NONE) ? PolicyOptions.NONE : options;
  }

  /** The label's value, or the empty string. */
  static String label(HasMetadata object, String key) {
    return text(labels(object).get(key));
  }

  static String protocol(@Nullable String protocol) {
    return protocol == null || protocol.isEmpty() ? "TCP" : protocol.intern();
  }

  static int number(@Nullable Integer port) {
    return port == null ? 0 : port;
  }
}
