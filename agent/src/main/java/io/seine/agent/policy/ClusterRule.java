package io.seine.agent.policy;

import io.seine.agent.kube.ClusterPolicyInfo.Peer;
import io.seine.agent.kube.ClusterPolicyInfo.Protocol;
import io.seine.agent.kube.ClusterPolicyInfo.Rule;
import io.seine.openflow.IpPrefix;
import io.seine.pipeline.policy.Direction;
import io.seine.pipeline.policy.PortRange;
import io.seine.pipeline.policy.Rank;
import io.seine.pipeline.policy.RuleRef;
import io.seine.pipeline.policy.Verdict;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Reads one rule of a ClusterNetworkPolicy. */
final class ClusterRule {
  private static final String NOTHING = "the peer matches nothing";

  private final Direction direction;
  private final Rule rule;
  private final Complaints here;
  private final Set<Selection> pods = new HashSet<>();
  private final Set<Match> nodes = new HashSet<>();
  private final Set<DomainPattern> domains = new HashSet<>();
  private final Set<IpPrefix> blocks = new HashSet<>();
  private final Set<PortRange> numbers = new HashSet<>();
  private final Set<Policy.Named> names = new HashSet<>();
  private boolean unknown;

  ClusterRule(Direction direction, Rule rule, Complaints here) {
    this.direction = direction;
    this.rule = rule;
    this.here = here;
  }

  Policy.Rule rule(RuleRef ref, Rank rank, Verdict verdict) {
    for (int i = 0; i < rule.peers().size(); i++) {
      peer(rule.peers().get(i), here.at("peer " + i));
    }
    List<Protocol> protocols = rule.protocols().orElse(List.of());
    for (int i = 0; i < protocols.size(); i++) {
      protocol(protocols.get(i), here.at("protocol " + i));
    }
    if (unknown) {
      return closed(ref, rank, verdict);
    }
    if (rule.peers().isEmpty()) {
      here.say("InvalidPeer", "names no peer; the rule matches nothing");
    }
    if (rule.protocols().isPresent() && protocols.isEmpty()) {
      here.say("InvalidPort", "has an empty list of protocols; the rule matches nothing");
    }
    namesOfPodsOnly();
    Policy.What what =
        rule.protocols().isEmpty() ? Policy.What.ANY : new Policy.What(false, numbers, names);
    return new Policy.Rule(
        ref, rank, verdict, new Policy.Some(pods, nodes, domains, blocks, Set.of()), what);
  }

  /** As the API says of peers whose kind is newer than who reads them. */
  private Policy.Rule closed(RuleRef ref, Rank rank, Verdict verdict) {
    if (verdict == Verdict.ACCEPT) {
      here.say("UnknownKind", "has a peer or protocol that is not known; it matches nothing");
      Policy.Who nobody = new Policy.Some(Set.of(), Set.of(), Set.of(), Set.of());
      return new Policy.Rule(ref, rank, verdict, nobody, Policy.What.ANY);
    }
    here.say("UnknownKind", "has a peer or protocol that is not known; it denies everything");
    return new Policy.Rule(ref, rank, Verdict.DENY, Policy.ANYONE, Policy.What.ANY);
  }

  private void peer(Peer peer, Complaints at) {
    switch (peer) {
      case Peer.Pods selected ->
          ClusterPolicies.selection(selected, at, NOTHING).ifPresent(pods::add);
      case Peer.Nodes selected -> {
        if (onlyOut("nodes", at)) {
          ClusterPolicies.usable("nodes", selected.nodes(), at, NOTHING).ifPresent(nodes::add);
        }
      }
      case Peer.Networks networks -> {
        if (onlyOut("networks", at)) {
          networks.cidrs().forEach(cidr -> network(cidr, at));
        }
      }
      case Peer.DomainNames named -> {
        if (onlyOut("domainNames", at)) {
          domainNames(named, at);
        }
      }
      case Peer.Unknown nothing -> unknown = true;
    }
  }

  /** The API has them in Accept rules only. */
  private void domainNames(Peer.DomainNames named, Complaints at) {
    if (!rule.action().equals(Verdict.ACCEPT.label())) {
      at.say(
          "InvalidPeer",
          "domain names (%s) are for Accept rules only"
              .formatted(String.join(", ", named.names())));
      unknown = true;
      return;
    }
    for (String name : named.names()) {
      DomainPattern.of(name)
          .ifPresentOrElse(
              domains::add,
              () ->
                  at.say(
                      "InvalidPeer",
                      "'%s' is neither a domain name nor '*.' and one; it matches nothing"
                          .formatted(name)));
    }
  }

  /** Only egress rules have such peers; of an ingress rule's it is a kind that is not known. */
  private boolean onlyOut(String what, Complaints at) {
    if (direction == Direction.EGRESS) {
      return true;
    }
    at.say("InvalidPeer", "an ingress rule has no peers by %s".formatted(what));
    unknown = true;
    return false;
  }

  private void network(String cidr, Complaints at) {
    Optional<IpPrefix> block = Blocks.cidr(cidr);
    if (block.isEmpty()) {
      at.say("InvalidCidr", "'%s' is not a CIDR; it matches nothing".formatted(cidr));
    }
    block.ifPresent(blocks::add);
  }

  private void protocol(Protocol protocol, Complaints at) {
    switch (protocol) {
      case Protocol.Transport transport ->
          PortEntries.protocol(transport.protocol(), at)
              .flatMap(p ->
                  transport
                      .ports()
                      .map(r -> PortEntries.range(p, r.first(), r.last(), at))
                      .orElseGet(() -> Optional.of(PortRange.all(p))))
              .ifPresent(numbers::add);
      case Protocol.NamedPort port -> names.add(new Policy.Named(port.name(), Optional.empty()));
      case Protocol.Unknown nothing -> unknown = true;
    }
  }

  private void namesOfPodsOnly() {
    if (!names.isEmpty() && !(nodes.isEmpty() && blocks.isEmpty() && domains.isEmpty())) {
      here.say(
          "InvalidPort",
          "ports by name (%s) are ports of pods: of nodes, networks and names they match nothing"
              .formatted(
                  String.join(", ", names.stream().map(Policy.Named::name).sorted().toList())));
    }
  }
}
