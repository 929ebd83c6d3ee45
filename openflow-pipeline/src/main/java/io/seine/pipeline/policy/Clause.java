package io.seine.pipeline.policy;

import io.seine.openflow.Action;
import io.seine.openflow.Field;
import io.seine.openflow.FieldMatch;
import io.seine.openflow.Flow;
import io.seine.pipeline.Rule;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/**
 * That something fulfils a clause of these conjunctions: those of one dimension, of all rules at
 * one place that ask for it.
 *
 * @param conjunctions sorted by id
 */
record Clause(Place place, List<Action.Conjunction> conjunctions) {
  /**
   * Conjunctions that one flow may take part in, 16 bytes each: a message of OpenFlow has no more
   * than 65 535 bytes.
   */
  static final int MOST = 3000;

  private static final Comparator<Action.Conjunction> BY_ID =
      Comparator.comparingInt(Action.Conjunction::id);

  Clause {
    conjunctions = List.copyOf(conjunctions);
  }

  /** The clauses of these rules in one dimension, in the order of their places. */
  static List<Clause> of(Collection<InstalledRule> rules, InstalledRule.Dimension dimension) {
    Map<Place, List<Action.Conjunction>> byPlace = new TreeMap<>();
    for (InstalledRule rule : rules) {
      if (rule.canMatch() && rule.asks(dimension)) {
        byPlace.computeIfAbsent(rule.place(), _ -> new ArrayList<>()).add(rule.clause(dimension));
      }
    }
    List<Clause> clauses = new ArrayList<>(byPlace.size());
    byPlace.forEach((place, conjunctions) -> {
      conjunctions.sort(BY_ID);
      clauses.add(new Clause(place, conjunctions));
    });
    return clauses;
  }

  /**
   * Adds the flows for packets that match: one, or for more than {@value #MOST} conjunctions
   * several, which ask also for different bits to be zero of a register that always is. Which
   * conjunction is in which depends on its id alone, so that one more changes one of them.
   */
  void flows(UnaryOperator<Rule> match, List<Flow> to) {
    int bits = 0;
    while (largest(bits) > MOST) {
      bits++;
    }
    List<List<Action.Conjunction>> shares = shares(bits);
    for (int share = 0; share < shares.size(); share++) {
      if (!shares.get(share).isEmpty()) {
        Rule rule = match.apply(Rule.in(place.table(), place.priority()));
        to.add(
            rule.when(FieldMatch.masked(Field.REG15, 0, share))
                .then(shares.get(share).toArray(Action[]::new)));
      }
    }
  }

  private int largest(int bits) {
    return bits == 0
        ? conjunctions.size()
        : shares(bits).stream().mapToInt(List::size).max().orElse(0);
  }

  private List<List<Action.Conjunction>> shares(int bits) {
    if (bits == 0) {
      return List.of(conjunctions);
    }
    List<List<Action.Conjunction>> shares = new ArrayList<>();
    for (int share = 0; share < 1 << bits; share++) {
      shares.add(new ArrayList<>());
    }
    conjunctions.forEach(c -> shares.get(c.id() >>> (Integer.SIZE - bits)).add(c));
    return shares;
  }
}
