package io.seine.agent.facts;

import io.seine.agent.metrics.PolicyCounters;
import io.seine.agent.policy.PolicySink;
import io.seine.openflow.Action;
import io.seine.openflow.Field;
import io.seine.openflow.FieldMatch;
import io.seine.openflow.Flow;
import io.seine.openflow.Ip;
import io.seine.pipeline.Registers;
import io.seine.pipeline.Rule;
import io.seine.pipeline.policy.Direction;
import io.seine.pipeline.policy.PodId;
import io.seine.pipeline.policy.PolicyIndex;
import io.seine.pipeline.policy.PolicyRule;
import io.seine.pipeline.policy.PolicyTables;
import io.seine.pipeline.policy.RuleRef;
import io.seine.pipeline.policy.Subject;
import io.seine.pipeline.policy.Tier;
import io.seine.pipeline.policy.Verdict;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Hands on what policies come to, and remembers whose decision a flow is. Told by one thread; any
 * may ask.
 */
final class RuleBook implements PolicySink, PolicyCounters.Decisions {
  private final PolicyIndex index;
  private final Map<PolicyRule.Key, PolicyCounters.Decider> rules = new ConcurrentHashMap<>();
  private final Map<Long, Subject> subjects = new ConcurrentHashMap<>();

  // Used by the one thread.
  private final Map<PodId, Long> ports = new HashMap<>();

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
    Optional<Direction> direction = judging(flow);
    Optional<FieldMatch> state = flow.match().get(Field.CT_STATE);
    if (direction.isEmpty() || state.isEmpty() || isClause(flow)) {
      return Optional.empty();
    }
    boolean opening = (state.get().value().toLong() & Rule.NEW) != 0;
    return decider(flow, direction.get())
        .map(decider -> new PolicyCounters.Decision(decider, opening));
  }

  private static Optional<Direction> judging(Flow flow) {
    for (Direction direction : Direction.values()) {
      for (Tier tier : Tier.values()) {
        if (PolicyTables.of(direction).tier(tier).number() == flow.table()) {
          return Optional.of(direction);
        }
      }
    }
    return Optional.empty();
  }

  private static boolean isClause(Flow flow) {
    return flow.actions().stream().anyMatch(Action.Conjunction.class::isInstance);
  }

  /** The verdict of a rule by its conjunction; that of no rule of a NetworkPolicy by its pod. */
  private Optional<PolicyCounters.Decider> decider(Flow flow, Direction direction) {
    Optional<FieldMatch> conjunction = flow.match().get(Field.CONJ_ID);
    if (conjunction.isPresent()) {
      return index
          .ruleIds()
          .ofConjunction((int) conjunction.get().value().toLong())
          .flatMap(key -> Optional.ofNullable(rules.get(key)));
    }
    Optional<FieldMatch> port =
        flow.match()
            .get(
                direction == Direction.EGRESS
                    ? Field.IN_PORT
                    : Registers.OUTPUT_PORT.range().field());
    return port.flatMap(match -> Optional.ofNullable(subjects.get(match.value().toLong())))
        .flatMap(subject -> subject.isolation(direction))
        .map(by -> new PolicyCounters.Decider(by.by(), Verdict.DENY, by.dryRun()));
  }

  @Override
  public void put(PolicyRule rule) {
    rules.put(rule.key(), new PolicyCounters.Decider(rule.ref(), rule.verdict(), rule.dryRun()));
    index.put(rule);
  }

  @Override
  public void remove(PolicyRule.Key rule) {
    rules.remove(rule);
    index.remove(rule);
  }

  @Override
  public void put(Subject subject) {
    forget(subject.pod());
    long port = Integer.toUnsignedLong(subject.ofport());
    ports.put(subject.pod(), port);
    subjects.put(port, subject);
    index.put(subject);
  }

  @Override
  public void removeSubject(PodId pod) {
    forget(pod);
    index.removeSubject(pod);
  }

  /** Somebody else may have the port by now. */
  private void forget(PodId pod) {
    Long port = ports.remove(pod);
    if (port != null) {
      subjects.computeIfPresent(port, (p, subject) -> subject.pod().equals(pod) ? null : subject);
    }
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
