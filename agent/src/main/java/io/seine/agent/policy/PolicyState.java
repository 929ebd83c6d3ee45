package io.seine.agent.policy;

import io.seine.pipeline.policy.Direction;
import io.seine.pipeline.policy.PolicyRef;
import io.seine.pipeline.policy.PolicyRule;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A policy that may concern this node, with the pods here that it is for. */
final class PolicyState {
  final PolicyRef ref;
  final Set<PodState> subjects = new HashSet<>(0);

  /** What the sink has. */
  Map<PolicyRule.Key, PolicyRule> told = Map.of();

  /** Whether it had subjects, as told. */
  boolean inUse;

  /** What its rules speak of, as told. */
  Set<Watched> watched = Set.of();

  private Optional<Policy> policy = Optional.empty();

  PolicyState(PolicyRef ref) {
    this.ref = ref;
  }

  /** Empty if it is gone, or has no effect. */
  Optional<Policy> policy() {
    return policy;
  }

  void is(Optional<Policy> now) {
    policy = now;
  }

  /** Whether it denies what it does not allow, in earnest or not. */
  boolean isolates(Direction direction) {
    return policy.isPresent() && policy.get().isolates().contains(direction);
  }

  boolean isDryRun() {
    return policy.isPresent() && policy.get().dryRun();
  }

  boolean logsDenied() {
    return policy.isPresent() && policy.get().log().denied();
  }
}
