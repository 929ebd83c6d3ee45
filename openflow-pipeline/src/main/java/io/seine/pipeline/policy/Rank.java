package io.seine.pipeline.policy;

import java.util.Comparator;

/**
 * The place of a rule in the order of its tier: by priority, then by the policy's name, then as the
 * rules are written. In the NetworkPolicy tier there is no order.
 *
 * @param priority 0 to 1000, the lowest is asked first; {@link #ISOLATION} comes after all
 * @param rule from 0
 */
public record Rank(int priority, String policy, int rule) implements Comparable<Rank> {
  /** The priority of isolation by default. */
  public static final int ISOLATION = 1001;

  /** Of all rules of the NetworkPolicy tier. */
  public static final Rank NONE = new Rank(0, "", 0);

  private static final Comparator<Rank> ORDER =
      Comparator.comparingInt(Rank::priority)
          .thenComparing(Rank::policy)
          .thenComparingInt(Rank::rule);

  @Override
  public int compareTo(Rank other) {
    return ORDER.compare(this, other);
  }
}
