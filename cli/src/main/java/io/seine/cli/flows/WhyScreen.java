package io.seine.cli.flows;

import io.seine.agent.verdict.Effect;
import io.seine.agent.verdict.Judgement;
import io.seine.agent.verdict.RuleName;
import io.seine.agent.verdict.Step;
import java.util.ArrayList;
import java.util.List;

/** {@link WhyView} as text for people. */
final class WhyScreen {
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
        "%s to %s, %s: %s"
            .formatted(view.source(), view.destination(), view.service(), verdict(view)));
    if (!view.remark().isEmpty()) {
      lines.add("  " + view.remark());
    }
    for (WhyView.Way way : view.ways()) {
      lines.add("");
      if (view.ways().size() > 1 || !way.to().toString().equals(view.destination())) {
        lines.add(
            "endpoint %s, %s: %s"
                .formatted(
                    way.to(),
                    way.answer().connection().service(),
                    way.answer().allowed() ? "ALLOWED" : "DENIED"));
      }
      way(way);
    }
  }

  private static String verdict(WhyView view) {
    if (view.ways().isEmpty()) {
      return "NO ENDPOINT";
    }
    if (view.allowed()) {
      return "ALLOWED";
    }
    return view.ways().stream().anyMatch(way -> way.answer().allowed())
        ? "ALLOWED TO SOME ENDPOINTS"
        : "DENIED";
  }

  private void way(WhyView.Way way) {
    List<Judgement> judgements = way.answer().judgements().toList();
    if (judgements.isEmpty()) {
      lines.add("  neither end is a pod that policies concern");
    }
    judgements.forEach(this::judgement);
    if (way.seen().isEmpty()) {
      return;
    }
    if (way.disagrees()) {
      lines.add("");
      lines.add("  !!! THE SWITCH DOES NOT DO WHAT THE POLICIES SAY !!!");
    } else {
      lines.add("  the switches agree");
    }
    for (WhyView.Seen seen : way.seen()) {
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
