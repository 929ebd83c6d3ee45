package io.seine.pipeline.policy;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** Which rules name something. */
final class Users<K> {
  private final Map<K, Set<InstalledRule>> users = new HashMap<>();

  void add(K what, InstalledRule rule) {
    users.computeIfAbsent(what, _ -> new HashSet<>()).add(rule);
  }

  void remove(K what, InstalledRule rule) {
    users.computeIfPresent(
        what,
        (_, of) -> {
          of.remove(rule);
          return of.isEmpty() ? null : of;
        });
  }

  Set<InstalledRule> of(K what) {
    return users.getOrDefault(what, Set.of());
  }
}
