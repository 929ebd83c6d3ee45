package io.seine.cli.flows;

import io.seine.agent.verdict.Effect;
import io.seine.agent.verdict.Judgement;
import io.seine.agent.verdict.RuleName;
import io.seine.agent.verdict.Step;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** {@link WhyView} as text for people: ways that are judged alike are told once. */
final class WhyScreen {
  private static final int MOST_NAMES = 10;

  private final List<String> lines = new ArrayList<>();

  private WhyScreen() {}

  /** The lines, without line ends. */
  static List<String> lines(WhyView view) {
    WhyScreen screen = new WhyScreen();
    screen.view(view);
    return screen.lines;
  }

  private void view(WhyView view) {
    lines.add(
        "%s to %s, %s: %s%s"
            .formatted(
                view.source(),
                view.destination(),
                view.service(),
                view.verdict().words(),
                view.wouldBeDenied() ? " (a dry run would deny it)" : ""));
    view.remarks().forEach(remark -> lines.add("  " + remark));
    for (WhyView.Failure failure : view.failures()) {
      lines.add("");
      lines.add("  " + failure.why());
      switches(failure.seen());
    }
    boolean one =
        view.ways().size() == 1
            && view.ways().getFirst().to().toString().equals(view.destination().toString());
    for (List<WhyView.Way> alike : alike(view.ways())) {
      lines.add("");
      WhyView.Way first = alike.getFirst();
      if (!one) {
        lines.add(heading(first));
        others(alike.subList(1, alike.size()));
      }
      way(first);
    }
  }

  /** In the order of the first of each. */
  private static Collection<List<WhyView.Way>> alike(List<WhyView.Way> ways) {
    Map<Object, List<WhyView.Way>> groups = new LinkedHashMap<>();
    for (WhyView.Way way : ways) {
      // What disagrees is told each for itself.
      Object key =
          way.disagrees()
              ? way
              : List.of(
                  way.answer().judgements().map(WhyScreen::outcome).toList(),
                  way.confirmed(),
                  way.seen().isEmpty());
      groups.computeIfAbsent(key, _ -> new ArrayList<>()).add(way);
    }
    return groups.values();
  }

  private static Object outcome(Judgement judgement) {
    return List.of(
        judgement.direction(),
        judgement.wouldBeDenied(),
        judgement.steps().stream()
            .map(step -> List.of(step.tier(), step.rule(), step.effect()))
            .toList());
  }

  private static String heading(WhyView.Way way) {
    return "to %s, %s: %s%s"
        .formatted(
            way.to(),
            way.answer().connection().service(),
            way.answer().allowed() ? "ALLOWED" : "DENIED",
            way.wouldBeDenied() ? " (a dry run would deny it)" : "");
  }

  private void others(List<WhyView.Way> others) {
    if (others.isEmpty()) {
      return;
    }
    int more = others.size() - MOST_NAMES;
    lines.add(
        "and so, by the same rules, to %s%s"
            .formatted(
                others.stream()
                    .limit(MOST_NAMES)
                    .map(way -> way.to().toString())
                    .collect(Collectors.joining(", ")),
                more > 0 ? " and %d more (`-o json` has them all)".formatted(more) : ""));
  }

  private void way(WhyView.Way way) {
    List<Judgement> judgements = way.answer().judgements().toList();
    if (judgements.isEmpty()) {
      lines.add("  neither end is a pod that policies concern");
    }
    judgements.forEach(this::judgement);
    switches(way.seen());
  }

  private void switches(List<WhyView.Seen> seen) {
    if (seen.isEmpty()) {
      return;
    }
    if (seen.stream().anyMatch(WhyView.Seen::disagrees)) {
      lines.add("");
      lines.add("  !!! THE SWITCH DOES NOT DO WHAT THE POLICIES SAY !!!");
    } else if (seen.stream().allMatch(WhyView.Seen::agrees)) {
      lines.add("  the switches agree");
    } else {
      lines.add("  not all is confirmed by the switches");
    }
    seen.forEach(this::seen);
  }

  private void seen(WhyView.Seen seen) {
    lines.add("    %s: %s".formatted(seen.node(), seen.does()));
    seen.expected()
        .ifPresent(expected -> {
          lines.add("      EXPECTED: " + expected);
          lines.add(
              "      Either someone has changed the switch: `seine flows diff --node %s` tells."
                  .formatted(seen.node()));
          lines.add(
              "      Or it is an error of Seine's: please report it, with this text and that of"
                  + " `-o json`.");
        });
  }

  private void judgement(Judgement judgement) {
    lines.add(
        "  %s of pod/%s: %s"
            .formatted(
                judgement.direction().label(),
                judgement.pod(),
                judgement.allowed() ? "allowed" : "denied"));
    judgement.steps().forEach(step -> lines.add("    " + step(step)));
    judgement
        .trial()
        .filter(Judgement.Trial::denies)
        .ifPresent(
            trial -> lines.add("    would be denied in a dry run: " + step(trial.decision())));
  }

  private static String step(Step step) {
    String rule = step.rule().map(RuleName::toString).orElse("");
    return "%-13s  %s%s: %s"
        .formatted(
            step.tier().label(),
            rule.isEmpty() ? "" : rule + " ",
            effect(step.effect()),
            step.why());
  }

  private static String effect(Effect effect) {
    return switch (effect) {
      case NONE -> "is not about it";
      case ACCEPT -> "ALLOWS";
      case DENY -> "DENIES";
      case PASS -> "PASSES";
    };
  }
}
