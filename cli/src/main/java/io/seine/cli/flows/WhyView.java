package io.seine.cli.flows;

import io.seine.agent.verdict.Answer;
import io.seine.openflow.Ip;
import java.util.List;
import java.util.Optional;

/**
 * Why a connection is allowed or not: what the policies say, and what the switches would do.
 *
 * @param source and {@code destination} who they are, in words
 * @param service what is asked for, {@code TCP 80}
 * @param remark what limits the answer; empty if nothing does
 * @param ways one; to a service one for each endpoint
 */
record WhyView(String source, String destination, String service, String remark, List<Way> ways) {
  WhyView {
    ways = List.copyOf(ways);
  }

  /** Who is at an end. */
  record End(String name, Ip address, String node) {
    @Override
    public String toString() {
      String bare = address.toString();
      String where = node.isEmpty() || node.equals(name) ? "" : node;
      if (name.equals(bare)) {
        return where.isEmpty() ? name : "%s (%s)".formatted(name, where);
      }
      return "%s (%s%s)".formatted(name, bare, where.isEmpty() ? "" : ", " + where);
    }
  }

  /**
   * A connection as policies see it.
   *
   * @param answer what the policies say
   * @param seen what each switch on the way would do
   */
  record Way(End from, End to, Answer answer, List<Seen> seen) {
    Way {
      seen = List.copyOf(seen);
    }

    boolean disagrees() {
      return seen.stream().anyMatch(s -> s.expected().isPresent());
    }
  }

  /**
   * What a switch would do.
   *
   * @param does in words
   * @param expected what the policies want it to do; empty if that is what it does
   */
  record Seen(String node, String does, Optional<String> expected) {}

  boolean allowed() {
    return ways.stream().allMatch(way -> way.answer().allowed());
  }

  boolean disagrees() {
    return ways.stream().anyMatch(Way::disagrees);
  }
}
