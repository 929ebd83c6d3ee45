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
   * @param expected a cell, or what policies say of the probe, rule by rule
   */
  public record Mismatch(int step, Probe probe, String expected, String found) {
    @Override
    public String toString() {
      return "step %d: %s: expected %s, found %s".formatted(step, probe, expected, found);
    }
  }

  /**
   * Plays the case to its end.
   *
   * @return none if all is as the case says, and as far as the executor sees what decides, by the
   *     rules by which the API's documents have it so; what only a dry run would deny is compared
   *     if the executor can see it
   */
  public static List<Mismatch> play(Case played, Executor executor) throws Exception {
    List<Mismatch> mismatches = new ArrayList<>();
    executor.begin(played);
    for (int i = 0; i < played.steps().size(); i++) {
      Step step = played.steps().get(i);
      Map<Probe, Finding> found = executor.perform(step);
      Map<Probe, Finding> judged =
          found.values().stream().anyMatch(finding -> finding.rulings().isPresent())
              ? EvaluatorExecutor.judge(step, AddressBook.of(played), played.isolateNamespaces())
              : Map.of();
      for (Probe probe : step.probes()) {
        Finding finding = of(found, probe);
        Outcome outcome = finding.outcome();
        if (outcome.opens() != probe.expected().opens()
            || (executor.seesDryRuns() && outcome != probe.expected())) {
          mismatches.add(new Mismatch(i + 1, probe, probe.expected().cell(), outcome.cell()));
        } else if (finding.rulings().isPresent()) {
          List<Ruling> expected = of(judged, probe).rulings().orElseThrow();
          List<Ruling> rulings = finding.rulings().get();
          if (!agree(expected, rulings)) {
            mismatches.add(new Mismatch(i + 1, probe, expected.toString(), rulings.toString()));
          }
        }
      }
    }
    return mismatches;
  }

  private static Finding of(Map<Probe, Finding> findings, Probe probe) {
    return Optional.ofNullable(findings.get(probe))
        .orElseThrow(() -> new CaseException("no answer to " + probe));
  }

  private static boolean agree(List<Ruling> some, List<Ruling> others) {
    boolean same = some.size() == others.size();
    for (int i = 0; same && i < some.size(); i++) {
      same = some.get(i).agrees(others.get(i));
    }
    return same;
  }
}
