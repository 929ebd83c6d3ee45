package io.seine.agent.policy;

import io.seine.agent.kube.NetworkPolicyInfo;
import io.seine.agent.kube.NetworkPolicyInfo.Peer;
import io.seine.agent.kube.NetworkPolicyInfo.Port;
import io.seine.agent.kube.NetworkPolicyInfo.Rule;
import io.seine.agent.kube.ObjectKey;
import io.seine.agent.kube.Selector;
import io.seine.openflow.IpPrefix;
import io.seine.pipeline.ServiceFact.Protocol;
import io.seine.pipeline.policy.Block;
import io.seine.pipeline.policy.Direction;
import io.seine.pipeline.policy.PolicyRef;
import io.seine.pipeline.policy.PortRange;
import io.seine.pipeline.policy.Rank;
import io.seine.pipeline.policy.RuleRef;
import io.seine.pipeline.policy.Tier;
import io.seine.pipeline.policy.Verdict;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Reads NetworkPolicies (networking.k8s.io/v1). A part that cannot be used matches nothing, since
 * its rules only allow; all others count.
 */
final class NetworkPolicies {
  private final NetworkPolicyInfo info;
  private final PolicyRef ref;
  private final Complaints complaints;

  private NetworkPolicies(NetworkPolicyInfo info) {
    this.info = info;
    this.ref = ref(info.key());
    this.complaints = new Complaints(info.ref());
  }

  static PolicyRef ref(ObjectKey key) {
    return new PolicyRef(PolicyRef.Kind.NETWORK_POLICY, key.namespace(), key.name());
  }

  static Translation translate(NetworkPolicyInfo info) {
    NetworkPolicies one = new NetworkPolicies(info);
    Optional<Policy> policy = one.policy();
    return new Translation(policy, one.complaints.all());
  }

  private Optional<Policy> policy() {
    Set<Direction> isolates = EnumSet.noneOf(Direction.class);
    List<Policy.Rule> rules = new ArrayList<>();
    for (Direction direction : Direction.values()) {
      boolean in = direction == Direction.INGRESS;
      List<Rule> given = in ? info.ingressRules() : info.egressRules();
      if (in ? info.ingress() : info.egress()) {
        isolates.add(direction);
        rules(direction, given, rules);
      } else if (!given.isEmpty()) {
        complaints.say(
            "UnusedRules",
            "has %s rules, and policyTypes without %s; the rules have no effect"
                .formatted(direction.label(), in ? "Ingress" : "Egress"));
      }
    }
    boolean dryRun = Options.dryRun(info.options(), complaints);
    Policy.Log log = Options.log(info.options(), complaints);
    return Match.of(
            info.pods(),
            why ->
                complaints.say(
                    "InvalidSelector",
                    "podSelector: %s; the policy selects no pod and has no effect".formatted(why)))
        .map(pods ->
            new Policy(
                ref,
                Tier.NETWORK_POLICY,
                new Selection(new Scope.Named(info.key().namespace()), pods),
                isolates,
                dryRun,
                log,
                rules));
  }

  private void rules(Direction direction, List<Rule> given, List<Policy.Rule> rules) {
    for (int i = 0; i < given.size(); i++) {
      Rule rule = given.get(i);
      Complaints here = complaints.at(direction.label() + " rule " + i);
      rules.add(
          new Policy.Rule(
              new RuleRef(ref, direction, i),
              Rank.NONE,
              Verdict.ACCEPT,
              who(rule.peers(), here),
              what(rule.ports(), here)));
    }
  }

  private Policy.Who who(List<Peer> peers, Complaints rule) {
    if (peers.isEmpty()) {
      return Policy.ANYONE;
    }
    Set<Selection> pods = new HashSet<>();
    Set<IpPrefix> blocks = new HashSet<>();
    Set<Block> withExcepts = new HashSet<>();
    for (int i = 0; i < peers.size(); i++) {
      Complaints here = rule.at("peer " + i);
      switch (peers.get(i)) {
        case Peer.Pods peer -> selection(peer, here).ifPresent(pods::add);
        case Peer.Addresses peer ->
            Blocks.read(peer.cidr(), peer.except(), here)
                .ifPresent(read -> {
                  switch (read) {
                    case Blocks.Whole whole -> blocks.add(whole.cidr());
                    case Blocks.Less less -> withExcepts.add(less.block());
                  }
                });
        case Peer.Unclear peer ->
            here.say("InvalidPeer", "%s; the peer matches nothing".formatted(peer.why()));
      }
    }
    return new Policy.Some(pods, Set.of(), blocks, withExcepts);
  }

  private Optional<Selection> selection(Peer.Pods peer, Complaints here) {
    Optional<Scope> scope =
        peer.namespaces()
            .map(selector ->
                usable("namespaceSelector", selector, here).map(m -> (Scope) new Scope.Labelled(m)))
            .orElseGet(() -> Optional.of(new Scope.Named(info.key().namespace())));
    Optional<Match> pods = usable("podSelector", peer.pods().orElse(Selector.ALL), here);
    return scope.flatMap(s -> pods.map(p -> new Selection(s, p)));
  }

  private static Optional<Match> usable(String what, Selector selector, Complaints here) {
    return Match.of(
        selector,
        why ->
            here.say("InvalidSelector", "%s: %s; the peer matches nothing".formatted(what, why)));
  }

  private Policy.What what(List<Port> ports, Complaints rule) {
    if (ports.isEmpty()) {
      return Policy.What.ANY;
    }
    Set<PortRange> numbers = new HashSet<>();
    Set<Policy.Named> names = new HashSet<>();
    for (int i = 0; i < ports.size(); i++) {
      Port port = ports.get(i);
      Complaints here = rule.at("port " + i);
      Optional<Protocol> protocol = PortEntries.protocol(port.protocol(), here);
      if (protocol.isEmpty()) {
        continue;
      }
      if (PortEntries.isName(port.port())) {
        if (port.endPort().isPresent()) {
          here.say(
              "InvalidPort",
              "endPort %d goes with a number, not with the name '%s'; the port matches nothing"
                  .formatted(port.endPort().get(), port.port()));
        } else {
          names.add(new Policy.Named(port.port(), protocol));
        }
      } else {
        PortEntries.range(protocol.get(), port.port(), port.endPort(), here)
            .ifPresent(numbers::add);
      }
    }
    return new Policy.What(false, numbers, names);
  }
}
