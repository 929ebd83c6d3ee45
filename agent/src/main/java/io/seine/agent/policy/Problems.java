package io.seine.agent.policy;

import io.seine.agent.events.Problem;
import io.seine.pipeline.policy.PolicyRef;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What is wrong with which object. */
final class Problems {
  private final Map<PolicyRef, List<Problem>> all = new HashMap<>();
  private final Set<PolicyRef> changed = new LinkedHashSet<>();

  void put(PolicyRef ref, List<Problem> now) {
    List<Problem> before = now.isEmpty() ? all.remove(ref) : all.put(ref, now);
    if (!now.equals(before == null ? List.of() : before)) {
      changed.add(ref);
    }
  }

  Map<PolicyRef, List<Problem>> take() {
    Map<PolicyRef, List<Problem>> taken = new LinkedHashMap<>();
    changed.forEach(ref -> taken.put(ref, all.getOrDefault(ref, List.of())));
    changed.clear();
    return taken;
  }

  int size() {
    return all.size();
  }
}
