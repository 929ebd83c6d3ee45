package io.seine.agent.policy;

import io.seine.openflow.Family;
import io.seine.openflow.IpPrefix;
import io.seine.pipeline.policy.Direction;
import io.seine.pipeline.policy.Tier;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Finds in a policy that can be read what can match nothing, whatever pods there are. */
final class Sense {
  private Sense() {}

  /**
   * Says what.
   *
   * @param families of the pods' addresses
   */
  static void check(Policy policy, Set<Family> families, Complaints complaints) {
    selection(policy.subject(), complaints.at("subject"), "the policy selects no pod");
    for (Policy.Rule rule : policy.rules()) {
      if (rule.who() instanceof Policy.Some some) {
        Complaints here = complaints.at(rule.direction().label() + " rule " + rule.ref().index());
        peers(some, here);
        blocks(some, families, here);
        names(policy, rule, some, here);
      }
    }
  }

  private static void peers(Policy.Some some, Complaints here) {
    for (Selection selection : some.pods()) {
      selection(selection, here, "it selects nobody");
    }
    some.nodes().forEach(nodes -> match(nodes, here, "it selects nobody"));
  }

  private static void selection(Selection selection, Complaints here, String consequence) {
    if (selection.scope() instanceof Scope.Labelled scope) {
      match(scope.namespaces(), here, consequence);
    }
    match(selection.pods(), here, consequence);
  }

  private static void match(Match match, Complaints here, String consequence) {
    if (match.isContradiction()) {
      here.say(
          "ContradictorySelector",
          "the selector '%s' contradicts itself: %s".formatted(match, consequence));
    }
  }

  /** A rule with blocks of a family that pods have is written for clusters of either. */
  private static void blocks(Policy.Some some, Set<Family> families, Complaints here) {
    List<IpPrefix> blocks =
        Stream.concat(some.blocks().stream(), some.withExcepts().stream().map(b -> b.cidr()))
            .sorted()
            .toList();
    if (blocks.stream().noneMatch(block -> families.contains(block.family()))) {
      for (IpPrefix block : blocks) {
        here.say(
            "NoSuchFamily",
            "%s is %s, of which pods have no address; it matches nothing"
                .formatted(block, block.family() == Family.IPV4 ? "IPv4" : "IPv6"));
      }
    }
  }

  /** Of ClusterNetworkPolicies it has been said: the API forbids it there. */
  private static void names(Policy policy, Policy.Rule rule, Policy.Some some, Complaints here) {
    boolean addresses = !some.blocks().isEmpty() || !some.withExcepts().isEmpty();
    if (policy.tier() == Tier.NETWORK_POLICY && rule.direction() == Direction.EGRESS && addresses) {
      rule.what().names().stream()
          .map(Policy.Named::name)
          .distinct()
          .sorted()
          .forEach(name ->
              here.say(
                  "InvalidPort",
                  "the port '%s' is one of pods: of blocks of addresses it matches nothing"
                      .formatted(name)));
    }
  }
}
