package io.seine.agent.policy;

import io.seine.pipeline.policy.Direction;
import io.seine.pipeline.policy.PolicyRef;
import io.seine.pipeline.policy.Rank;
import io.seine.pipeline.policy.RuleRef;
import io.seine.pipeline.policy.Tier;
import io.seine.pipeline.policy.Verdict;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Isolation by default: as if there were, behind all others, a Baseline policy for a namespace that
 * accepts what comes from its own pods and denies all else.
 */
final class Isolations {
  private static final String LABEL = "seine.io/isolation";
  private static final String ENABLED = "enabled";
  private static final String DISABLED = "disabled";

  private Isolations() {}

  static PolicyRef ref(String namespace) {
    return new PolicyRef(PolicyRef.Kind.ISOLATION, "", namespace);
  }

  static Policy of(String namespace) {
    Selection own = new Selection(new Scope.Named(namespace), Match.ALL);
    Policy.Who ownPods = new Policy.Some(Set.of(own), Set.of(), Set.of(), Set.of());
    return new Policy(
        ref(namespace),
        Tier.BASELINE,
        own,
        Set.of(),
        false,
        Policy.Log.NONE,
        List.of(
            rule(namespace, 0, "inside", Verdict.ACCEPT, ownPods),
            rule(namespace, 1, "outside", Verdict.DENY, Policy.ANYONE)));
  }

  static boolean isIsolated(Map<String, String> labels, boolean byDefault) {
    return switch (labels.getOrDefault(LABEL, "")) {
      case ENABLED -> true;
      case DISABLED -> false;
      default -> byDefault;
    };
  }

  static void check(Map<String, String> labels, Complaints complaints) {
    String value = labels.get(LABEL);
    if (value != null && !value.equals(ENABLED) && !value.equals(DISABLED)) {
      complaints.say(
          "InvalidLabel",
          "%s is '%s' or '%s', not '%s'; what the option isolateNamespaces says holds"
              .formatted(LABEL, ENABLED, DISABLED, value));
    }
  }

  private static Policy.Rule rule(
      String namespace, int index, String name, Verdict verdict, Policy.Who who) {
    return new Policy.Rule(
        new RuleRef(ref(namespace), Direction.INGRESS, index, name),
        new Rank(Rank.ISOLATION, namespace, index),
        verdict,
        who,
        Policy.What.ANY);
  }
}
