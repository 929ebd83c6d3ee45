package io.seine.agent.facts;

import io.seine.agent.metrics.PolicyCounters;
import io.seine.openflow.Flow;
import io.seine.pipeline.policy.PolicyDecision;
import io.seine.pipeline.policy.RuleIds;
import io.seine.pipeline.policy.RuleRef;
import java.util.Optional;

/** Whose decision a flow is. For any thread. */
record RuleBook(RuleIds ids) implements PolicyCounters.Decisions {

  /** The rule with this number in registers, labels and packets for the agent. */
  Optional<RuleRef> rule(int id) {
    return ids.find(id);
  }

  boolean isInstalled(RuleRef rule) {
    return ids.of(rule).isPresent();
  }

  @Override
  public Optional<PolicyCounters.Decision> of(Flow flow) {
    return PolicyDecision.of(flow)
        .flatMap(part -> rule(part.decision().rule()).map(rule -> decision(rule, part)));
  }

  private static PolicyCounters.Decision decision(RuleRef rule, PolicyDecision.Part part) {
    PolicyDecision decision = part.decision();
    return new PolicyCounters.Decision(
        new PolicyCounters.Decider(rule, decision.verdict(), decision.dryRun()), part.opening());
  }
}
