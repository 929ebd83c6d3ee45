package io.seine.cli.flows;

import io.seine.pipeline.Owner;
import io.seine.pipeline.policy.Direction;
import java.util.List;

/**
 * All of one policy on one node: what the node's agent makes of it, and what the switch has done
 * for it so far.
 *
 * @param pods of this node that it is about
 * @param rules of those that concern pods of this node; the denial of what none allows last
 * @param missing flows that the switch should have for it and has not
 * @param problems what of it cannot be done, and why
 */
record PolicyView(
    String node,
    Owner policy,
    List<String> pods,
    List<Rule> rules,
    int missing,
    List<ServiceView.Refusal> problems) {
  PolicyView {
    pods = List.copyOf(pods);
    rules = List.copyOf(rules);
    problems = List.copyOf(problems);
  }

  /**
   * One rule.
   *
   * @param which {@code rule 0 (name)}, or {@code default} for what no rule allows
   * @param verdict Accept, Deny or Pass
   * @param order its place in its tier, {@code Admin, priority 10}
   * @param dryRun whether it only counts what it would do
   * @param peers who is at the other end
   * @param ports to which ports
   * @param packets that it decided, and {@code connections} that packets opened
   */
  record Rule(
      Direction direction,
      String which,
      String verdict,
      String order,
      boolean dryRun,
      boolean log,
      List<Peer> peers,
      List<String> ports,
      long packets,
      long connections) {
    Rule {
      peers = List.copyOf(peers);
      ports = List.copyOf(ports);
    }
  }

  /**
   * One kind of peer.
   *
   * @param what in words
   * @param addresses how many; -1 for a block
   * @param names some of those who have them
   */
  record Peer(String what, int addresses, List<String> names) {
    Peer {
      names = List.copyOf(names);
    }
  }
}
