package io.seine.pipeline.policy;

import java.util.HashSet;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * Keeps the priorities of the rules of one tier in one direction as {@link Precedence} has them.
 */
final class RankOrder {
  private final NavigableMap<Rank, Set<InstalledRule>> rules = new TreeMap<>();
  private final Set<Integer> full = new HashSet<>();
  private final Consumer<InstalledRule> moved;

  /**
   * @param moved told of a rule that had a priority and got another one
   */
  RankOrder(Consumer<InstalledRule> moved) {
    this.moved = moved;
  }

  void add(InstalledRule rule) {
    Rank rank = rule.rule().rank();
    Set<InstalledRule> same = rules.computeIfAbsent(rank, _ -> new HashSet<>());
    same.add(rule);
    if (same.size() == 1) {
      renumber(rank);
    } else {
      rule.place(same.stream().filter(r -> r != rule).findFirst().orElseThrow().priority());
    }
  }

  void remove(InstalledRule rule) {
    Rank rank = rule.rule().rank();
    Set<InstalledRule> same = rules.getOrDefault(rank, Set.of());
    if (same.remove(rule) && same.isEmpty()) {
      rules.remove(rank);
      renumber(rank);
    }
  }

  private void renumber(Rank rank) {
    SortedMap<Rank, Set<InstalledRule>> group =
        rules.subMap(new Rank(rank.priority(), "", 0), new Rank(rank.priority() + 1, "", 0));
    boolean wasFull = !full.isEmpty();
    Optional<Map<Rank, Integer>> fit = Precedence.ofValue(sorted(group));
    if (fit.isPresent()) {
      full.remove(rank.priority());
    } else {
      full.add(rank.priority());
    }
    if (!full.isEmpty()) {
      Precedence.throughout(rules.navigableKeySet()).forEach(this::place);
    } else if (wasFull) {
      values().forEach(value -> ofValue(value).forEach(this::place));
    } else {
      fit.orElseThrow().forEach(this::place);
    }
  }

  private Map<Rank, Integer> ofValue(int value) {
    return Precedence.ofValue(
            sorted(rules.subMap(new Rank(value, "", 0), new Rank(value + 1, "", 0))))
        .orElseThrow();
  }

  private Set<Integer> values() {
    Set<Integer> values = new HashSet<>();
    rules.keySet().forEach(rank -> values.add(rank.priority()));
    return values;
  }

  private static SortedSet<Rank> sorted(SortedMap<Rank, Set<InstalledRule>> group) {
    return new TreeSet<>(group.keySet());
  }

  private void place(Rank rank, int priority) {
    for (InstalledRule rule : rules.getOrDefault(rank, Set.of())) {
      if (rule.priority() != priority) {
        boolean had = rule.placed();
        rule.place(priority);
        if (had) {
          moved.accept(rule);
        }
      }
    }
  }
}
