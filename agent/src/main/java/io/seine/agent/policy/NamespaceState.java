package io.seine.agent.policy;

import io.seine.agent.kube.NetworkPolicyInfo;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** A namespace, with what is in it. Its labels may be not known yet, or not any more. */
final class NamespaceState {
  /** The API server gives it to every namespace. */
  private static final String NAME_LABEL = "kubernetes.io/metadata.name";

  final String name;
  final Map<String, PodState> pods = new HashMap<>(4);
  final Map<String, NetworkPolicyInfo> policies = new HashMap<>(4);
  final Set<PodState> subjects = new HashSet<>(0);

  /** How many of the pods use their node's network. */
  int onHost;

  private Map<String, String> labels;
  private boolean known;

  NamespaceState(String name) {
    this.name = name;
    this.labels = Map.of(NAME_LABEL, name);
  }

  Map<String, String> labels() {
    return labels;
  }

  boolean known() {
    return known;
  }

  static Map<String, String> complete(String name, Map<String, String> labels) {
    if (name.equals(labels.get(NAME_LABEL))) {
      return labels;
    }
    Map<String, String> complete = new HashMap<>(labels);
    complete.put(NAME_LABEL, name);
    return Map.copyOf(complete);
  }

  void is(boolean nowKnown, Map<String, String> nowLabels) {
    known = nowKnown;
    labels = nowLabels;
  }

  /** Whether nothing speaks of it any more. */
  boolean isForgotten() {
    return !known && pods.isEmpty() && policies.isEmpty();
  }
}
