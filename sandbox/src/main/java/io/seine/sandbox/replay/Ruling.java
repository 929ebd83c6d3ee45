package io.seine.sandbox.replay;

import io.seine.agent.verdict.Connection;
import io.seine.agent.verdict.Direction;
import io.seine.agent.verdict.Effect;
import io.seine.agent.verdict.RuleName;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Which rules had a say in one direction of a connection.
 *
 * @param inForce those that passed a tier, and last the one that decided; without that if none did
 * @param tried the same of dry runs
 */
public record Ruling(
    Connection connection, Direction direction, List<Said> inForce, List<Said> tried) {
  public Ruling {
    inForce = List.copyOf(inForce);
    tried = List.copyOf(tried);
  }

  /**
   * What was said of it.
   *
   * @param by any of these rules: several allow, and it does not matter which is named
   */
  public record Said(Effect effect, Set<RuleName> by) {
    public Said {
      by = Set.copyOf(by);
      if (by.isEmpty()) {
        throw new IllegalArgumentException("nobody said " + effect);
      }
    }

    public Said(Effect effect, RuleName by) {
      this(effect, Set.of(by));
    }

    boolean agrees(Said other) {
      return effect == other.effect && by.stream().anyMatch(other.by::contains);
    }

    @Override
    public String toString() {
      Set<String> names =
          by.stream().map(RuleName::toString).collect(Collectors.toCollection(TreeSet::new));
      return effect + " by " + String.join(" or ", names);
    }
  }

  /** Whether a dry run would deny it. */
  public boolean wouldDeny() {
    return tried.stream().anyMatch(said -> said.effect() == Effect.DENY);
  }

  /** Whether both may be said of the same connection by the same policies. */
  public boolean agrees(Ruling other) {
    return connection.equals(other.connection)
        && direction == other.direction
        && agree(inForce, other.inForce)
        && agree(tried, other.tried);
  }

  private static boolean agree(List<Said> some, List<Said> others) {
    if (some.size() != others.size()) {
      return false;
    }
    for (int i = 0; i < some.size(); i++) {
      if (!some.get(i).agrees(others.get(i))) {
        return false;
      }
    }
    return true;
  }

  @Override
  public String toString() {
    return "%s: %s%s"
        .formatted(
            direction.label(),
            inForce.isEmpty() ? "no rule" : inForce,
            tried.isEmpty() ? "" : ", tried " + tried);
  }
}
