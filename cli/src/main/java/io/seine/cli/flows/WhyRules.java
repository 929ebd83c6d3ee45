package io.seine.cli.flows;

import io.seine.agent.verdict.Effect;
import io.seine.agent.verdict.Judgement;
import io.seine.agent.verdict.RuleName;
import io.seine.agent.verdict.Step;
import io.seine.agent.verdict.Tier;
import io.seine.pipeline.explain.PolicyNames;
import io.seine.pipeline.explain.Trace;
import io.seine.pipeline.policy.Direction;
import io.seine.pipeline.policy.PolicyRef;
import io.seine.pipeline.policy.PolicyTables;
import io.seine.pipeline.policy.RuleRef;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The rule that a switch says decided, beside the one that the policies say. */
final class WhyRules {
  private final PolicyNames names;

  WhyRules(PolicyNames names) {
    this.names = names;
  }

  /**
   * By the number in the register.
   *
   * @param rule empty if the node has no rule of this number
   */
  record Decided(Direction direction, int number, Optional<RuleRef> rule) {
    @Override
    public String toString() {
      return rule.map(RuleRef::toString)
          .orElseGet(() -> "%s rule %08x, which is unknown".formatted(direction.label(), number));
    }
  }

  Optional<Decided> decided(Trace trace, Direction direction) {
    int number = (int) trace.value(PolicyTables.of(direction).rule());
    return number == 0
        ? Optional.empty()
        : Optional.of(new Decided(direction, number, names.rule(number)));
  }

  /** Which of several rules of NetworkPolicies that allow is named does not matter. */
  boolean fits(Judgement judgement, Optional<Decided> decided) {
    Step step = judgement.decision();
    if (step.rule().isEmpty()) {
      return decided.isEmpty();
    }
    Optional<RuleRef> rule = decided.flatMap(Decided::rule);
    if (step.tier() == Tier.NETWORK_POLICY && step.effect() == Effect.ACCEPT) {
      return rule.filter(r -> r.policy().kind() == PolicyRef.Kind.NETWORK_POLICY && r.index() >= 0)
          .isPresent();
    }
    return rule.filter(r -> same(r, step.rule().get())).isPresent();
  }

  private static boolean same(RuleRef rule, RuleName name) {
    PolicyRef policy =
        switch (name.kind()) {
          case RuleName.NETWORK_POLICY ->
              new PolicyRef(PolicyRef.Kind.NETWORK_POLICY, name.namespace(), name.policy());
          case RuleName.CLUSTER_POLICY ->
              new PolicyRef(PolicyRef.Kind.CLUSTER_NETWORK_POLICY, "", name.policy());
          default -> new PolicyRef(PolicyRef.Kind.ISOLATION, "", name.namespace());
        };
    return rule.policy().equals(policy) && rule.index() == name.index();
  }

  static String words(Optional<Decided> egress, Optional<Decided> ingress) {
    String rules =
        Stream.of(egress, ingress)
            .flatMap(Optional::stream)
            .map(Decided::toString)
            .collect(Collectors.joining(", "));
    return rules.isEmpty() ? "" : "; by " + rules;
  }
}
