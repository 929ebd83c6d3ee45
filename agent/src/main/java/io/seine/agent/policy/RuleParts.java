package io.seine.agent.policy;

import io.seine.pipeline.policy.Direction;
import io.seine.pipeline.policy.Peers;
import io.seine.pipeline.policy.PodId;
import io.seine.pipeline.policy.PolicyRule;
import io.seine.pipeline.policy.PortRange;
import io.seine.pipeline.policy.Ports;
import io.seine.pipeline.policy.Tier;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * From a policy's rules to those of this node: with its pods here, the names of the sets of its
 * peers, and a part of its own for each number that a port's name has.
 */
final class RuleParts {
  /** The part of ports by number. */
  private static final int NUMBERS = 0;

  private final Subjects subjects;
  private final AddressSets sets;

  RuleParts(Subjects subjects, AddressSets sets) {
    this.subjects = subjects;
    this.sets = sets;
  }

  /** What the rules of the policy speak of. */
  static Set<Watched> watched(Policy policy) {
    Set<Watched> watched = new HashSet<>();
    policy.rules().forEach(rule -> watched(rule, watched));
    return watched;
  }

  private static void watched(Policy.Rule rule, Set<Watched> watched) {
    Policy.What what = rule.what();
    if (rule.who() instanceof Policy.Some some && hasNumbers(what)) {
      some.pods().forEach(pods -> watched.add(new Watched.Pods(pods, Optional.empty())));
      some.nodes().forEach(nodes -> watched.add(new Watched.Nodes(nodes)));
      some.domains().forEach(domain -> watched.addAll(both(domain)));
    }
    if (rule.direction() == Direction.EGRESS) {
      what.names().forEach(name -> watched.addAll(byName(rule.who(), name)));
    } else if (rule.who() instanceof Policy.Some some && !what.names().isEmpty()) {
      some.pods().forEach(pods -> watched.add(new Watched.Pods(pods, Optional.empty())));
    }
  }

  private static List<Watched> both(DomainPattern domain) {
    return List.of(new Watched.Domain(domain, false), new Watched.Domain(domain, true));
  }

  private static boolean hasNumbers(Policy.What what) {
    return what.any() || !what.numbers().isEmpty();
  }

  /** Only pods give names to ports; to allow a name to anyone is to allow it to any pod. */
  private static List<Watched> byName(Policy.Who who, Policy.Named named) {
    Set<Selection> pods =
        switch (who) {
          case Policy.Anyone anyone -> Set.of(Selection.ALL);
          case Policy.Some some -> some.pods();
        };
    return pods.stream()
        .map(selection -> (Watched) new Watched.Pods(selection, Optional.of(named.name())))
        .toList();
  }

  /** Only rules that can match something. */
  List<PolicyRule> of(PolicyState state) {
    List<PolicyRule> parts = new ArrayList<>();
    state.policy().ifPresent(policy -> policy.rules().forEach(rule -> add(state, rule, parts)));
    return parts;
  }

  private void add(PolicyState state, Policy.Rule rule, List<PolicyRule> parts) {
    Policy policy = state.policy().orElseThrow();
    Set<PodState> pods = concerned(state, policy, rule.direction());
    if (pods.isEmpty()) {
      return;
    }
    if (hasNumbers(rule.what())) {
      Ports ports = rule.what().any() ? Ports.ANY : new Ports.Some(rule.what().numbers());
      peers(rule.who()).ifPresent(p -> parts.add(part(policy, rule, NUMBERS, pods, p, ports)));
    }
    if (rule.direction() == Direction.INGRESS) {
      ingressByName(policy, rule, pods, parts);
    } else {
      egressByName(policy, rule, pods, parts);
    }
  }

  private Set<PodState> concerned(PolicyState state, Policy policy, Direction direction) {
    if (policy.tier() != Tier.NETWORK_POLICY || !policy.dryRun()) {
      return state.subjects;
    }
    return state.subjects.stream()
        .filter(pod -> !subjects.isIsolated(pod, direction))
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  private Optional<Peers> peers(Policy.Who who) {
    return switch (who) {
      case Policy.Anyone anyone -> Optional.of(Peers.ANYONE);
      case Policy.Some some -> {
        Set<String> names = new HashSet<>();
        some.pods().forEach(p -> names.add(name(new Watched.Pods(p, Optional.empty()))));
        some.nodes().forEach(n -> names.add(name(new Watched.Nodes(n))));
        some.domains().forEach(d -> both(d).forEach(watched -> names.add(name(watched))));
        yield names.isEmpty() && some.blocks().isEmpty() && some.withExcepts().isEmpty()
            ? Optional.empty()
            : Optional.of(new Peers.Some(names, some.blocks(), some.withExcepts()));
      }
    };
  }

  private String name(Watched watched) {
    return sets.watcher(watched).sets().iterator().next().name();
  }

  private void ingressByName(
      Policy policy, Policy.Rule rule, Set<PodState> pods, List<PolicyRule> parts) {
    Map<PortRange, Set<PodState>> byRange = new TreeMap<>();
    for (Policy.Named named : rule.what().names()) {
      for (PodState pod : pods) {
        for (NamedPort port : pod.ports()) {
          if (named.is(port)) {
            byRange.computeIfAbsent(port.range(), r -> new HashSet<>()).add(pod);
          }
        }
      }
    }
    if (byRange.isEmpty()) {
      return;
    }
    Optional<Peers> peers = peers(rule.who());
    peers.ifPresent(p ->
        byRange.forEach((range, having) ->
            parts.add(part(policy, rule, number(range), having, p, only(range)))));
  }

  private void egressByName(
      Policy policy, Policy.Rule rule, Set<PodState> pods, List<PolicyRule> parts) {
    Map<PortRange, Set<String>> byRange = new TreeMap<>();
    for (Policy.Named named : rule.what().names()) {
      for (Watched watched : byName(rule.who(), named)) {
        sets.watcher(watched)
            .byRange()
            .forEach((range, set) -> {
              if (named.is(new NamedPort(named.name(), range))) {
                byRange.computeIfAbsent(range, r -> new HashSet<>()).add(set);
              }
            });
      }
    }
    byRange.forEach((range, names) ->
        parts.add(
            part(
                policy,
                rule,
                number(range),
                pods,
                new Peers.Some(names, Set.of(), Set.of()),
                only(range))));
  }

  /** Says nothing of what other numbers there are, so that it stays while they come and go. */
  private static int number(PortRange range) {
    return (range.protocol().number() << 16) + range.first();
  }

  private static Ports only(PortRange range) {
    return new Ports.Some(Set.of(range));
  }

  private static PolicyRule part(
      Policy policy, Policy.Rule rule, int part, Set<PodState> pods, Peers peers, Ports ports) {
    Set<PodId> subjects = pods.stream().map(PodState::id).collect(Collectors.toSet());
    return new PolicyRule(
        rule.ref(),
        part,
        policy.tier(),
        rule.rank(),
        rule.verdict(),
        policy.dryRun(),
        policy.log().of(rule.verdict()),
        subjects,
        peers,
        ports);
  }
}
