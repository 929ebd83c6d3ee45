package io.seine.pipeline.policy;

import java.util.Comparator;

/**
 * Names a rule of a policy.
 *
 * @param index of the rule in its direction, from 0; {@link #DEFAULT} for the denial of what no
 *     rule of a NetworkPolicy allows
 * @param name that its writer gave it; may be empty
 */
public record RuleRef(PolicyRef policy, Direction direction, int index, String name)
    implements Comparable<RuleRef> {
  public static final int DEFAULT = -1;

  private static final Comparator<RuleRef> ORDER =
      Comparator.comparing(RuleRef::policy)
          .thenComparing(RuleRef::direction)
          .thenComparingInt(RuleRef::index)
          .thenComparing(RuleRef::name);

  public RuleRef {
    if (index < DEFAULT) {
      throw new IllegalArgumentException("no rule has the index " + index);
    }
  }

  public RuleRef(PolicyRef policy, Direction direction, int index) {
    this(policy, direction, index, "");
  }

  /** What no rule of the policy allows. */
  public static RuleRef defaultOf(PolicyRef policy, Direction direction) {
    return new RuleRef(policy, direction, DEFAULT, "");
  }

  @Override
  public int compareTo(RuleRef other) {
    return ORDER.compare(this, other);
  }

  /** {@code networkpolicy/default/web ingress rule 0}, {@code ... ingress default}. */
  @Override
  public String toString() {
    String which = index == DEFAULT ? "default" : "rule " + index;
    return policy
        + " "
        + direction.label()
        + " "
        + which
        + (name.isEmpty() ? "" : " (" + name + ")");
  }
}
