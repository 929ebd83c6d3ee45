package io.seine.agent.policy;

import io.seine.agent.verdict.Connection;
import io.seine.agent.verdict.Transport;
import io.seine.openflow.Ip;
import io.seine.pipeline.policy.Direction;
import io.seine.pipeline.policy.Peers;
import io.seine.pipeline.policy.PodId;
import io.seine.pipeline.policy.PolicyRule;
import io.seine.pipeline.policy.Ports;
import io.seine.pipeline.policy.RuleRef;
import io.seine.pipeline.policy.Subject;
import io.seine.pipeline.policy.Tier;
import io.seine.pipeline.policy.Verdict;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** What the rules that a sink was told say of a connection, read as the switch is to read them. */
final class Reading {
  private final RecordingSink sink;

  Reading(RecordingSink sink) {
    this.sink = sink;
  }

  /** Who decides, and what; empty if nobody does, so that it is allowed. */
  record Decision(RuleRef by, boolean allowed) {}

  Optional<Decision> decide(PodId pod, Direction direction, Connection connection) {
    Optional<PolicyRule> admin = first(Tier.ADMIN, pod, direction, connection);
    if (admin.isPresent() && admin.get().verdict() != Verdict.PASS) {
      return decision(admin.get());
    }
    Subject subject = Objects.requireNonNull(sink.subjects.get(pod));
    Optional<Subject.Isolation> isolation = subject.isolation(direction).filter(i -> !i.dryRun());
    if (isolation.isPresent()) {
      return first(Tier.NETWORK_POLICY, pod, direction, connection)
          .map(Reading::decision)
          .orElse(Optional.of(new Decision(isolation.get().by(), false)));
    }
    return first(Tier.BASELINE, pod, direction, connection)
        .filter(rule -> rule.verdict() != Verdict.PASS)
        .flatMap(Reading::decision);
  }

  private static Optional<Decision> decision(PolicyRule rule) {
    return Optional.of(new Decision(rule.ref(), rule.verdict() == Verdict.ACCEPT));
  }

  private Optional<PolicyRule> first(
      Tier tier, PodId pod, Direction direction, Connection connection) {
    Ip other = direction == Direction.INGRESS ? connection.source() : connection.destination();
    List<PolicyRule> matching =
        sink.rules.values().stream()
            .filter(r -> r.tier() == tier && r.direction() == direction && !r.dryRun())
            .filter(r -> r.subjects().contains(pod))
            .filter(r -> matches(r.peers(), other) && matches(r.ports(), connection))
            .sorted(Comparator.comparing(PolicyRule::rank).thenComparing(PolicyRule::ref))
            .toList();
    return matching.stream().findFirst();
  }

  private boolean matches(Peers peers, Ip address) {
    return switch (peers) {
      case Peers.Anyone anyone -> true;
      case Peers.Some some ->
          some.sets().stream().anyMatch(s -> sink.sets.getOrDefault(s, Set.of()).contains(address))
              || some.blocks().stream().anyMatch(b -> b.contains(address))
              || some.withExcepts().stream()
                  .anyMatch(b ->
                      b.cidr().contains(address)
                          && b.except().stream().noneMatch(e -> e.contains(address)));
    };
  }

  private static boolean matches(Ports ports, Connection connection) {
    return switch (ports) {
      case Ports.Any any -> true;
      case Ports.Some some ->
          connection.transport() != Transport.ICMP
              && some.ranges().stream()
                  .anyMatch(r ->
                      r.protocol().name().equals(connection.transport().name())
                          && r.first() <= connection.port()
                          && connection.port() <= r.last());
    };
  }
}
