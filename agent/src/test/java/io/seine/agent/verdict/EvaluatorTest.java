package io.seine.agent.verdict;

import static io.seine.agent.verdict.Cluster.A;
import static io.seine.agent.verdict.Cluster.B;
import static io.seine.agent.verdict.Cluster.C;
import static io.seine.agent.verdict.Cluster.DRY;
import static io.seine.agent.verdict.Cluster.GATEWAY1;
import static io.seine.agent.verdict.Cluster.GATEWAY2;
import static io.seine.agent.verdict.Cluster.N1;
import static io.seine.agent.verdict.Cluster.N2;
import static io.seine.agent.verdict.Cluster.OUTSIDE;
import static io.seine.agent.verdict.Cluster.allPods;
import static io.seine.agent.verdict.Cluster.app;
import static io.seine.agent.verdict.Cluster.block;
import static io.seine.agent.verdict.Cluster.decision;
import static io.seine.agent.verdict.Cluster.on;
import static io.seine.agent.verdict.Cluster.pods;
import static io.seine.agent.verdict.Cluster.podsOf;
import static io.seine.agent.verdict.Cluster.port;
import static io.seine.agent.verdict.Cluster.rule;
import static io.seine.agent.verdict.Cluster.words;
import static org.assertj.core.api.Assertions.assertThat;

import io.seine.agent.kube.ClusterPolicyInfo;
import io.seine.agent.kube.NetworkPolicyInfo;
import io.seine.agent.kube.PodInfo;
import io.seine.agent.kube.PolicyOptions;
import io.seine.agent.kube.Selector;
import io.seine.openflow.Ip;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Sentences of the API's documents, one by one; the case files say more of them, with tables. */
class EvaluatorTest {
  private final Cluster cluster = new Cluster();

  @Test
  void withoutPoliciesAllMaySpeakToAll() {
    assertThat(cluster.allows(C, B, 80)).isTrue();
    assertThat(cluster.allows(OUTSIDE, A, 80)).isTrue();
    assertThat(decision(cluster.tcp(C, B, 80))).isEqualTo("default");
  }

  @Test
  void aPolicyWithoutRulesIsolates() {
    cluster.ingress("closed");

    assertThat(cluster.allows(A, B, 80)).isFalse();
    assertThat(decision(cluster.tcp(A, B, 80))).isEqualTo("NetworkPolicy x/closed, default");
    assertThat(cluster.allows(B, A, 80)).as("egress is not its matter").isTrue();
  }

  @Test
  void policiesAddUp() {
    cluster.ingress("closed").ingress("open", on(port("TCP", "80")));

    assertThat(cluster.allows(A, B, 80)).isTrue();
    assertThat(cluster.allows(A, B, 81)).isFalse();
    assertThat(cluster.ask(A, B, Transport.UDP, 80).allowed()).isFalse();
    assertThat(cluster.ask(A, B, Transport.ICMP, 0).allowed()).isFalse();
  }

  @Test
  void bothEndsMustAllowIt() {
    cluster.egress("to-b", Cluster.from(pods(Optional.empty(), Optional.of(app("b")))));
    assertThat(cluster.allows(A, B, 80)).isTrue();
    assertThat(cluster.allows(A, OUTSIDE, 80)).isFalse();

    cluster.ingress("closed");
    assertThat(cluster.allows(A, B, 80)).isFalse();
  }

  @Test
  void aPodPeerIsOfTheSameNamespaceUnlessNamespacesAreNamed() {
    Selector all = Selector.ALL;
    Selector blue = Selector.of(Map.of("team", "blue"));

    assertThat(admits(C, pods(Optional.empty(), Optional.of(all)))).isFalse();
    assertThat(admits(A, pods(Optional.empty(), Optional.of(all)))).isTrue();
    assertThat(admits(C, pods(Optional.of(blue), Optional.empty()))).isTrue();
    assertThat(admits(C, pods(Optional.of(blue), Optional.of(app("c"))))).isTrue();
    assertThat(admits(C, pods(Optional.of(blue), Optional.of(app("a"))))).isFalse();
    assertThat(admits(A, pods(Optional.of(blue), Optional.of(app("a"))))).isFalse();
    assertThat(admits(OUTSIDE, pods(Optional.of(all), Optional.of(all)))).isFalse();
  }

  private static boolean admits(String source, NetworkPolicyInfo.Peer peer) {
    return new Cluster().ingress("some", Cluster.from(peer)).allows(source, B, 80);
  }

  @Test
  void selectorsKnowFourOperators() {
    assertThat(selected("In", "a", "z")).isTrue();
    assertThat(selected("In", "z")).isFalse();
    assertThat(selected("NotIn", "a")).isFalse();
    assertThat(selected("NotIn", "z")).isTrue();
    assertThat(selected("Exists")).isTrue();
    assertThat(selected("DoesNotExist")).isFalse();
    assertThat(Labels.match(expression("In", "a"), Map.of())).isFalse();
    assertThat(Labels.match(expression("NotIn", "a"), Map.of())).isTrue();
    assertThat(Labels.match(expression("DoesNotExist"), Map.of())).isTrue();
  }

  private static Selector expression(String operator, String... values) {
    return new Selector(
        Map.of(), List.of(new Selector.Requirement("app", operator, List.of(values))));
  }

  private static boolean selected(String operator, String... values) {
    return admits(A, pods(Optional.empty(), Optional.of(expression(operator, values))));
  }

  @Test
  void exceptIsTakenFromItsBlockOnly() {
    cluster.ingress(
        "some", Cluster.from(block("198.51.100.0/24", "198.51.100.0/28"), block("10.0.1.2/32")));

    assertThat(cluster.allows("198.51.100.200", B, 80)).isTrue();
    assertThat(cluster.allows(OUTSIDE, B, 80)).isFalse();
    assertThat(cluster.allows(A, B, 80)).as("blocks are for pods too").isTrue();
    assertThat(cluster.allows(C, B, 80)).isFalse();
  }

  @Test
  void aRangeOfPortsHasBothItsEnds() {
    cluster.ingress("some", on(new NetworkPolicyInfo.Port("TCP", "80", Optional.of(90))));

    assertThat(List.of(79, 80, 90, 91).stream().map(p -> cluster.allows(A, B, p)))
        .containsExactly(false, true, true, false);
  }

  @Test
  void aNamedPortIsTheTargetsOwn() {
    cluster.ingress("some", on(port("TCP", "web")));
    assertThat(cluster.allows(A, B, 8080)).isTrue();
    assertThat(cluster.allows(A, B, 80)).isFalse();

    cluster.egress("some", on(port("TCP", "web")));
    assertThat(cluster.allows(A, B, 8080)).isTrue();
    assertThat(cluster.allows(A, C, 8080)).as("c has none of that name").isFalse();
    cluster.with(Cluster.pod("y", "c", "n1", C, new PodInfo.NamedPort("web", "UDP", 8080)));
    assertThat(cluster.allows(A, C, 8080)).as("c has one, but of UDP").isFalse();
    cluster.with(Cluster.pod("y", "c", "n1", C, new PodInfo.NamedPort("web", "TCP", 9)));
    assertThat(cluster.allows(A, C, 9)).isTrue();
  }

  @Test
  void addressesHaveNoNamedPorts() {
    cluster.egress(
        "some",
        new NetworkPolicyInfo.Rule(List.of(block("0.0.0.0/0")), List.of(port("TCP", "web"))));

    assertThat(cluster.allows(A, B, 8080)).isFalse();
  }

  @Test
  void aPodAndItsOwnNodeAlwaysSpeak() {
    cluster.ingress("closed").egress("closed").guard("no", "Admin", 0, rule("Deny", allPods()));

    assertThat(cluster.allows(B, B, 80)).isTrue();
    assertThat(cluster.allows(GATEWAY2, B, 80)).isTrue();
    assertThat(cluster.allows(N2, B, 80)).isTrue();
    assertThat(cluster.allows(N1, B, 80)).as("another node").isFalse();
    assertThat(cluster.allows(GATEWAY1, B, 80)).isFalse();
    assertThat(cluster.allows(A, N1, 80)).isTrue();
    assertThat(cluster.allows(A, N2, 80)).isFalse();
  }

  @Test
  void aPodOfTheNodesNetworkIsTheNode() {
    cluster.ingress("pods", Cluster.from(pods(Optional.of(Selector.ALL), Optional.empty())));
    cluster.with(
        new PodInfo(
            Cluster.pod("y", "host", "n1", N1).ref(),
            "n1",
            List.of(N1),
            true,
            false,
            Map.of(),
            List.of()));

    assertThat(cluster.allows(N1, B, 80)).as("no peer").isFalse();
    assertThat(cluster.tcp(B, N1, 80).ingress()).as("no subject").isEmpty();
  }

  @Test
  void aPodThatCameToItsEndIsNone() {
    cluster.ingress("pods", Cluster.from(pods(Optional.of(Selector.ALL), Optional.empty())));
    PodInfo c = Cluster.pod("y", "c", "n1", C);
    cluster.with(new PodInfo(c.ref(), "n1", c.addresses(), false, true, c.labels(), List.of()));

    assertThat(cluster.allows(C, B, 80)).isFalse();
  }

  @Test
  void theAdminTierIsBeforeNetworkPolicies() {
    cluster
        .ingress("open", Cluster.from())
        .guard("no-blue", "Admin", 10, rule("Deny", podsOf("blue")), rule("Accept", allPods()));

    assertThat(decision(cluster.tcp(C, B, 80))).isEqualTo("ClusterNetworkPolicy no-blue, rule 0");
    assertThat(decision(cluster.tcp(A, B, 80))).isEqualTo("ClusterNetworkPolicy no-blue, rule 1");
    assertThat(decision(cluster.tcp(OUTSIDE, B, 80))).isEqualTo("NetworkPolicy x/open, rule 0");
  }

  @Test
  void theLowerPriorityIsAskedFirstAndThenTheName() {
    cluster
        .guard("b", "Admin", 5, rule("Deny", podsOf("blue")))
        .guard("a", "Admin", 5, rule("Accept", podsOf("blue")))
        .guard("z", "Admin", 4, rule("Deny", podsOf("red")));

    assertThat(decision(cluster.tcp(C, B, 80))).isEqualTo("ClusterNetworkPolicy a, rule 0");
    assertThat(decision(cluster.tcp(A, B, 80))).isEqualTo("ClusterNetworkPolicy z, rule 0");
  }

  @Test
  void passSkipsTheRestOfTheTierOnly() {
    cluster
        .guard("first", "Admin", 0, rule("Pass", podsOf("blue")))
        .guard("second", "Admin", 1, rule("Deny", allPods()))
        .guard("last", "Baseline", 0, rule("Deny", podsOf("blue")));

    assertThat(decision(cluster.tcp(C, B, 80))).isEqualTo("ClusterNetworkPolicy last, rule 0");
    assertThat(decision(cluster.tcp(A, B, 80))).isEqualTo("ClusterNetworkPolicy second, rule 0");

    cluster.ingress("open", Cluster.from());
    assertThat(decision(cluster.tcp(C, B, 80))).isEqualTo("NetworkPolicy x/open, rule 0");
  }

  @Test
  void whatIsUnknownFailsClosed() {
    ClusterPolicyInfo.Peer unknown = new ClusterPolicyInfo.Peer.Unknown();

    assertThat(closedBy(rule("Accept", podsOf("blue"), unknown))).isEqualTo("default");
    assertThat(closedBy(rule("Deny", unknown))).isEqualTo("ClusterNetworkPolicy c, rule 0");
    assertThat(closedBy(rule("Pass", unknown))).isEqualTo("ClusterNetworkPolicy c, rule 0");
    assertThat(new Cluster().guard("c", "Admin", 0, rule("Pass", unknown)).allows(OUTSIDE, B, 80))
        .isFalse();
  }

  private static String closedBy(ClusterPolicyInfo.Rule rule) {
    return decision(new Cluster().guard("c", "Admin", 0, rule).tcp(C, B, 80));
  }

  @Test
  void nodesAreTheirAddressesAndGateways() {
    ClusterPolicyInfo.Peer n2 = new ClusterPolicyInfo.Peer.Nodes(Selector.of(Map.of("name", "n2")));
    cluster.guard("no", "Admin", 0, PolicyOptions.NONE, List.of(), List.of(rule("Deny", n2)));

    assertThat(cluster.allows(A, N2, 80)).isFalse();
    assertThat(cluster.allows(A, GATEWAY2, 80)).isFalse();
    assertThat(cluster.allows(A, B, 80)).isTrue();
    assertThat(cluster.allows(B, N2, 80)).as("its own").isTrue();
    assertThat(cluster.allows(B, N1, 80)).isTrue();
  }

  @Test
  void aNamedPortOfAClusterPolicyIsOfAnyProtocol() {
    cluster.with(Cluster.pod("x", "b", "n2", B, new PodInfo.NamedPort("web", "UDP", 53)));
    cluster.guard(
        "no",
        "Admin",
        0,
        new ClusterPolicyInfo.Rule(
            "",
            "Deny",
            List.of(allPods()),
            Optional.of(List.of(new ClusterPolicyInfo.Protocol.NamedPort("web")))));

    assertThat(cluster.ask(A, B, Transport.UDP, 53).allowed()).isFalse();
    assertThat(cluster.ask(A, B, Transport.TCP, 53).allowed()).isTrue();
  }

  @Test
  void anIsolatedNamespaceLetsInItsOwn() {
    cluster.isolated().namespace("y", Map.of("team", "blue", "seine.io/isolation", "disabled"));

    assertThat(decision(cluster.tcp(C, B, 80))).isEqualTo("Isolation x, rule 1 (outside)");
    assertThat(decision(cluster.tcp(A, B, 80))).isEqualTo("Isolation x, rule 0 (inside)");
    assertThat(cluster.allows(OUTSIDE, B, 80)).isFalse();
    assertThat(cluster.allows(A, OUTSIDE, 80)).isTrue();
    assertThat(cluster.allows(A, C, 80)).as("it is not isolated itself").isTrue();

    cluster.ingress("open", Cluster.from());
    assertThat(cluster.allows(C, B, 80)).isTrue();
  }

  @Test
  void whoPassesTheBaselineTierPassesIsolationToo() {
    cluster.isolated().guard("pass", "Baseline", 0, rule("Pass", podsOf("blue")));

    assertThat(decision(cluster.tcp(C, B, 80))).isEqualTo("default");
    assertThat(cluster.allows(OUTSIDE, B, 80)).isFalse();
  }

  @Test
  void aDryRunDeniesNothingAndSaysWhatItWould() {
    cluster.policy("try", "b", true, DRY, on(port("TCP", "80")));

    Judgement denied = cluster.tcp(A, B, 81).ingress().orElseThrow();
    assertThat(denied.allowed()).isTrue();
    assertThat(denied.wouldBeDenied()).isTrue();
    assertThat(denied.trial().orElseThrow().decision().rule().orElseThrow())
        .hasToString("NetworkPolicy x/try, default");
    assertThat(cluster.tcp(A, B, 80).ingress().orElseThrow().wouldBeDenied()).isFalse();

    cluster.ingress("open", Cluster.from());
    assertThat(cluster.tcp(A, B, 81).ingress().orElseThrow().wouldBeDenied())
        .as("another policy allows it")
        .isFalse();
  }

  @Test
  void aDryRunAllowsNothing() {
    cluster.ingress("closed").policy("try", "b", true, DRY, Cluster.from());

    Judgement judgement = cluster.tcp(A, B, 80).ingress().orElseThrow();
    assertThat(judgement.allowed()).isFalse();
    assertThat(judgement.wouldBeDenied()).isFalse();
  }

  @Test
  void behindAPassOnTrialTheRestOfTheTierIsInForceStill() {
    cluster
        .guard("pass", "Admin", 0, DRY, List.of(rule("Pass", podsOf("red"))), List.of())
        .guard("skipped", "Admin", 1, DRY, List.of(rule("Deny", podsOf("red"))), List.of())
        .policy("try", "b", true, DRY);

    assertThat(tried(cluster.tcp(A, B, 80)))
        .containsExactly("ClusterNetworkPolicy pass, rule 0", "NetworkPolicy x/try, default");

    cluster.guard("open", "Admin", 2, rule("Accept", podsOf("red")));
    Answer open = cluster.tcp(A, B, 80);
    assertThat(tried(open)).containsExactly("ClusterNetworkPolicy pass, rule 0");
    assertThat(open.ingress().orElseThrow().wouldBeDenied()).isFalse();
  }

  private static List<String> tried(Answer answer) {
    return answer.ingress().orElseThrow().trial().orElseThrow().steps().stream()
        .filter(step -> step.dryRun() && step.effect() != Effect.NONE)
        .map(step -> step.rule().orElseThrow().toString())
        .toList();
  }

  @Test
  void anyOfTheNetworkPoliciesThatAllowMayBeNamed() {
    cluster
        .ingress("closed")
        .ingress("open", Cluster.from())
        .ingress("web", on(port("TCP", "80")))
        .policy("try", "b", true, DRY, Cluster.from());

    Connection connection = new Connection(Ip.parse(A), Ip.parse(B), Transport.TCP, 80);
    assertThat(cluster.evaluator().allowing(Direction.INGRESS, connection))
        .extracting(step -> step.rule().orElseThrow().toString())
        .containsExactly(
            "NetworkPolicy x/open, rule 0",
            "NetworkPolicy x/web, rule 0",
            "NetworkPolicy x/try, rule 0");
    assertThat(cluster.evaluator().allowing(Direction.EGRESS, connection)).isEmpty();
  }

  @Test
  void eachStepIsSaidInWords() {
    cluster
        .guard("no-red", "Admin", 1, rule("Pass", podsOf("red")))
        .ingress("web", on(port("TCP", "web")), Cluster.from(block("10.0.1.0/24", "10.0.1.2/32")));

    assertThat(words(cluster.tcp(A, B, 80).ingress().orElseThrow().steps().stream()))
        .containsExactly(
            "ClusterNetworkPolicy no-red, rule 0: the source is a pod of a namespace with team=red;"
                + " any protocol [PASS]",
            "NetworkPolicy x/web, rule 0: TCP 80 is not TCP port web, TCP 8080 [NONE]",
            "NetworkPolicy x/web, rule 1: the source is not in 10.0.1.0/24 without 10.0.1.2/32"
                + " [NONE]",
            "NetworkPolicy x/web, default: web selects the pod for ingress, and no rule allows it"
                + " [DENY]");
  }
}
