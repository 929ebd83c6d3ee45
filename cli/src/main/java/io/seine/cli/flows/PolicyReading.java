package io.seine.cli.flows;

import io.seine.agent.facts.ClusterFacts;
import io.seine.agent.facts.KnownPolicies;
import io.seine.openflow.Flow;
import io.seine.openflow.InstalledFlow;
import io.seine.openflow.Ip;
import io.seine.openflow.IpPrefix;
import io.seine.pipeline.FlowSet;
import io.seine.pipeline.Owner;
import io.seine.pipeline.policy.Block;
import io.seine.pipeline.policy.Direction;
import io.seine.pipeline.policy.Peers;
import io.seine.pipeline.policy.PolicyDecision;
import io.seine.pipeline.policy.PolicyRef;
import io.seine.pipeline.policy.PolicyRule;
import io.seine.pipeline.policy.PortRange;
import io.seine.pipeline.policy.Ports;
import io.seine.pipeline.policy.Rank;
import io.seine.pipeline.policy.RuleRef;
import io.seine.pipeline.policy.Subject;
import io.seine.pipeline.policy.Tier;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Puts together what policies come to on a node and what its switch has of one of them. */
final class PolicyReading {
  /** Of the peers, how many are named. */
  private static final int MOST_NAMES = 5;

  private final ClusterFacts facts;
  private final KnownPolicies policies;
  private final Collection<InstalledFlow> flows;
  private final Map<Ip, Owner> pods;

  /**
   * @param flows of the node's switch
   * @param pods of the cluster by their addresses
   */
  PolicyReading(ClusterFacts facts, Collection<InstalledFlow> flows, Map<Ip, Owner> pods) {
    this.facts = facts;
    this.policies = facts.policies();
    this.flows = flows;
    this.pods = pods;
  }

  PolicyView view(PolicyRef policy) {
    List<PolicyView.Rule> rules = new ArrayList<>();
    Set<String> subjects = new TreeSet<>();
    Map<RuleRef, List<PolicyRule>> byRule = new TreeMap<>();
    for (PolicyRule rule : policies.rules(policy)) {
      byRule.computeIfAbsent(rule.ref(), _ -> new ArrayList<>()).add(rule);
      rule.subjects().forEach(pod -> subjects.add("pod/" + pod));
    }
    byRule.forEach((ref, parts) -> rules.add(rule(ref, parts)));
    for (Direction direction : Direction.values()) {
      isolated(policy, direction, rules, subjects);
    }
    return new PolicyView(
        facts.node().name(),
        policy.owner(),
        List.copyOf(subjects),
        rules,
        missing(policy),
        policies.problems(policy).stream()
            .map(problem -> new ServiceView.Refusal(problem.reason(), problem.message()))
            .toList());
  }

  private PolicyView.Rule rule(RuleRef ref, List<PolicyRule> parts) {
    PolicyRule first = parts.getFirst();
    Counts counts = counts(ref);
    String name = ref.name().isEmpty() ? "" : " (" + ref.name() + ")";
    return new PolicyView.Rule(
        ref.direction(),
        "rule " + ref.index() + name,
        first.verdict().label(),
        order(first.tier(), first.rank()),
        first.dryRun(),
        first.log(),
        parts.stream().flatMap(part -> peers(part).stream()).distinct().toList(),
        parts.stream().flatMap(part -> ports(part).stream()).distinct().sorted().toList(),
        counts.packets(),
        counts.connections());
  }

  private static String order(Tier tier, Rank rank) {
    if (tier == Tier.NETWORK_POLICY) {
      return tier.label();
    }
    return rank.priority() == Rank.ISOLATION
        ? tier.label() + ", last"
        : "%s, priority %d".formatted(tier.label(), rank.priority());
  }

  private List<PolicyView.Peer> peers(PolicyRule rule) {
    return switch (rule.peers()) {
      case Peers.Anyone _ -> List.of(new PolicyView.Peer("anyone", -1, List.of()));
      case Peers.Some some -> {
        List<PolicyView.Peer> all = new ArrayList<>();
        some.sets().stream().sorted().forEach(set -> all.add(set(set)));
        some.blocks().stream()
            .sorted()
            .map(IpPrefix::toString)
            .forEach(block -> all.add(new PolicyView.Peer(block, -1, List.of())));
        some.withExcepts().stream()
            .map(PolicyReading::block)
            .sorted()
            .forEach(block -> all.add(new PolicyView.Peer(block, -1, List.of())));
        yield all;
      }
    };
  }

  private PolicyView.Peer set(String name) {
    Set<Ip> members = policies.members(name);
    return new PolicyView.Peer(
        name,
        members.size(),
        members.stream()
            .sorted()
            .limit(MOST_NAMES)
            .map(ip -> Optional.ofNullable(pods.get(ip)).map(Owner::toString).orElse(ip.toString()))
            .toList());
  }

  private static String block(Block block) {
    return block.cidr()
        + " without "
        + block.except().stream()
            .sorted()
            .limit(MOST_NAMES)
            .map(IpPrefix::toString)
            .collect(Collectors.joining(", "))
        + (block.except().size() > MOST_NAMES
            ? " and %d more".formatted(block.except().size() - MOST_NAMES)
            : "");
  }

  private static List<String> ports(PolicyRule rule) {
    return rule.ports() instanceof Ports.Some some
        ? some.ranges().stream().sorted().map(PortRange::toString).toList()
        : List.of("any");
  }

  private void isolated(
      PolicyRef policy, Direction direction, List<PolicyView.Rule> rules, Set<String> subjects) {
    List<Subject> isolated =
        policies.subjects().stream()
            .filter(
                s -> s.isolation(direction).filter(i -> i.by().policy().equals(policy)).isPresent())
            .toList();
    if (isolated.isEmpty()) {
      return;
    }
    isolated.forEach(subject -> subjects.add("pod/" + subject.pod()));
    Counts counts = counts(RuleRef.defaultOf(policy, direction));
    Subject.Isolation isolation = isolated.getFirst().isolation(direction).orElseThrow();
    rules.add(
        new PolicyView.Rule(
            direction,
            "default, what no NetworkPolicy allows",
            "Deny",
            Tier.NETWORK_POLICY.label(),
            isolation.dryRun(),
            isolation.log(),
            List.of(new PolicyView.Peer("anyone", -1, List.of())),
            List.of("any"),
            counts.packets(),
            counts.connections()));
  }

  private record Counts(long packets, long connections) {}

  private Counts counts(RuleRef rule) {
    OptionalInt number = policies.number(rule);
    long packets = 0;
    long connections = 0;
    for (InstalledFlow flow : flows) {
      Optional<PolicyDecision.Part> part =
          PolicyDecision.of(flow.flow())
              .filter(p ->
                  number.isPresent()
                      && p.decision().rule() == number.getAsInt()
                      && p.decision().direction() == rule.direction());
      if (part.isPresent()) {
        packets += flow.packets();
        connections += part.get().opening() ? flow.packets() : 0;
      }
    }
    return new Counts(packets, connections);
  }

  private int missing(PolicyRef policy) {
    Set<Flow.Key> there = flows.stream().map(flow -> flow.flow().key()).collect(Collectors.toSet());
    FlowSet wanted =
        policies.flows().getOrDefault(policy.owner(), new FlowSet(List.of(), List.of()));
    return (int) wanted.flows().stream().filter(flow -> !there.contains(flow.key())).count();
  }
}
