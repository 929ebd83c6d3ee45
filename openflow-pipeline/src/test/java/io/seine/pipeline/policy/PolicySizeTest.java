package io.seine.pipeline.policy;

import static io.seine.pipeline.policy.PolicyCases.A;
import static io.seine.pipeline.policy.PolicyCases.B;
import static org.assertj.core.api.Assertions.assertThat;

import io.seine.openflow.Action;
import io.seine.openflow.Flow;
import io.seine.openflow.Ip;
import io.seine.openflow.IpPrefix;
import io.seine.pipeline.Owner;
import io.seine.pipeline.ServiceFact.Protocol;
import io.seine.pipeline.Table;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * How many flows there are, and how many owners a change touches, whatever the size of the rest.
 */
class PolicySizeTest {
  private final PolicyIndex index = new PolicyIndex();

  @BeforeEach
  void pods() {
    for (PodId pod : List.of(A, B)) {
      index.put(
          new Subject(
              pod,
              PolicyCases.PORTS.getOrDefault(pod, 0),
              List.of(PolicyCases.address(pod.name())),
              Optional.empty(),
              Optional.empty()));
    }
    index.take();
  }

  static Set<Ip> addresses(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> Ip.parse("10.64.0.0").plus(i))
        .collect(Collectors.toSet());
  }

  private static PolicyRule allow(int policy, Set<PodId> subjects, Peers peers, Ports ports) {
    return PolicyCases.allow(
        PolicyCases.ingress(PolicyCases.networkPolicy("p" + policy), 0), subjects, peers, ports);
  }

  /** Every second port, so that no two are one match. */
  private static Ports ports(int count) {
    return new Ports.Some(
        IntStream.range(0, count)
            .mapToObj(i -> PortRange.of(Protocol.TCP, 2 * i + 1))
            .collect(Collectors.toSet()));
  }

  private static int flows(Map<Owner, Optional<PolicyFlows>> taken) {
    return taken.values().stream()
        .flatMap(Optional::stream)
        .mapToInt(flows -> flows.compile().flows().size())
        .sum();
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "10, 1", "1, 10", "100, 100", "10000, 1", "10000, 100"})
  void flowsAreTheSumOfPeersAndPorts(int peers, int ports) {
    index.members("peers", addresses(peers), Set.of());
    index.put(allow(0, Set.of(A), PolicyCases.sets("peers"), ports(ports)));
    int verdicts = 2;
    int gateAndSubject = 2;
    int peerClass = 1;
    assertThat(flows(index.take()))
        .isEqualTo(peers + peerClass + 2 * ports + verdicts + gateAndSubject);
  }

  @Test
  void anotherPolicyOverPeersThatAreKnownTouchesTheirClassOnly() {
    index.members("peers", addresses(10_000), Set.of());
    index.put(allow(0, Set.of(A), PolicyCases.sets("peers"), Ports.ANY));
    index.take();

    index.put(allow(1, Set.of(A), PolicyCases.sets("peers"), Ports.ANY));

    assertThat(index.take().keySet().stream().map(PolicySizeTest::word))
        .containsExactlyInAnyOrder("networkpolicy", "policy-pod", "policy-class");
  }

  private static String word(Owner owner) {
    return owner.toString().replaceFirst("/.*", "");
  }

  @Test
  void anAddressThatJoinsOrLeavesTouchesItsOwnFlowOnly() {
    index.members("peers", addresses(10_000), Set.of());
    index.put(allow(0, Set.of(A), PolicyCases.sets("peers"), ports(100)));
    index.take();
    Ip another = Ip.parse("10.99.0.1");

    index.members("peers", Set.of(another), Set.of());
    assertThat(index.take()).containsOnlyKeys(new Owner.PolicyTerm("peer", "10.99.0.1"));
    index.members("peers", Set.of(), Set.of(another));
    assertThat(index.take())
        .isEqualTo(Map.of(new Owner.PolicyTerm("peer", "10.99.0.1"), Optional.empty()));
  }

  @Test
  void anAddressThatJoinsAThousandSetsHasOneFlowAndOneClass() {
    for (int i = 0; i < 1000; i++) {
      index.members("set" + i, addresses(2), Set.of());
      index.put(allow(i, Set.of(A), PolicyCases.sets("set" + i), Ports.ANY));
    }
    index.take();
    Ip another = Ip.parse("10.99.0.1");

    for (int i = 0; i < 1000; i++) {
      index.members("set" + i, Set.of(another), Set.of());
    }

    Map<Owner, Optional<PolicyFlows>> taken = index.take();
    // Its class is the one that the other two have; those in between have come and gone.
    taken.values().removeIf(Optional::isEmpty);
    assertThat(taken.keySet().stream().map(PolicySizeTest::word)).containsExactly("policy-peer");
    assertThat(flows(taken)).isEqualTo(1);
  }

  @Test
  void aPodThatIsSelectedByAThousandPoliciesHasOneFlowForAllOfThem() {
    index.members("peers", addresses(100), Set.of());
    for (int i = 0; i < 1000; i++) {
      index.put(allow(i, Set.of(A), PolicyCases.sets("peers"), ports(1)));
    }
    index.take();

    for (int i = 0; i < 1000; i++) {
      index.put(allow(i, Set.of(A, B), PolicyCases.sets("peers"), ports(1)));
    }

    Map<Owner, Optional<PolicyFlows>> taken = index.take();
    assertThat(taken).containsOnlyKeys(new Owner.PolicyPod("web", "b"));
    assertThat(flows(taken)).isEqualTo(2);
  }

  @Test
  void aBlockHasAFlowForEachExceptionAndOneMoreTouchesFew() {
    Set<IpPrefix> excepts =
        IntStream.range(0, 5000)
            .mapToObj(i -> IpPrefix.only(Ip.parse("10.64.0.0").plus(2L * i)))
            .collect(Collectors.toCollection(HashSet::new));
    index.put(allow(0, Set.of(A), blockWithout(excepts), Ports.ANY));
    int verdicts = 2;
    int gateAndSubject = 2;
    int region = 1;
    assertThat(flows(index.take())).isEqualTo(5000 + 1 + region + verdicts + gateAndSubject);

    excepts.add(IpPrefix.parse("10.128.0.0/9"));
    index.put(allow(0, Set.of(A), blockWithout(excepts), Ports.ANY));

    Map<Owner, Optional<PolicyFlows>> taken = index.take();
    assertThat(taken.keySet().stream().filter(owner -> word(owner).equals("policy-block")))
        .containsExactlyInAnyOrder(
            new Owner.PolicyTerm("block", "10.0.0.0/8"),
            new Owner.PolicyTerm("block", "10.128.0.0/9"));
    assertThat(taken).hasSizeLessThanOrEqualTo(5);
  }

  private static Peers blockWithout(Set<IpPrefix> excepts) {
    return new Peers.Some(
        Set.of(), Set.of(), Set.of(new Block(IpPrefix.parse("10.0.0.0/8"), excepts)));
  }

  @Test
  void whatDoesNotFitIntoOneFlowIsSpreadAndOneMoreRuleChangesOneOfThem() {
    for (int i = 0; i < 10_000; i++) {
      index.put(allow(i, Set.of(A), Peers.ANYONE, ports(1)));
    }
    Set<Flow> before = subjectFlows();
    assertThat(before).hasSize(4);
    assertThat(before).allMatch(flow -> flow.actions().size() <= Clause.MOST);
    assertThat(before.stream().flatMap(flow -> flow.actions().stream()).distinct()).hasSize(10_000);

    index.put(allow(10_000, Set.of(A), Peers.ANYONE, ports(1)));

    Set<Flow> after = subjectFlows();
    after.removeAll(before);
    assertThat(after).hasSize(1);
  }

  private Set<Flow> subjectFlows() {
    return Optional.ofNullable(index.take().get(new Owner.PolicyPod("web", "a"))).stream()
        .flatMap(Optional::stream)
        .flatMap(flows -> flows.compile().flows().stream())
        .filter(flow -> flow.table() == Table.INGRESS_NETWORK_POLICY.number())
        .filter(flow -> flow.actions().getFirst() instanceof Action.Conjunction)
        .collect(Collectors.toSet());
  }

  @Test
  void anotherPriorityMovesNoOtherPolicy() {
    for (int i = 0; i < 1000; i++) {
      index.put(admin("cnp" + i, i));
    }
    index.take();
    index.remove(admin("cnp500", 500).key());
    assertThat(index.take().keySet().stream().map(Owner::toString))
        .contains("clusternetworkpolicy/cnp500")
        .noneMatch(o -> o.startsWith("clusternetworkpolicy/") && !o.endsWith("/cnp500"));
  }

  private static PolicyRule admin(String name, int priority) {
    return PolicyCases.ranked(
        PolicyCases.ingress(PolicyCases.clusterPolicy(name), 0),
        Tier.ADMIN,
        priority,
        Verdict.DENY,
        Set.of(A),
        PolicyCases.blocks("10.0.0.0/8"));
  }
}
