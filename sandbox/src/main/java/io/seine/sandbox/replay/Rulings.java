package io.seine.sandbox.replay;

import io.seine.agent.verdict.Answer;
import io.seine.agent.verdict.Connection;
import io.seine.agent.verdict.Effect;
import io.seine.agent.verdict.Evaluator;
import io.seine.agent.verdict.Judgement;
import io.seine.agent.verdict.RuleName;
import io.seine.agent.verdict.Step;
import io.seine.agent.verdict.Tier;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What the documents of the API say of a connection, rule by rule. */
final class Rulings {
  private Rulings() {}

  /** What the side that opens it denies never comes to the other. */
  static Stream<Ruling> of(Evaluator evaluator, Answer answer) {
    boolean leaves = answer.egress().map(Judgement::allowed).orElse(true);
    return Stream.concat(
            answer.egress().stream(), leaves ? answer.ingress().stream() : Stream.empty())
        .map(judgement -> ruling(evaluator, answer.connection(), judgement));
  }

  private static Ruling ruling(Evaluator evaluator, Connection connection, Judgement judgement) {
    List<Step> allowing = evaluator.allowing(judgement.direction(), connection);
    List<Ruling.Said> inForce = new ArrayList<>();
    List<Ruling.Said> tried = new ArrayList<>();
    judgement.steps().forEach(step -> say(step, allowing, inForce));
    judgement
        .trial()
        .ifPresent(trial ->
            trial.steps().stream()
                .filter(Step::dryRun)
                .forEach(step -> say(step, allowing, tried)));
    return new Ruling(connection, judgement.direction(), inForce, tried);
  }

  private static void say(Step step, List<Step> allowing, List<Ruling.Said> to) {
    if (step.effect() == Effect.NONE || step.rule().isEmpty()) {
      return;
    }
    boolean any = step.tier() == Tier.NETWORK_POLICY && step.effect() == Effect.ACCEPT;
    Set<RuleName> by =
        any
            ? allowing.stream()
                .filter(one -> one.dryRun() == step.dryRun())
                .flatMap(one -> one.rule().stream())
                .collect(Collectors.toSet())
            : Set.of(step.rule().get());
    to.add(new Ruling.Said(step.effect(), by));
  }
}
