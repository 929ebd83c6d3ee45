package io.seine.agent.policy;

import io.seine.agent.policy.Census.HasPort;
import io.seine.agent.policy.Census.OnHost;
import io.seine.agent.policy.Census.Question;
import io.seine.pipeline.policy.Direction;
import io.seine.pipeline.policy.Tier;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;

/**
 * What a policy takes for granted of the pods that there are: that some have the ports it names,
 * and that those it selects are pods to policies at all. Where it selects nobody yet, there is
 * nothing to say.
 */
final class PodQuestions {
  private PodQuestions() {}

  /**
   * What to count for it.
   *
   * @param hosts whether there are pods in its namespace that use their node's network
   */
  static Set<Question> of(Policy policy, boolean hosts) {
    Set<Question> questions = new HashSet<>();
    for (Policy.Rule rule : policy.rules()) {
      for (Policy.Named name : rule.what().names()) {
        for (Selection target : targets(policy, rule)) {
          questions.add(Question.any(target));
          questions.add(new Question(target, new HasPort(name)));
        }
      }
    }
    if (hosts && policy.tier() == Tier.NETWORK_POLICY) {
      questions.add(Question.any(policy.subject()));
      questions.add(new Question(policy.subject(), new OnHost()));
    }
    return Set.copyOf(questions);
  }

  /** Those whose ports the rule names. */
  private static Collection<Selection> targets(Policy policy, Policy.Rule rule) {
    if (rule.direction() == Direction.INGRESS) {
      return Set.of(policy.subject());
    }
    return switch (rule.who()) {
      case Policy.Anyone anyone -> Set.of(Selection.ALL);
      case Policy.Some some -> some.pods();
    };
  }

  /** Says what does not hold. */
  static void check(Policy policy, boolean hosts, Census census, Complaints complaints) {
    for (Policy.Rule rule : policy.rules()) {
      Complaints here = complaints.at(rule.direction().label() + " rule " + rule.ref().index());
      Collection<Selection> targets = targets(policy, rule);
      String whose =
          rule.direction() == Direction.INGRESS
              ? "no pod that the policy selects"
              : "no pod that the rule is for";
      rule.what().names().stream()
          .filter(name -> isMissing(name, targets, census))
          .map(Policy.Named::name)
          .sorted()
          .forEach(name ->
              here.say(
                  "UnknownPortName",
                  "%s has a port '%s'; it matches nothing".formatted(whose, name)));
    }
    if (hosts
        && policy.tier() == Tier.NETWORK_POLICY
        && census.isThere(new Question(policy.subject(), new OnHost()))
        && !census.isThere(Question.any(policy.subject()))) {
      complaints.say(
          "OnlyHostNetwork",
          "all pods that the policy selects use their node's network, where no policy is for them;"
              + " it has no effect");
    }
  }

  private static boolean isMissing(
      Policy.Named name, Collection<Selection> targets, Census census) {
    return targets.stream().anyMatch(target -> census.isThere(Question.any(target)))
        && targets.stream()
            .noneMatch(target -> census.isThere(new Question(target, new HasPort(name))));
  }
}
