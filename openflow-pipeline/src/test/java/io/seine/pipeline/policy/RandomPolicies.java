package io.seine.pipeline.policy;

import io.seine.openflow.Ip;
import io.seine.openflow.IpPrefix;
import io.seine.pipeline.ServiceFact.Protocol;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;

/** Facts that change at random, from few names, so that much is shared and taken back. */
final class RandomPolicies {
  final Map<String, PolicyRule> rules = new TreeMap<>();
  final Map<PodId, Subject> subjects = new TreeMap<>();
  final Map<String, Set<Ip>> sets = new TreeMap<>();

  private final Random random;

  RandomPolicies(long seed) {
    random = new Random(seed);
  }

  /** Changes something, here and in the index. */
  void change(PolicyIndex index) {
    switch (random.nextInt(10)) {
      case 0, 1, 2, 3 -> {
        PolicyRule rule = rule();
        rules.put(rule.key().toString(), rule);
        index.put(rule);
      }
      case 4, 5 -> {
        PolicyRule rule = rule();
        rules.remove(rule.key().toString());
        index.remove(rule.key());
      }
      case 6 -> {
        Subject subject = subject();
        subjects.put(subject.pod(), subject);
        index.put(subject);
      }
      case 7 -> {
        PodId pod = pod();
        subjects.remove(pod);
        index.removeSubject(pod);
      }
      case 8 -> {
        String set = setName();
        Set<Ip> had = sets.computeIfAbsent(set, _ -> new HashSet<>());
        Set<Ip> added = new HashSet<>();
        Set<Ip> removed = new HashSet<>();
        for (int i = random.nextInt(6); i >= 0; i--) {
          Ip ip = Ip.parse("10.0.2.0").plus(random.nextInt(40));
          (random.nextInt(5) < 3 ? added : removed).add(ip);
        }
        removed.removeAll(added);
        had.addAll(added);
        had.removeAll(removed);
        index.members(set, added, removed);
      }
      default -> {
        if (random.nextInt(4) == 0) {
          String set = setName();
          sets.remove(set);
          index.removeSet(set);
        }
      }
    }
  }

  /** An index of how things stand. */
  PolicyIndex fresh() {
    PolicyIndex index = new PolicyIndex();
    sets.forEach((set, members) -> index.members(set, members, Set.of()));
    rules.values().forEach(index::put);
    subjects.values().forEach(index::put);
    return index;
  }

  private String setName() {
    return "set" + random.nextInt(6);
  }

  private PodId pod() {
    return new PodId("ns", "pod" + random.nextInt(5));
  }

  private Subject subject() {
    PodId pod = pod();
    int number = pod.name().charAt(3) - '0';
    return new Subject(
        pod,
        5 + number,
        List.of(Ip.parse("10.0.1.2").plus(number)),
        isolation(Direction.INGRESS),
        isolation(Direction.EGRESS));
  }

  private Optional<Subject.Isolation> isolation(Direction direction) {
    return random.nextBoolean()
        ? Optional.empty()
        : Optional.of(
            new Subject.Isolation(
                RuleRef.defaultOf(policy(Tier.NETWORK_POLICY), direction),
                random.nextInt(4) == 0,
                random.nextInt(4) == 0));
  }

  private PolicyRef policy(Tier tier) {
    return tier == Tier.NETWORK_POLICY
        ? new PolicyRef(PolicyRef.Kind.NETWORK_POLICY, "ns", "np" + random.nextInt(6))
        : new PolicyRef(PolicyRef.Kind.CLUSTER_NETWORK_POLICY, "", "cnp" + random.nextInt(6));
  }

  private PolicyRule rule() {
    Tier tier = one(Tier.values());
    PolicyRef policy = policy(tier);
    // In every tier another name, since a policy has one tier.
    PolicyRef named = new PolicyRef(policy.kind(), policy.namespace(), policy.name() + tier);
    int index = random.nextInt(4);
    Direction direction = one(Direction.values());
    Rank rank = new Rank(random.nextInt(3), named.name(), index);
    return new PolicyRule(
        new RuleRef(named, direction, index),
        random.nextInt(2),
        tier,
        tier == Tier.NETWORK_POLICY ? Rank.NONE : rank,
        tier == Tier.NETWORK_POLICY ? Verdict.ACCEPT : one(Verdict.values()),
        random.nextInt(4) == 0,
        random.nextInt(4) == 0,
        Set.copyOf(some(4, this::pod)),
        random.nextInt(5) == 0 ? Peers.ANYONE : peers(),
        random.nextInt(3) == 0 ? Ports.ANY : new Ports.Some(Set.copyOf(some(3, this::range))));
  }

  private Peers peers() {
    return new Peers.Some(
        Set.copyOf(some(3, this::setName)),
        Set.copyOf(some(2, this::block)),
        Set.copyOf(some(2, this::blockWithExcepts)));
  }

  private IpPrefix block() {
    return IpPrefix.around(Ip.parse("10.0.2.0").plus(random.nextInt(32)), 24 + random.nextInt(9));
  }

  private Block blockWithExcepts() {
    IpPrefix block =
        IpPrefix.around(Ip.parse("10.0.2.0").plus(random.nextInt(32)), 24 + random.nextInt(6));
    Set<IpPrefix> excepts = new HashSet<>();
    for (int i = random.nextInt(3); i >= 0; i--) {
      int length = block.length() + 1 + random.nextInt(32 - block.length());
      int size = 1 << (32 - block.length());
      excepts.add(IpPrefix.around(block.network().plus(random.nextInt(size)), length));
    }
    return new Block(block, excepts);
  }

  private PortRange range() {
    int first = random.nextInt(64);
    return new PortRange(one(Protocol.values()), first, first + random.nextInt(64 - first));
  }

  private <T> T one(T[] of) {
    return Arrays.asList(of).get(random.nextInt(of.length));
  }

  private <T> Set<T> some(int most, Supplier<T> one) {
    List<T> all = new ArrayList<>();
    for (int i = random.nextInt(most + 1); i > 0; i--) {
      all.add(one.get());
    }
    return new HashSet<>(all);
  }
}
