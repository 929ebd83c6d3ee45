package io.seine.pipeline.policy;

import static io.seine.pipeline.policy.PolicyCases.A;
import static org.assertj.core.api.Assertions.assertThat;

import io.seine.openflow.Ip;
import io.seine.openflow.IpPrefix;
import io.seine.pipeline.Owner;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What policies cost, in time and room. Prints what it measures. */
@Tag("bench")
class PolicyBench {
  private static PolicyIndex index() {
    PolicyIndex index = new PolicyIndex();
    index.put(
        new Subject(A, 5, List.of(PolicyCases.address("a")), Optional.empty(), Optional.empty()));
    return index;
  }

  private static PolicyRule allow(int policy, Peers peers) {
    return PolicyCases.allow(
        PolicyCases.egress(PolicyCases.networkPolicy("p" + policy), 0),
        Set.of(A),
        peers,
        Ports.ANY);
  }

  private static long used() {
    for (int i = 0; i < 3; i++) {
      System.gc();
    }
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }

  private static Duration time(Runnable body) {
    long start = System.nanoTime();
    body.run();
    return Duration.ofNanos(System.nanoTime() - start);
  }

  @ParameterizedTest
  @ValueSource(ints = {1_000, 10_000, 100_000})
  void membersOfASet(int members) {
    Set<Ip> all = PolicySizeTest.addresses(members);
    long before = used();
    PolicyIndex index = index();
    Map<Owner, Optional<PolicyFlows>> taken = new HashMap<>();
    Duration filled =
        time(() -> {
          index.members("peers", all, Set.of());
          index.put(allow(0, PolicyCases.sets("peers")));
        });
    long after = used();
    Duration taking = time(() -> taken.putAll(index.take()));
    long held = used();
    Duration compiled = time(() -> compile(taken));
    List<Long> joins = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      Set<Ip> one = Set.of(Ip.parse("10.99.0.0").plus(i));
      joins.add(
          time(
                  () -> {
                    index.members("peers", one, Set.of());
                    assertThat(compile(index.take())).isEqualTo(1);
                  })
              .toNanos());
    }
    joins.sort(null);
    System.out.printf(
        "%d members: index %d ms, %d B a member; take %d ms, %d B a member; compile %d ms;"
            + " one more joins: median %d us, p99 %d us%n",
        members,
        filled.toMillis(),
        (after - before) / members,
        taking.toMillis(),
        (held - after) / members,
        compiled.toMillis(),
        joins.get(500) / 1000,
        joins.get(990) / 1000);
    assertThat(index.rule(allow(0, Peers.ANYONE).key())).isPresent();
  }

  private static int compile(Map<Owner, Optional<PolicyFlows>> taken) {
    return taken.values().stream()
        .flatMap(Optional::stream)
        .mapToInt(flows -> flows.compile().flows().size())
        .sum();
  }

  @Test
  void cidrRulesToFlowsInTheSwitch() throws Exception {
    try (PolicySwitch ovs = new PolicySwitch()) {
      for (int rules : new int[] {5_000, 10_000, 15_000}) {
        Set<IpPrefix> blocks =
            IntStream.range(0, rules)
                .mapToObj(i -> IpPrefix.around(Ip.parse("10.64.0.0").plus(256L * i), 24))
                .collect(Collectors.toSet());
        PolicyIndex index = index();
        Map<Owner, Optional<PolicyFlows>> taken = new HashMap<>();
        Duration indexed =
            time(() -> {
              index.put(allow(0, new Peers.Some(Set.of(), blocks, Set.of())));
              taken.putAll(index.take());
            });
        Duration compiled = time(() -> compile(taken));
        long start = System.nanoTime();
        ovs.apply(taken);
        Duration installed = Duration.ofNanos(System.nanoTime() - start);
        Set<IpPrefix> more = new HashSet<>(blocks);
        more.add(IpPrefix.parse("192.168.0.0/16"));
        index.put(allow(0, new Peers.Some(Set.of(), more, Set.of())));
        start = System.nanoTime();
        ovs.apply(index);
        Duration one = Duration.ofNanos(System.nanoTime() - start);
        System.out.printf(
            "%d CIDR rules: index %d ms, compile %d ms, %d flows in the switch after %d ms;"
                + " one more after %d ms%n",
            rules,
            indexed.toMillis(),
            compiled.toMillis(),
            compile(taken),
            installed.toMillis(),
            one.toMillis());
        ovs.clear();
      }
    }
  }
}
