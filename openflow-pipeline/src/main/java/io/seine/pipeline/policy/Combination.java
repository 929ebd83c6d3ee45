package io.seine.pipeline.policy;

import io.seine.openflow.Ip;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The addresses that are in exactly these sets. Nearly all that is known of an address is which
 * combination it has, so that an address in a thousand sets takes no more room than one in a single
 * set.
 */
final class Combination {
  /** Sorted by name. */
  final List<PeerSet> sets;

  final Set<Ip> members = new HashSet<>();

  private final Map<Direction, PeerClass> classes = new EnumMap<>(Direction.class);

  Combination(List<PeerSet> sets) {
    this.sets = sets;
  }

  /** The class of the members; empty if no rule uses any of the sets in this direction. */
  Optional<PeerClass> in(Direction direction) {
    return Optional.ofNullable(classes.get(direction));
  }

  void put(Direction direction, Optional<PeerClass> its) {
    its.ifPresentOrElse(c -> classes.put(direction, c), () -> classes.remove(direction));
  }
}
