package io.seine.pipeline.explain;

import io.seine.pipeline.policy.Block;
import io.seine.pipeline.policy.Direction;
import io.seine.pipeline.policy.PolicyRule;
import io.seine.pipeline.policy.RuleRef;
import java.util.Optional;
import java.util.Set;

/** What the numbers in the flows of policies mean. */
public interface PolicyNames {
  /** The rule whose conjunction has this {@code conj_id}. */
  Optional<PolicyRule> ruleOfConjunction(int id);

  /** The rule with this number in registers and labels. */
  Optional<RuleRef> rule(int id);

  /** The names of the sets of addresses that a class stands for; none if it is not known. */
  Set<String> setsOf(Direction direction, int peerClass);

  /** The blocks that a class stands for; none if it is not known. */
  Set<Block> blocksOf(Direction direction, int blockClass);

  /** How many addresses are in a set. */
  int size(String set);

  /** When nothing is known. */
  PolicyNames NONE =
      new PolicyNames() {
        @Override
        public Optional<PolicyRule> ruleOfConjunction(int id) {
          return Optional.empty();
        }

        @Override
        public Optional<RuleRef> rule(int id) {
          return Optional.empty();
        }

        @Override
        public Set<String> setsOf(Direction direction, int peerClass) {
          return Set.of();
        }

        @Override
        public Set<Block> blocksOf(Direction direction, int blockClass) {
          return Set.of();
        }

        @Override
        public int size(String set) {
          return 0;
        }
      };
}
