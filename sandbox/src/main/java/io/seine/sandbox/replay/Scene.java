package io.seine.sandbox.replay;

import io.seine.agent.kube.ObjectKey;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * The cluster of a case at one moment. All maps keep the order of the file.
 *
 * @param nodes labels by name
 * @param namespaces labels by name
 * @param policies by {@link Manifest#name}
 * @param domains who has the addresses of a domain name
 */
public record Scene(
    Map<String, Map<String, String>> nodes,
    Map<String, Map<String, String>> namespaces,
    Map<ObjectKey, PodSpec> pods,
    Map<ObjectKey, ServiceSpec> services,
    Map<String, Manifest> policies,
    Map<String, List<String>> domains) {
  public static final Scene EMPTY =
      new Scene(Map.of(), Map.of(), Map.of(), Map.of(), Map.of(), Map.of());

  public Scene {
    nodes = copy(nodes);
    namespaces = copy(namespaces);
    pods = copy(pods);
    services = copy(services);
    policies = copy(policies);
    domains = copy(domains);
  }

  private static <K, V> Map<K, V> copy(Map<K, V> map) {
    return Collections.unmodifiableMap(new LinkedHashMap<>(map));
  }

  /**
   * The cluster after a change.
   *
   * @throws CaseException if there is nothing to change
   */
  public Scene after(Change change) {
    return switch (change) {
      case Change.Apply(var manifest) -> withPolicies(with(policies, manifest.name(), manifest));
      case Change.AddNamespace(var name, var labels) ->
          new Scene(nodes, with(namespaces, name, labels), pods, services, policies, domains);
      case Change.AddPod(var pod) -> withPods(with(pods, pod.key(), pod));
      case Change.AddService(var service) ->
          new Scene(
              nodes, namespaces, pods, with(services, service.key(), service), policies, domains);
      case Change.Resolve(var domain, var actors) ->
          new Scene(nodes, namespaces, pods, services, policies, with(domains, domain, actors));
      case Change.Delete(var kind, var key) -> without(kind, key);
      case Change.Labels labels -> labelled(labels);
    };
  }

  /** The same with a node more. */
  Scene withNode(String name, Map<String, String> labels) {
    return new Scene(with(nodes, name, labels), namespaces, pods, services, policies, domains);
  }

  private Scene withPods(Map<ObjectKey, PodSpec> newPods) {
    return new Scene(nodes, namespaces, newPods, services, policies, domains);
  }

  private Scene withPolicies(Map<String, Manifest> newPolicies) {
    return new Scene(nodes, namespaces, pods, services, newPolicies, domains);
  }

  private Scene without(String kind, ObjectKey key) {
    return switch (kind) {
      case "Pod" -> withPods(without(pods, key, kind));
      case "Service" ->
          new Scene(nodes, namespaces, pods, without(services, key, kind), policies, domains);
      case "Namespace" -> withoutNamespace(key.name());
      default -> withPolicies(without(policies, kind + " " + key, kind));
    };
  }

  private Scene withoutNamespace(String name) {
    return new Scene(
        nodes,
        without(namespaces, name, "Namespace"),
        keep(pods, name),
        keep(services, name),
        policies.entrySet().stream()
            .filter(p -> !p.getValue().key().namespace().equals(name))
            .collect(LinkedHashMap::new, (m, e) -> m.put(e.getKey(), e.getValue()), Map::putAll),
        domains);
  }

  private static <V> Map<ObjectKey, V> keep(Map<ObjectKey, V> objects, String without) {
    Map<ObjectKey, V> left = new LinkedHashMap<>(objects);
    left.keySet().removeIf(key -> key.namespace().equals(without));
    return left;
  }

  private Scene labelled(Change.Labels change) {
    UnaryOperator<Map<String, String>> edit = old -> merged(old, change.labels());
    String name = change.key().name();
    return switch (change.kind()) {
      case "Pod" -> {
        PodSpec pod = there(pods, change.key(), "Pod");
        yield withPods(with(pods, pod.key(), pod.withLabels(edit.apply(pod.labels()))));
      }
      case "Namespace" ->
          new Scene(
              nodes,
              with(namespaces, name, edit.apply(there(namespaces, name, "Namespace"))),
              pods,
              services,
              policies,
              domains);
      case "Node" -> withNode(name, edit.apply(there(nodes, name, "Node")));
      default ->
          throw new CaseException(
              "labels are of a Pod, Namespace or Node, not of a " + change.kind());
    };
  }

  private static Map<String, String> merged(
      Map<String, String> old, Map<String, Optional<String>> change) {
    Map<String, String> labels = new LinkedHashMap<>(old);
    change.forEach((key, value) -> {
      if (value.isPresent()) {
        labels.put(key, value.get());
      } else {
        labels.remove(key);
      }
    });
    return labels;
  }

  private static <K, V> V there(Map<K, V> map, K key, String kind) {
    V value = map.get(key);
    if (value == null) {
      throw new CaseException("there is no " + kind + " " + key);
    }
    return value;
  }

  private static <K, V> Map<K, V> with(Map<K, V> map, K key, V value) {
    Map<K, V> more = new LinkedHashMap<>(map);
    more.put(key, value);
    return more;
  }

  private static <K, V> Map<K, V> without(Map<K, V> map, K key, String kind) {
    V _ = there(map, key, kind);
    Map<K, V> less = new LinkedHashMap<>(map);
    less.remove(key);
    return less;
  }
}
