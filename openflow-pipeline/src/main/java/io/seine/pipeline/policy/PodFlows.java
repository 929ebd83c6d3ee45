package io.seine.pipeline.policy;

import io.seine.openflow.Flow;
import io.seine.openflow.Ip;
import io.seine.pipeline.FlowSet;
import io.seine.pipeline.Gates;
import io.seine.pipeline.Registers;
import io.seine.pipeline.Rule;
import io.seine.pipeline.Table;
import io.seine.pipeline.ToAgent;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * Of a pod: that what it sends or receives is judged, the rules that are about it, and the denial
 * of what no NetworkPolicy allows if one selects it; and that DNS answers for it are to be read.
 */
record PodFlows(
    Subject subject, Optional<Judged> ingress, Optional<Judged> egress, boolean readsAnswers)
    implements PolicyFlows {
  /** Above all that sends. */
  private static final int TO_BE_READ = 220;

  /**
   * What is judged in one direction.
   *
   * @param denial with the id of its rule, if a NetworkPolicy selects the pod
   */
  record Judged(List<Clause> enforced, List<Clause> tried, Optional<Denial> denial) {
    Judged {
      enforced = List.copyOf(enforced);
      tried = List.copyOf(tried);
    }
  }

  /** Of what no NetworkPolicy allows. */
  record Denial(int rule, boolean dryRun, boolean log) {}

  /** Empty if nothing is judged. */
  static Optional<Judged> judged(
      Direction direction, Collection<InstalledRule> rules, Optional<Denial> denial) {
    boolean isolated = denial.filter(d -> !d.dryRun()).isPresent();
    List<InstalledRule> enforced = new ArrayList<>();
    List<InstalledRule> tried = new ArrayList<>();
    for (InstalledRule installed : rules) {
      PolicyRule rule = installed.rule();
      if (rule.direction() != direction || !installed.canMatch()) {
        continue;
      }
      if (!rule.dryRun()) {
        enforced.add(installed);
      } else if (rule.tier() != Tier.NETWORK_POLICY || !isolated) {
        // Where a NetworkPolicy is enforced, one more could only allow more.
        tried.add(installed);
      }
    }
    if (enforced.isEmpty() && tried.isEmpty() && denial.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new Judged(
            Clause.of(enforced, InstalledRule.Dimension.SUBJECT),
            Clause.of(tried, InstalledRule.Dimension.SUBJECT),
            denial));
  }

  @Override
  public FlowSet compile() {
    List<Flow> flows = new ArrayList<>();
    egress.ifPresent(judged -> {
      for (Ip address : subject.addresses()) {
        flows.add(
            Rule.in(Table.EGRESS_POLICY, Gates.SELF)
                .port(subject.ofport())
                .destination(address)
                .then(Rule.goTo(Table.ROUTING)));
      }
      flows(Direction.EGRESS, judged, flows);
    });
    ingress.ifPresent(judged -> flows(Direction.INGRESS, judged, flows));
    if (readsAnswers) {
      flows.add(
          pod(Rule.in(Table.OUTPUT, TO_BE_READ), Direction.INGRESS)
              .when(Registers.ANSWER.is(1))
              .then(ToAgent.answer()));
    }
    return new FlowSet(flows, List.of());
  }

  private void flows(Direction direction, Judged judged, List<Flow> to) {
    PolicyTables tables = PolicyTables.of(direction);
    to.add(
        pod(Rule.in(tables.gate(), Gates.JUDGED), direction)
            .then(
                Registers.DRY_PASSED.set(0),
                Registers.DRY_DECIDED.set(0),
                Registers.PEER_CLASS.set(0),
                Registers.BLOCK_CLASS.set(0),
                Rule.goTo(tables.peers())));
    judged.enforced().forEach(clause -> clause.flows(rule -> pod(rule, direction), to));
    for (Clause clause : judged.tried()) {
      boolean admin = clause.place().table() == tables.tier(Tier.ADMIN);
      clause.flows(rule -> undecided(pod(rule, direction), admin), to);
    }
    judged.denial().ifPresent(denial -> deny(direction, denial, to));
  }

  private void deny(Direction direction, Denial denial, List<Flow> to) {
    Place place =
        new Place(PolicyTables.of(direction).tier(Tier.NETWORK_POLICY), Precedence.DENIAL);
    new PolicyDecision(
            direction,
            Tier.NETWORK_POLICY,
            Verdict.DENY,
            denial.dryRun(),
            denial.log(),
            denial.rule())
        .flows(
            place,
            rule -> denial.dryRun() ? undecided(pod(rule, direction), false) : pod(rule, direction),
            to);
  }

  private Rule pod(Rule rule, Direction direction) {
    return direction == Direction.INGRESS
        ? rule.when(Registers.OUTPUT_PORT.is(Integer.toUnsignedLong(subject.ofport())))
        : rule.port(subject.ofport());
  }

  private static Rule undecided(Rule rule, boolean orPassed) {
    Rule undecided = rule.when(Registers.DRY_DECIDED.is(0));
    return orPassed ? undecided.when(Registers.DRY_PASSED.is(0)) : undecided;
  }
}
