package io.seine.agent.facts;

import io.seine.agent.metrics.PolicyCounters;
import io.seine.agent.policy.PolicySink;
import io.seine.openflow.Flow;
import io.seine.openflow.Ip;
import io.seine.pipeline.policy.PodId;
import io.seine.pipeline.policy.PolicyDecision;
import io.seine.pipeline.policy.PolicyIndex;
import io.seine.pipeline.policy.PolicyRule;
import io.seine.pipeline.policy.RuleRef;
import io.seine.pipeline.policy.Subject;
import java.util.Optional;
import java.util.Set;

/** Hands on what policies come to; and says, to any thread, whose decision a flow is. */
final class RuleBook implements PolicySink, PolicyCounters.Decisions {
  private final PolicyIndex index;

  RuleBook(PolicyIndex index) {
    this.index = index;
  }

  /** The rule with this number in registers, labels and packets for the agent. */
  Optional<RuleRef> rule(int id) {
    return index.ruleIds().find(id);
  }

  boolean isInstalled(RuleRef rule) {
    return index.ruleIds().of(rule).isPresent();
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

  @Override
  public void put(PolicyRule rule) {
    index.put(rule);
  }

  @Override
  public void remove(PolicyRule.Key rule) {
    index.remove(rule);
  }

  @Override
  public void put(Subject subject) {
    index.put(subject);
  }

  @Override
  public void removeSubject(PodId pod) {
    index.removeSubject(pod);
  }

  @Override
  public void members(String set, Set<Ip> added, Set<Ip> removed) {
    index.members(set, added, removed);
  }

  @Override
  public void removeSet(String set) {
    index.removeSet(set);
  }
}
