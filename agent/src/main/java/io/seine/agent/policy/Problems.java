package io.seine.agent.policy;

import io.seine.agent.events.Problem;
import io.seine.pipeline.policy.PolicyRef;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What is wrong with which object: by itself, with the pods there are, beside other policies. */
final class Problems {
  /** What it is found by. */
  enum Found {
    BY_ITSELF,
    BY_PODS,
    BY_RIVALS
  }

  private final Map<Found, Map<PolicyRef, List<Problem>>> problems = new EnumMap<>(Found.class);
  private final Set<PolicyRef> changed = new LinkedHashSet<>();

  Problems() {
    for (Found found : Found.values()) {
      problems.put(found, new HashMap<>());
    }
  }

  /** What is wrong with it in this way, and nothing else. */
  void put(Found found, PolicyRef ref, List<Problem> now) {
    Map<PolicyRef, List<Problem>> all = of(found);
    List<Problem> before = now.isEmpty() ? all.remove(ref) : all.put(ref, now);
    if (!now.equals(before == null ? List.of() : before)) {
      changed.add(ref);
    }
  }

  /** The object is gone. */
  void remove(PolicyRef ref) {
    for (Found found : Found.values()) {
      put(found, ref, List.of());
    }
  }

  private Map<PolicyRef, List<Problem>> of(Found found) {
    return problems.getOrDefault(found, Map.of());
  }

  /** Of those where it has changed. */
  Map<PolicyRef, List<Problem>> take() {
    Map<PolicyRef, List<Problem>> taken = new LinkedHashMap<>();
    changed.forEach(ref -> taken.put(ref, all(ref)));
    changed.clear();
    return taken;
  }

  private List<Problem> all(PolicyRef ref) {
    return problems.values().stream()
        .flatMap(some -> some.getOrDefault(ref, List.of()).stream())
        .toList();
  }

  /** How many objects have one. */
  int size() {
    Set<PolicyRef> refs = new HashSet<>();
    problems.values().forEach(some -> refs.addAll(some.keySet()));
    return refs.size();
  }
}
