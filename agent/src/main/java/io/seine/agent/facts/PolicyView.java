package io.seine.agent.facts;

import io.seine.agent.metrics.PolicyCounters;
import io.seine.agent.policy.DomainPattern;
import io.seine.agent.policy.PolicyCounts;
import io.seine.agent.policylog.PolicyLog;
import io.seine.openflow.Flow;
import io.seine.openflow.Ip;
import io.seine.pipeline.policy.PolicyRef;
import io.seine.pipeline.policy.RuleRef;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** What the policies come to, for those who count, log and show it. Any thread may ask. */
public final class PolicyView implements PolicyLog.Names, PolicyCounters.Decisions {
  private final RuleBook rules;
  private final PodBook pods;
  private final Supplier<PolicyCounts> counts;
  private final Supplier<Map<DomainPattern, Set<PolicyRef>>> domains;

  PolicyView(
      RuleBook rules,
      PodBook pods,
      Supplier<PolicyCounts> counts,
      Supplier<Map<DomainPattern, Set<PolicyRef>>> domains) {
    this.domains = domains;
    this.rules = rules;
    this.pods = pods;
    this.counts = counts;
  }

  /** The domain names that rules for pods here speak of, and the policies that these are of. */
  public Map<DomainPattern, Set<PolicyRef>> domains() {
    return domains.get();
  }

  public PolicyCounts counts() {
    return counts.get();
  }

  /** Whether the switch is to have flows of the rule. */
  public boolean isInstalled(RuleRef rule) {
    return rules.isInstalled(rule);
  }

  @Override
  public Optional<RuleRef> rule(int id) {
    return rules.rule(id);
  }

  @Override
  public Optional<String> pod(Ip address) {
    return pods.owner(address).map(Object::toString);
  }

  @Override
  public Optional<PolicyCounters.Decision> of(Flow flow) {
    return rules.of(flow);
  }
}
