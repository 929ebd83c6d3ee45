package io.seine.sandbox.replay;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Plays a case and says where it turned out differently. */
public final class Replay {
  private Replay() {}

  /**
   * An answer that was not the expected one.
   *
   * @param step from 1
   */
  public record Mismatch(int step, Probe probe, Outcome found) {
    @Override
    public String toString() {
      return "step %d: %s: expected %s, found %s"
          .formatted(step, probe, probe.expected().cell(), found.cell());
    }
  }

  /**
   * Plays the case to its end.
   *
   * @return none if all is as the case says; what only a dry run would deny is compared if the
   *     executor can see it
   */
  public static List<Mismatch> play(Case played, Executor executor) throws Exception {
    List<Mismatch> mismatches = new ArrayList<>();
    executor.begin(played);
    for (int i = 0; i < played.steps().size(); i++) {
      Step step = played.steps().get(i);
      Map<Probe, Outcome> found = executor.perform(step);
      for (Probe probe : step.probes()) {
        Outcome outcome =
            Optional.ofNullable(found.get(probe))
                .orElseThrow(() -> new CaseException("no answer to " + probe));
        if (outcome.opens() != probe.expected().opens()
            || (executor.seesDryRuns() && outcome != probe.expected())) {
          mismatches.add(new Mismatch(i + 1, probe, outcome));
        }
      }
    }
    return mismatches;
  }
}
