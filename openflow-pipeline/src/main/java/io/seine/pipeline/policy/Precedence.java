package io.seine.pipeline.policy;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The OpenFlow priorities of the rules of one tier in one direction, of which the first that
 * matches decides.
 *
 * <pre>
 *  60000 ....... 59942 59941 ....... ... ....... 1943      1000 .. 943         200        100
 * | CNPs of priority 0 | priority 1 | ... | priority 1000 | isolation | NetworkPolicy | denial |
 * </pre>
 *
 * A CNP's priority value has {@value #SLOTS} slots: the first half for the first of its policies by
 * name, the other for the second, a rule in each. So a rule that comes or goes moves no other one.
 * Where more policies have the same value they share its slots, one after the other; where not even
 * that fits, all rules of the tier are numbered through.
 */
final class Precedence {
  /** Of all rules of the NetworkPolicy tier: which of them allows does not matter. */
  static final int NETWORK_POLICY = 200;

  /** Of the denial of what no NetworkPolicy allows. */
  static final int DENIAL = 100;

  /** Slots of one priority value. */
  static final int SLOTS = 58;

  private static final int HALF = SLOTS / 2;
  private static final int FIRST = 60_000;
  private static final int ISOLATION = 1000;
  private static final int VALUES = Rank.ISOLATION;

  private Precedence() {}

  /** How many rules fit in any case. */
  static int capacity() {
    return SLOTS * VALUES;
  }

  /**
   * The priorities of the rules of one priority value; empty if they do not fit in its slots.
   *
   * @param ranks all of the same priority
   */
  static Optional<Map<Rank, Integer>> ofValue(SortedSet<Rank> ranks) {
    Map<String, SortedSet<Rank>> policies = new TreeMap<>();
    ranks.forEach(r -> policies.computeIfAbsent(r.policy(), _ -> new TreeSet<>()).add(r));
    Map<Rank, Integer> priorities = new LinkedHashMap<>();
    if (ranks.isEmpty() || ranks.first().priority() >= Rank.ISOLATION) {
      // The pods of one namespace only: those of several never meet.
      ranks.forEach(r -> priorities.put(r, ISOLATION - Math.min(r.rule(), SLOTS - 1)));
      return Optional.of(priorities);
    }
    int top = FIRST - ranks.first().priority() * SLOTS;
    if (policies.size() <= 2 && ranks.stream().allMatch(r -> r.rule() < HALF)) {
      int slot = top;
      for (SortedSet<Rank> rules : policies.values()) {
        for (Rank rank : rules) {
          priorities.put(rank, slot - rank.rule());
        }
        slot -= HALF;
      }
      return Optional.of(priorities);
    }
    if (ranks.size() > SLOTS) {
      return Optional.empty();
    }
    int next = top;
    for (Rank rank : ranks) {
      priorities.put(rank, next--);
    }
    return Optional.of(priorities);
  }

  /**
   * The priorities of all rules of a tier, when those of one value do not fit in its slots.
   *
   * @throws IllegalArgumentException if there are more than {@link #capacity}
   */
  static Map<Rank, Integer> throughout(SortedSet<Rank> ranks) {
    Rank isolation = new Rank(Rank.ISOLATION, "", 0);
    List<Rank> policies = List.copyOf(ranks.headSet(isolation));
    if (policies.size() > capacity()) {
      throw new IllegalArgumentException(
          "a tier has room for %d rules of one direction on a node, not for %d"
              .formatted(capacity(), policies.size()));
    }
    Map<Rank, Integer> priorities = new LinkedHashMap<>();
    int next = FIRST;
    for (Rank rank : policies) {
      priorities.put(rank, next--);
    }
    ofValue(ranks.tailSet(isolation)).ifPresent(priorities::putAll);
    return priorities;
  }
}
