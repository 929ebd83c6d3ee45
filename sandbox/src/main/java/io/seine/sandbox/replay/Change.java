package io.seine.sandbox.replay;

import io.seine.agent.kube.ObjectKey;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What happens to the cluster of a case in a step. */
public sealed interface Change {
  /** A policy comes, or changes. */
  record Apply(Manifest manifest) implements Change {}

  /** An object of any kind goes; with a namespace go the pods, services and policies in it. */
  record Delete(String kind, ObjectKey key) implements Change {}

  record AddNamespace(String name, Map<String, String> labels) implements Change {}

  record AddPod(PodSpec pod) implements Change {}

  record AddService(ServiceSpec service) implements Change {}

  /** DNS has these for a name, and pods have asked for it; nobody: it is over. */
  record Resolve(String domain, List<String> actors) implements Change {
    public Resolve {
      actors = List.copyOf(actors);
    }
  }

  /**
   * Labels of a Pod, Namespace or Node change.
   *
   * @param labels those that are set, or, if empty, removed
   */
  record Labels(String kind, ObjectKey key, Map<String, Optional<String>> labels)
      implements Change {}
}
