package io.seine.pipeline.policy;

import io.seine.openflow.IpPrefix;
import java.util.Set;

/** Who is at the other end of the connections that a rule is about. */
public sealed interface Peers {
  /** Anyone. */
  record Anyone() implements Peers {}

  /**
   * Who is in one of these. None: the rule matches nothing.
   *
   * @param sets names of sets of single addresses, whose members are given apart
   */
  record Some(Set<String> sets, Set<IpPrefix> blocks, Set<Block> withExcepts) implements Peers {
    public Some {
      sets = Set.copyOf(sets);
      blocks = Set.copyOf(blocks);
      withExcepts = Set.copyOf(withExcepts);
    }
  }

  Peers ANYONE = new Anyone();

  /**
   * The name of a set's companion: what is in that fulfils the rule for packets of connections that
   * are open already, and for none that open one.
   */
  static String lasting(String set) {
    return set + LASTING;
  }

  /** Whether it is such a name. */
  static boolean isLasting(String set) {
    return set.endsWith(LASTING);
  }

  /** What such a name ends with. */
  String LASTING = ", for open connections";
}
