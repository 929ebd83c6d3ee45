package io.seine.sandbox.replay;

import java.util.List;
import java.util.Optional;

/**
 * What an executor found when it asked a probe.
 *
 * @param rulings of each pod that was asked, in the order of the connections; empty if the executor
 *     cannot see what decides
 */
public record Finding(Outcome outcome, Optional<List<Ruling>> rulings) {
  public Finding {
    rulings = rulings.map(List::copyOf);
  }

  /** Of an executor that sees only what gets through. */
  public static Finding of(Outcome outcome) {
    return new Finding(outcome, Optional.empty());
  }

  /** Of one that sees which rules decide. */
  public static Finding of(Outcome outcome, List<Ruling> rulings) {
    return new Finding(outcome, Optional.of(rulings));
  }
}
