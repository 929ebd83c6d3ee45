package io.seine.pipeline.policy;

import io.seine.openflow.Action;
import io.seine.openflow.IpPrefix;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A rule with its numbers. Its identity stays when the rule is put again with other subjects, peers
 * or ports.
 */
final class InstalledRule {
  /** What a rule asks, each by flows of its own. */
  enum Dimension {
    SUBJECT,
    PEER,
    PORT
  }

  private static final Set<IpPrefix> ANYWHERE =
      Set.of(IpPrefix.parse("0.0.0.0/0"), IpPrefix.parse("::/0"));
  private static final int NOT_PLACED = -1;

  private PolicyRule rule;
  private Peers.Some peers;
  private final int conjunction;
  private final int id;
  private int priority = NOT_PLACED;

  /**
   * @param conjunction its {@code conj_id}
   * @param id as in {@link RuleIds}
   */
  InstalledRule(PolicyRule rule, int conjunction, int id) {
    this.rule = rule;
    this.peers = peers(rule);
    this.conjunction = conjunction;
    this.id = id;
  }

  PolicyRule rule() {
    return rule;
  }

  void rule(PolicyRule next) {
    rule = next;
    peers = peers(next);
  }

  int conjunction() {
    return conjunction;
  }

  int id() {
    return id;
  }

  int priority() {
    return priority;
  }

  boolean placed() {
    return priority != NOT_PLACED;
  }

  void place(int newPriority) {
    priority = newPriority;
  }

  /** It has no place until it is given one again. */
  void displace() {
    priority = NOT_PLACED;
  }

  Place place() {
    return new Place(PolicyTables.of(rule.direction()).tier(rule.tier()), priority);
  }

  /** Empty if the rule does not ask for peers: see {@link #asks}. */
  Peers.Some peers() {
    return peers;
  }

  Collection<PortRange> ports() {
    return rule.ports() instanceof Ports.Some some ? PortMasks.pieces(some.ranges()) : List.of();
  }

  /** Whether any packet could match, whoever is in the sets. */
  boolean canMatch() {
    boolean peer =
        !asks(Dimension.PEER)
            || !(peers.sets().isEmpty()
                && peers.blocks().isEmpty()
                && peers.withExcepts().isEmpty());
    boolean port = !(rule.ports() instanceof Ports.Some some) || !some.ranges().isEmpty();
    return peer && port && !rule.subjects().isEmpty();
  }

  boolean asks(Dimension dimension) {
    return switch (dimension) {
      case SUBJECT -> true;
      case PEER -> rule.peers() instanceof Peers.Some || rule.ports() instanceof Ports.Any;
      case PORT -> rule.ports() instanceof Ports.Some;
    };
  }

  /** How many dimensions it asks, two or three. */
  int dimensions() {
    return 1 + (asks(Dimension.PEER) ? 1 : 0) + (asks(Dimension.PORT) ? 1 : 0);
  }

  Action.Conjunction clause(Dimension dimension) {
    int clause =
        switch (dimension) {
          case SUBJECT -> 0;
          case PEER -> 1;
          case PORT -> dimensions() - 1;
        };
    return new Action.Conjunction(conjunction, clause, dimensions());
  }

  // A conjunction has at least two clauses. The second of a rule that asks only for its subjects is
  // that the other end is anywhere.
  private static Peers.Some peers(PolicyRule rule) {
    return switch (rule.peers()) {
      case Peers.Some some -> some;
      case Peers.Anyone _ ->
          new Peers.Some(
              new HashSet<>(), rule.ports() instanceof Ports.Any ? ANYWHERE : Set.of(), Set.of());
    };
  }
}
