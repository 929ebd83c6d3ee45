package io.seine.pipeline.policy;

import io.seine.pipeline.ServiceFact.Protocol;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;

/**
 * Takes ranges of ports apart into pieces that a match with a mask can hold: each piece's length is
 * a power of two, and it begins at a multiple of that. A range takes at most 30 of them.
 */
final class PortMasks {
  private static final int PORTS = 0x10000;

  private PortMasks() {}

  /** The fewest disjoint pieces that are these ranges together, in order. */
  static List<PortRange> pieces(Collection<PortRange> ranges) {
    List<PortRange> pieces = new ArrayList<>();
    for (PortRange range : union(ranges)) {
      int first = range.first();
      while (first <= range.last()) {
        int length = first == 0 ? PORTS : Integer.lowestOneBit(first);
        while (first + length - 1 > range.last()) {
          length >>= 1;
        }
        pieces.add(new PortRange(range.protocol(), first, first + length - 1));
        first += length;
      }
    }
    return pieces;
  }

  /** The mask under which all ports of a piece are equal to its first. */
  static int mask(PortRange piece) {
    return ~(piece.last() - piece.first()) & (PORTS - 1);
  }

  private static List<PortRange> union(Collection<PortRange> ranges) {
    List<PortRange> union = new ArrayList<>();
    for (PortRange range : new TreeSet<>(ranges)) {
      if (union.isEmpty() || !touches(union.getLast(), range)) {
        union.add(range);
      } else {
        PortRange last = union.removeLast();
        Protocol protocol = last.protocol();
        union.add(new PortRange(protocol, last.first(), Math.max(last.last(), range.last())));
      }
    }
    return union;
  }

  private static boolean touches(PortRange earlier, PortRange later) {
    return earlier.protocol() == later.protocol() && later.first() <= earlier.last() + 1;
  }
}
