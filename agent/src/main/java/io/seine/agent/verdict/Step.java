package io.seine.agent.verdict;

import java.util.Optional;

/**
 * One thing that was looked at.
 *
 * @param rule empty for what no policy says
 * @param why in words: what of the rule is met, or is not
 * @param dryRun whether the policy only tries what it would deny
 */
public record Step(Tier tier, Optional<RuleName> rule, String why, Effect effect, boolean dryRun) {
  static Step without(Tier tier, String why) {
    return new Step(tier, Optional.empty(), why, Effect.ACCEPT, false);
  }

  /** Whether nothing is asked after it. */
  public boolean decides() {
    return effect == Effect.ACCEPT || effect == Effect.DENY;
  }
}
