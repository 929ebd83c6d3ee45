package io.seine.pipeline.policy;

import io.seine.openflow.Ip;
import io.seine.openflow.IpPrefix;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Pods a and b of this node in namespace web, c in shop; peers elsewhere; and what policies may say
 * of them: what the golden texts and the tests on a real switch are made of.
 */
final class PolicyCases {
  static final PodId A = new PodId("web", "a");
  static final PodId B = new PodId("web", "b");
  static final PodId C = new PodId("shop", "c");

  /** The addresses of the names that probes use. */
  static final Map<String, String> ADDRESSES =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry("a", "10.0.1.2"),
              Map.entry("b", "10.0.1.3"),
              Map.entry("c", "10.0.1.4"),
              Map.entry("a6", "fd00:10:0:1::2"),
              Map.entry("b6", "fd00:10:0:1::3"),
              Map.entry("c6", "fd00:10:0:1::4"),
              Map.entry("far", "10.0.2.9"),
              Map.entry("far6", "fd00:10:0:2::9"),
              Map.entry("node", "192.0.2.1")));

  static final Map<PodId, Integer> PORTS = Map.of(A, 5, B, 6, C, 7);

  /**
   * What becomes of a packet.
   *
   * @param packet {@code far > a tcp/80}, of those in {@link #ADDRESSES} or an address
   * @param fate each decision on its way, and how it ends
   */
  record Probe(String packet, String fate) {}

  /**
   * A case.
   *
   * @param name of its golden text
   * @param story what it is about
   */
  record Case(
      String name,
      String story,
      List<PolicyRule> rules,
      List<Subject> subjects,
      Map<String, Set<Ip>> sets,
      List<Probe> probes) {
    /** An index of this case, from which nothing was taken yet. */
    PolicyIndex index() {
      PolicyIndex index = new PolicyIndex();
      subjects.forEach(index::put);
      rules.forEach(index::put);
      sets.forEach((set, members) -> index.members(set, members, Set.of()));
      return index;
    }

    @Override
    public String toString() {
      return name;
    }
  }

  private final String name;
  private final String story;
  private final List<PolicyRule> rules = new ArrayList<>();
  private final Map<PodId, Subject> subjects = new TreeMap<>();
  private final Map<String, Set<Ip>> sets = new TreeMap<>();
  private final List<Probe> probes = new ArrayList<>();

  PolicyCases(String name, String story) {
    this.name = name;
    this.story = story;
    PORTS.forEach((pod, port) ->
        subjects.put(
            pod, new Subject(pod, port, addresses(pod), Optional.empty(), Optional.empty())));
  }

  private static List<Ip> addresses(PodId pod) {
    return Stream.of(pod.name(), pod.name() + "6").map(PolicyCases::address).toList();
  }

  static Ip address(String name) {
    return Ip.parse(ADDRESSES.getOrDefault(name, name));
  }

  static PolicyRef networkPolicy(String name) {
    return new PolicyRef(PolicyRef.Kind.NETWORK_POLICY, "web", name);
  }

  static PolicyRef clusterPolicy(String name) {
    return new PolicyRef(PolicyRef.Kind.CLUSTER_NETWORK_POLICY, "", name);
  }

  static RuleRef ingress(PolicyRef policy, int index) {
    return new RuleRef(policy, Direction.INGRESS, index);
  }

  static RuleRef egress(PolicyRef policy, int index) {
    return new RuleRef(policy, Direction.EGRESS, index);
  }

  static Peers sets(String... names) {
    return new Peers.Some(Set.of(names), Set.of(), Set.of());
  }

  static Peers blocks(String... cidrs) {
    return new Peers.Some(Set.of(), prefixes(cidrs), Set.of());
  }

  static Peers blockWithout(String cidr, String... excepts) {
    return new Peers.Some(
        Set.of(), Set.of(), Set.of(new Block(IpPrefix.parse(cidr), prefixes(excepts))));
  }

  static Set<IpPrefix> prefixes(String... cidrs) {
    return Arrays.stream(cidrs).map(IpPrefix::parse).collect(Collectors.toSet());
  }

  static Ports ports(PortRange... ranges) {
    return new Ports.Some(Set.of(ranges));
  }

  static PolicyRule allow(RuleRef ref, Set<PodId> subjects, Peers peers, Ports ports) {
    return new PolicyRule(
        ref,
        0,
        Tier.NETWORK_POLICY,
        Rank.NONE,
        Verdict.ACCEPT,
        false,
        false,
        subjects,
        peers,
        ports);
  }

  static PolicyRule ranked(
      RuleRef ref, Tier tier, int priority, Verdict verdict, Set<PodId> subjects, Peers peers) {
    return new PolicyRule(
        ref,
        0,
        tier,
        new Rank(priority, ref.policy().name(), ref.index()),
        verdict,
        false,
        false,
        subjects,
        peers,
        Ports.ANY);
  }

  static PolicyRule with(PolicyRule rule, boolean dryRun, boolean log) {
    return new PolicyRule(
        rule.ref(),
        rule.part(),
        rule.tier(),
        rule.rank(),
        rule.verdict(),
        dryRun,
        log,
        rule.subjects(),
        rule.peers(),
        rule.ports());
  }

  static PolicyRule part(PolicyRule rule, int part, Set<PodId> subjects, Ports ports) {
    return new PolicyRule(
        rule.ref(),
        part,
        rule.tier(),
        rule.rank(),
        rule.verdict(),
        rule.dryRun(),
        rule.log(),
        subjects,
        rule.peers(),
        ports);
  }

  PolicyCases rule(PolicyRule rule) {
    rules.add(rule);
    return this;
  }

  PolicyCases isolate(Direction direction, PolicyRef by, PodId... pods) {
    return isolate(direction, by, false, false, pods);
  }

  PolicyCases isolate(
      Direction direction, PolicyRef by, boolean dryRun, boolean log, PodId... pods) {
    Optional<Subject.Isolation> isolation =
        Optional.of(new Subject.Isolation(RuleRef.defaultOf(by, direction), dryRun, log));
    for (PodId pod : pods) {
      subjects.computeIfPresent(
          pod,
          (_, s) ->
              new Subject(
                  pod,
                  s.ofport(),
                  s.addresses(),
                  direction == Direction.INGRESS ? isolation : s.ingress(),
                  direction == Direction.EGRESS ? isolation : s.egress()));
    }
    return this;
  }

  PolicyCases set(String set, String... members) {
    sets.put(set, Arrays.stream(members).map(PolicyCases::address).collect(Collectors.toSet()));
    return this;
  }

  PolicyCases probe(String packet, String fate) {
    probes.add(new Probe(packet, fate));
    return this;
  }

  Case end() {
    return new Case(name, story, rules, List.copyOf(subjects.values()), sets, probes);
  }
}
