package io.seine.agent.kube;

import java.util.Map;

/** What the agent keeps of a Namespace. */
public record NamespaceInfo(ObjectRef ref, Map<String, String> labels) {
  public NamespaceInfo {
    labels = Map.copyOf(labels);
  }

  public String name() {
    return ref.key().name();
  }
}
