package io.seine.pipeline.policy;

import java.util.List;

/**
 * The sets, of those that rules of a direction use, that some addresses are in: what a register
 * says of such an address.
 *
 * @param sets sorted by name, not empty
 */
record PeerClass(Direction direction, List<PeerSet> sets, int id) {
  /** What tells it from others. */
  record Key(Direction direction, List<PeerSet> sets) {
    String name() {
      StringBuilder name = new StringBuilder(direction.label());
      sets.forEach(set -> name.append('\n').append(set.name()));
      return name.toString();
    }
  }

  Key key() {
    return new Key(direction, sets);
  }

  Term term() {
    return new Term.PeerClass(direction, id);
  }
}
