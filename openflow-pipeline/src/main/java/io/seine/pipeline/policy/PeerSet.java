package io.seine.pipeline.policy;

import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/** A set of addresses that rules name, and which of them use it. Compared by identity. */
final class PeerSet implements Comparable<PeerSet> {
  private final String name;
  private final Map<Direction, Set<InstalledRule>> users = new EnumMap<>(Direction.class);

  /** The combinations that this set is part of. */
  final Set<Combination> combinations = new HashSet<>();

  PeerSet(String name) {
    this.name = name;
  }

  String name() {
    return name;
  }

  Set<InstalledRule> users(Direction direction) {
    return users.getOrDefault(direction, Set.of());
  }

  /** Whether it was not used in this direction before. */
  boolean use(Direction direction, InstalledRule rule) {
    Set<InstalledRule> of = users.computeIfAbsent(direction, _ -> new LinkedHashSet<>());
    of.add(rule);
    return of.size() == 1;
  }

  /** Whether it is not used in this direction any more. */
  boolean leave(Direction direction, InstalledRule rule) {
    Set<InstalledRule> of = users(direction);
    if (!of.isEmpty() && of.remove(rule) && of.isEmpty()) {
      users.remove(direction);
      return true;
    }
    return false;
  }

  /** Whether it has neither members nor users. */
  boolean idle() {
    return users.isEmpty() && combinations.isEmpty();
  }

  @Override
  public int compareTo(PeerSet other) {
    return name.compareTo(other.name);
  }
}
