package io.seine.agent.policy;

import io.seine.pipeline.LocalPod;
import io.seine.pipeline.policy.Direction;
import io.seine.pipeline.policy.RuleRef;
import io.seine.pipeline.policy.Subject;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The pods of this node that policies are for, and which are. */
final class Subjects {
  private final Map<PodState, Set<PolicyState>> selecting = new HashMap<>();

  boolean contains(PodState pod) {
    return selecting.containsKey(pod);
  }

  void add(PodState pod) {
    selecting.put(pod, new HashSet<>());
  }

  /** The policies that were for it. */
  Set<PolicyState> remove(PodState pod) {
    Set<PolicyState> were = selecting.remove(pod);
    return were == null ? Set.of() : were;
  }

  Collection<PodState> all() {
    return selecting.keySet();
  }

  /** The policies that are for a pod; to be changed by {@link PolicyEngine} only. */
  Set<PolicyState> selecting(PodState pod) {
    return selecting.getOrDefault(pod, Set.of());
  }

  int size() {
    return selecting.size();
  }

  /**
   * Whether what no NetworkPolicy allows is denied to the pod in earnest, so that those of a dry
   * run change nothing.
   */
  boolean isIsolated(PodState pod, Direction direction) {
    return selecting(pod).stream().anyMatch(p -> p.isolates(direction) && !p.isDryRun());
  }

  Subject subject(PodState pod, LocalPod port) {
    return new Subject(
        pod.id(),
        port.ofport(),
        port.addresses(),
        isolation(pod, Direction.INGRESS),
        isolation(pod, Direction.EGRESS));
  }

  private Optional<Subject.Isolation> isolation(PodState pod, Direction direction) {
    boolean inEarnest = isIsolated(pod, direction);
    List<PolicyState> by =
        selecting(pod).stream()
            .filter(p -> p.isolates(direction) && p.isDryRun() != inEarnest)
            .sorted(Comparator.comparing(p -> p.ref))
            .toList();
    if (by.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new Subject.Isolation(
            RuleRef.defaultOf(by.getFirst().ref, direction),
            !inEarnest,
            by.stream().anyMatch(PolicyState::logsDenied)));
  }
}
