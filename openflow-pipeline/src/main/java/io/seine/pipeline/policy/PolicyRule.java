package io.seine.pipeline.policy;

import java.util.Set;

/**
 * A rule as it concerns this node.
 *
 * @param part one rule with a named port may be several, one for each number that the name has;
 *     from 0
 * @param rank its place in the Admin or Baseline tier, {@link Rank#NONE} between
 * @param verdict of a NetworkPolicy's always {@link Verdict#ACCEPT}
 * @param dryRun whether it only counts and logs what it would deny
 * @param log whether the agent is told of the connections that it decides
 * @param subjects pods of this node
 */
public record PolicyRule(
    RuleRef ref,
    int part,
    Tier tier,
    Rank rank,
    Verdict verdict,
    boolean dryRun,
    boolean log,
    Set<PodId> subjects,
    Peers peers,
    Ports ports) {
  public PolicyRule {
    subjects = Set.copyOf(subjects);
  }

  /** What tells it from other rules. */
  public record Key(RuleRef ref, int part) {}

  public Key key() {
    return new Key(ref, part);
  }

  public Direction direction() {
    return ref.direction();
  }
}
