package io.seine.sandbox.control;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Binds each Pod to the node with the fewest siblings, then the fewest Pods, then the first; never
 * to one that is cordoned.
 */
final class Scheduling {
  private final KubernetesClient client;

  Scheduling(KubernetesClient client) {
    this.client = client;
  }

  void reconcile(List<Node> nodes, List<Pod> pods) {
    List<Pod> placed =
        new ArrayList<>(pods.stream().filter(p -> Pods.node(p).isPresent()).toList());
    for (Pod pod : pods) {
      if (Pods.node(pod).isEmpty() && !Pods.isTerminating(pod)) {
        choose(pod, nodes, placed).ifPresent(node -> placed.add(bind(pod, node)));
      }
    }
  }

  static Optional<String> choose(Pod pod, List<Node> nodes, List<Pod> placed) {
    Map<String, String> selector =
        Objects.requireNonNullElse(pod.getSpec().getNodeSelector(), Map.of());
    return nodes.stream()
        .filter(node -> !Boolean.TRUE.equals(node.getSpec().getUnschedulable()))
        .filter(node -> labels(node).entrySet().containsAll(selector.entrySet()))
        .map(node -> node.getMetadata().getName())
        .min(
            Comparator.<String>comparingLong(node -> count(placed, node, owner(pod)))
                .thenComparingLong(node -> count(placed, node, Optional.empty()))
                .thenComparing(Comparator.naturalOrder()));
  }

  private Pod bind(Pod pod, String node) {
    return client
        .pods()
        .resource(pod)
        .edit(p -> p.edit().editSpec().withNodeName(node).endSpec().build());
  }

  private static long count(List<Pod> pods, String node, Optional<String> owner) {
    return pods.stream()
        .filter(p -> Pods.node(p).filter(node::equals).isPresent())
        .filter(p -> owner.isEmpty() || owner(p).equals(owner))
        .count();
  }

  private static Optional<String> owner(Pod pod) {
    return pod.getMetadata().getOwnerReferences().stream().map(OwnerReference::getUid).findFirst();
  }

  private static Map<String, String> labels(Node node) {
    return Objects.requireNonNullElse(node.getMetadata().getLabels(), Map.of());
  }
}
