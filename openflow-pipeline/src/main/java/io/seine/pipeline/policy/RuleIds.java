package io.seine.pipeline.policy;

import io.seine.pipeline.Fingerprint;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The numbers of rules, as registers, labels of connections and packets for the agent carry them:
 * hashes of their names, so that a label still means the same rule after a restart. Any thread may
 * ask; {@link PolicyIndex} alone gives and takes.
 */
public final class RuleIds {
  private final HashedIds<RuleRef> ids = new HashedIds<>();
  private final HashedIds<PolicyRule.Key> conjunctions = new HashedIds<>();

  /** The rule with this number; empty for 0, and for rules that are gone. */
  public Optional<RuleRef> find(int id) {
    return ids.find(id);
  }

  /** Never 0; empty if no flow of this node is for the rule. */
  public OptionalInt of(RuleRef rule) {
    return ids.of(rule);
  }

  /** The rule whose conjunction has this {@code conj_id}. */
  public Optional<PolicyRule.Key> ofConjunction(int id) {
    return conjunctions.find(id);
  }

  int acquire(RuleRef rule) {
    return ids.acquire(rule, Fingerprint.of("rule", rule.toString()));
  }

  void release(RuleRef rule) {
    ids.release(rule);
  }

  int acquireConjunction(PolicyRule.Key rule) {
    return conjunctions.acquire(
        rule, Fingerprint.of("conjunction", rule.ref().toString(), Integer.toString(rule.part())));
  }

  void releaseConjunction(PolicyRule.Key rule) {
    conjunctions.release(rule);
  }
}
