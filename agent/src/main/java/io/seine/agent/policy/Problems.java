package io.seine.agent.policy;

import io.seine.agent.events.Problem;
import io.seine.pipeline.policy.PolicyRef;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** What is wrong with which object: by itself, and with the pods that there are. */
final class Problems {
  private final Map<PolicyRef, List<Problem>> own = new HashMap<>();
  private final Map<PolicyRef, List<Problem>> withPods = new HashMap<>();
  private final Set<PolicyRef> changed = new LinkedHashSet<>();

  /** What is wrong with it, whatever else there is. */
  void put(PolicyRef ref, List<Problem> now) {
    put(own, ref, now);
  }

  /** What is wrong with it as long as pods are as they are. */
  void putWithPods(PolicyRef ref, List<Problem> now) {
    put(withPods, ref, now);
  }

  private void put(Map<PolicyRef, List<Problem>> all, PolicyRef ref, List<Problem> now) {
    List<Problem> before = now.isEmpty() ? all.remove(ref) : all.put(ref, now);
    if (!now.equals(before == null ? List.of() : before)) {
      changed.add(ref);
    }
  }

  /** Of those where it has changed. */
  Map<PolicyRef, List<Problem>> take() {
    Map<PolicyRef, List<Problem>> taken = new LinkedHashMap<>();
    changed.forEach(ref -> taken.put(ref, all(ref)));
    changed.clear();
    return taken;
  }

  private List<Problem> all(PolicyRef ref) {
    return Stream.of(own, withPods)
        .flatMap(some -> some.getOrDefault(ref, List.of()).stream())
        .toList();
  }

  /** How many objects have one. */
  int size() {
    Set<PolicyRef> refs = new HashSet<>(own.keySet());
    refs.addAll(withPods.keySet());
    return refs.size();
  }
}
