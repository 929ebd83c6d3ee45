package io.seine.pipeline.policy;

import io.seine.openflow.Field;
import io.seine.openflow.FieldMatch;
import io.seine.openflow.Flow;
import io.seine.pipeline.FlowSet;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Of a policy: what becomes of a packet that fulfils all clauses of one of its rules. */
record VerdictFlows(List<One> rules) implements PolicyFlows {
  private static final Comparator<PolicyRule> ORDER =
      Comparator.comparing(PolicyRule::ref).thenComparingInt(PolicyRule::part);

  /** Of one rule. */
  record One(Place place, int conjunction, PolicyDecision decision) {}

  VerdictFlows {
    rules = List.copyOf(rules);
  }

  /** Empty if none of the rules can match. */
  static Optional<PolicyFlows> of(Collection<InstalledRule> rules) {
    List<One> ones =
        rules.stream()
            .filter(InstalledRule::canMatch)
            .sorted(Comparator.comparing(InstalledRule::rule, ORDER))
            .map(VerdictFlows::one)
            .toList();
    return ones.isEmpty() ? Optional.empty() : Optional.of(new VerdictFlows(ones));
  }

  private static One one(InstalledRule installed) {
    PolicyRule rule = installed.rule();
    return new One(
        installed.place(),
        installed.conjunction(),
        new PolicyDecision(
            rule.direction(),
            rule.tier(),
            rule.verdict(),
            rule.dryRun(),
            rule.log(),
            installed.id()));
  }

  @Override
  public FlowSet compile() {
    List<Flow> flows = new ArrayList<>(rules.size() * 2);
    for (One one : rules) {
      FieldMatch met = FieldMatch.exact(Field.CONJ_ID, Integer.toUnsignedLong(one.conjunction()));
      one.decision().flows(one.place(), rule -> rule.when(met), flows);
    }
    return new FlowSet(flows, List.of());
  }
}
