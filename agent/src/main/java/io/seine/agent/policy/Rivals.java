package io.seine.agent.policy;

import io.seine.pipeline.policy.Direction;
import io.seine.pipeline.policy.Tier;
import io.seine.pipeline.policy.Verdict;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * ClusterNetworkPolicies of which the API leaves open who comes first: they have one tier and
 * priority, may be for the same pods, and do not all say the same. A change of one is compared with
 * those of its tier and priority only.
 */
final class Rivals {
  /** Of so many the names are told. */
  private static final int MOST_NAMES = 3;

  private record Place(Tier tier, int priority) {}

  private final Map<Place, Map<String, Policy>> places = new HashMap<>();
  private final Map<String, Place> placeOf = new HashMap<>();
  private final Map<String, Set<String>> rivals = new HashMap<>();
  private final Set<String> concerned = new LinkedHashSet<>();

  /** The policy is like this now; empty: it is gone, or has no effect. */
  void put(String name, Optional<Policy> policy) {
    remove(name);
    Optional<Policy> ranked = policy.filter(p -> !p.rules().isEmpty());
    if (ranked.isEmpty()) {
      return;
    }
    Place place = new Place(ranked.get().tier(), ranked.get().rules().getFirst().rank().priority());
    Map<String, Policy> others = places.computeIfAbsent(place, p -> new TreeMap<>());
    others.forEach((other, its) -> {
      if (areRivals(ranked.get(), its)) {
        rivals.computeIfAbsent(name, n -> new TreeSet<>()).add(other);
        rivals.computeIfAbsent(other, n -> new TreeSet<>()).add(name);
        concerned.add(other);
      }
    });
    others.put(name, ranked.get());
    placeOf.put(name, place);
    concerned.add(name);
  }

  private void remove(String name) {
    Place place = placeOf.remove(name);
    if (place == null) {
      return;
    }
    Map<String, Policy> others = places.getOrDefault(place, Map.of());
    others.remove(name);
    if (others.isEmpty()) {
      places.remove(place);
    }
    Set<String> before = rivals.getOrDefault(name, Set.of());
    for (String other : before) {
      Set<String> its = rivals.getOrDefault(other, Set.of());
      its.remove(name);
      if (its.isEmpty()) {
        rivals.remove(other);
      }
      concerned.add(other);
    }
    rivals.remove(name);
    concerned.add(name);
  }

  private static boolean areRivals(Policy one, Policy other) {
    boolean disagree = false;
    for (Direction direction : Direction.values()) {
      Set<Verdict> all = verdicts(one, direction);
      Set<Verdict> its = verdicts(other, direction);
      boolean both = !all.isEmpty() && !its.isEmpty();
      all.addAll(its);
      disagree |= both && all.size() > 1;
    }
    return disagree && one.dryRun() == other.dryRun() && mayMeet(one.subject(), other.subject());
  }

  private static Set<Verdict> verdicts(Policy policy, Direction direction) {
    return policy.rules().stream()
        .filter(rule -> rule.direction() == direction)
        .map(Policy.Rule::verdict)
        .collect(Collectors.toCollection(HashSet::new));
  }

  /** Whether there could be a pod that both select. */
  private static boolean mayMeet(Selection one, Selection other) {
    return one.pods().mayMeet(other.pods())
        && one.scope() instanceof Scope.Labelled some
        && other.scope() instanceof Scope.Labelled others
        && some.namespaces().mayMeet(others.namespaces());
  }

  /** Says who its rivals are. */
  void check(String name, Complaints complaints) {
    Set<String> all = rivals.getOrDefault(name, Set.of());
    if (!all.isEmpty()) {
      String more =
          all.size() > MOST_NAMES ? " and %d more".formatted(all.size() - MOST_NAMES) : "";
      complaints.say(
          "SamePriority",
          "has the tier and the priority of %s, and may be for the same pods: the API leaves open which decides; here the first by name does"
              .formatted(all.stream().limit(MOST_NAMES).collect(Collectors.joining(", ")) + more));
    }
  }

  /** Policies that have other rivals since the last call. */
  Set<String> takeConcerned() {
    Set<String> taken = Set.copyOf(concerned);
    concerned.clear();
    return taken;
  }
}
