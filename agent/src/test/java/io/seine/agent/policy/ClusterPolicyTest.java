package io.seine.agent.policy;

import static io.seine.agent.policy.Given.cluster;
import static io.seine.agent.policy.Given.clusterPods;
import static io.seine.agent.policy.Given.rule;
import static io.seine.agent.policy.Given.select;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.seine.agent.kube.ClusterPolicyInfo;
import io.seine.agent.kube.ClusterPolicyInfo.Peer;
import io.seine.agent.kube.ClusterPolicyInfo.Protocol;
import io.seine.agent.kube.ClusterPolicyInfo.Range;
import io.seine.agent.kube.PolicyOptions;
import io.seine.agent.kube.Selector;
import io.seine.pipeline.policy.PolicyRule;
import io.seine.pipeline.policy.Tier;
import io.seine.pipeline.policy.Verdict;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What ClusterNetworkPolicies come to; see {@link Cluster} for who is there. */
class ClusterPolicyTest {
  private static final Peer.Pods EVERYONE = clusterPods("", "");
  private static final Peer.Pods TEAM_B = clusterPods("team=b", "");

  private final Cluster cluster = new Cluster();

  private static ClusterPolicyInfo in(ClusterPolicyInfo.Rule... rules) {
    return cluster("p", "Admin", 10, EVERYONE, List.of(rules), List.of());
  }

  private static ClusterPolicyInfo out(ClusterPolicyInfo.Rule... rules) {
    return cluster("p", "Admin", 10, EVERYONE, List.of(), List.of(rules));
  }

  static Stream<Arguments> subjects() {
    return Stream.of(
        arguments("every pod", EVERYONE, true),
        arguments("pods of its namespace", clusterPods("team=a", ""), true),
        arguments("pods of another", clusterPods("team=b", ""), false),
        arguments("pods like it", clusterPods("team=a", "app=web"), true),
        arguments("other pods of its namespace", clusterPods("team=a", "app=db"), false),
        arguments(
            "what cannot be read", new Peer.Pods(Selector.ALL, select("app", "Like", "x")), false));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("subjects")
  void shouldConcernItsSubject(String says, Peer.Pods subject, boolean concerned) {
    cluster.engine.put(
        cluster("p", "Admin", 1, subject, List.of(rule("Deny", List.of(TEAM_B))), List.of()));

    assertThat(cluster.rules())
        .isEqualTo(concerned ? List.of("Deny shop/web from 10.0.1.1 10.0.1.2") : List.of());
    assertThat(cluster.subject("shop/web").ingress()).isEmpty();
  }

  static Stream<Arguments> peers() {
    return Stream.of(
        arguments("namespaces", List.of(TEAM_B), "10.0.1.1 10.0.1.2"),
        arguments("pods", List.of(clusterPods("", "app=db")), "10.0.0.2 10.0.1.2"),
        arguments(
            "several", List.of(TEAM_B, clusterPods("", "app=db")), "10.0.0.2 10.0.1.1 10.0.1.2"),
        arguments(
            "nodes, by the addresses of their status and of their gateway",
            List.of(new Peer.Nodes(select("zone=x"))),
            "10.0.7.1 192.168.0.7"),
        arguments(
            "all nodes",
            List.of(new Peer.Nodes(Selector.ALL)),
            "10.0.7.1 10.0.8.1 192.168.0.7 192.168.0.8"),
        arguments(
            "networks",
            List.of(new Peer.Networks(List.of("10.0.0.0/8", "fd00::/8"))),
            "10.0.0.0/8 fd00::/8"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("peers")
  void shouldSpeakOfItsPeers(String says, List<Peer> peers, String expected) {
    cluster.engine.put(
        Given.node("n7", "zone=x", List.of("192.168.0.7", "n7.example"), "10.0.7.0/24"));
    cluster.engine.put(Given.node("n8", "", List.of("192.168.0.8"), "10.0.8.0/24"));

    for (String action : List.of("Accept", "Deny", "Pass")) {
      cluster.engine.put(out(rule(action, peers)));

      assertThat(cluster.rules()).containsExactly(action + " shop/web to " + expected);
    }
  }

  static Stream<Arguments> protocols() {
    return Stream.of(
        arguments(
            "a number",
            List.of(new Protocol.Transport("TCP", Optional.of(new Range(80, 80)))),
            List.of("TCP/80")),
        arguments(
            "a range",
            List.of(new Protocol.Transport("UDP", Optional.of(new Range(80, 90)))),
            List.of("UDP/80-90")),
        arguments(
            "a protocol",
            List.of(new Protocol.Transport("SCTP", Optional.empty())),
            List.of("SCTP")),
        arguments(
            "a port's name, whatever its protocol",
            List.of(new Protocol.NamedPort("http")),
            List.of("TCP/8080", "UDP/8443")),
        arguments(
            "both",
            List.of(
                new Protocol.NamedPort("http"),
                new Protocol.Transport("TCP", Optional.of(new Range(1, 1)))),
            List.of("TCP/1", "TCP/8080", "UDP/8443")),
        arguments(
            "a number that cannot be",
            List.of(new Protocol.Transport("TCP", Optional.of(new Range(0, 0)))),
            List.of()));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("protocols")
  void shouldSpeakOfProtocolsAndPorts(String says, List<Protocol> protocols, List<String> parts) {
    cluster.engine.put(
        Given.pod("shop/web", "app=web", "", Cluster.http(8080), Given.port("http", "UDP", 8443)));

    cluster.engine.put(in(rule("Deny", List.of(TEAM_B), protocols.toArray(Protocol[]::new))));

    assertThat(cluster.rules())
        .isEqualTo(
            parts.stream().map(p -> "Deny shop/web from 10.0.1.1 10.0.1.2 on " + p).toList());
  }

  @Test
  void shouldAskEachPeerWhichNumberAPortsNameHas() {
    cluster.engine.put(
        out(
            rule(
                "Deny",
                List.of(EVERYONE, new Peer.Networks(List.of("10.0.0.0/8"))),
                new Protocol.NamedPort("http"))));

    assertThat(cluster.rules())
        .containsExactly(
            "Deny shop/web to 10.0.1.1 on TCP/80",
            "Deny shop/web to 10.0.0.1 10.0.2.1 fd00::21 on TCP/8080",
            "Deny shop/web to 10.0.2.1 fd00::21 on UDP/8443");
    assertThat(cluster.problems())
        .containsExactly(
            "egress rule 0: ports by name (http) are ports of pods: of nodes, networks and"
                + " names they match nothing");
  }

  @Test
  void shouldRankRulesByPriorityThenNameThenPlace() {
    List<ClusterPolicyInfo.Rule> two =
        List.of(rule("Pass", List.of(TEAM_B)), rule("Deny", List.of(EVERYONE)));
    cluster.engine.put(cluster("b", "Admin", 5, EVERYONE, two, List.of()));
    cluster.engine.put(cluster("a", "Admin", 5, EVERYONE, two, List.of()));
    cluster.engine.put(cluster("z", "Admin", 0, EVERYONE, two, List.of()));
    cluster.engine.put(cluster("base", "Baseline", 1000, EVERYONE, two, List.of()));
    cluster.flush();

    assertThat(
            cluster.sink.rules.values().stream()
                .sorted(Comparator.comparing(PolicyRule::rank))
                .map(r -> r.ref().toString()))
        .containsExactly(
            "clusternetworkpolicy/z ingress rule 0",
            "clusternetworkpolicy/z ingress rule 1",
            "clusternetworkpolicy/a ingress rule 0",
            "clusternetworkpolicy/a ingress rule 1",
            "clusternetworkpolicy/b ingress rule 0",
            "clusternetworkpolicy/b ingress rule 1",
            "clusternetworkpolicy/base ingress rule 0",
            "clusternetworkpolicy/base ingress rule 1");
    assertThat(cluster.sink.rules.values())
        .allMatch(
            r -> r.tier() == (r.ref().policy().name().equals("base") ? Tier.BASELINE : Tier.ADMIN));
  }

  @Test
  void shouldFailClosedOnWhatItDoesNotKnow() {
    List<Peer> peers = List.of(TEAM_B, new Peer.Unknown());
    cluster.engine.put(
        in(
            rule("Accept", peers),
            rule("Deny", peers),
            rule("Pass", peers),
            rule("Accept", List.of(EVERYONE), new Protocol.Unknown()),
            rule("Pass", List.of(TEAM_B), new Protocol.Unknown())));

    assertThat(cluster.rules())
        .containsExactly(
            "Deny shop/web from anyone", "Deny shop/web from anyone", "Deny shop/web from anyone");
    assertThat(cluster.problems())
        .containsExactly(
            "ingress rule 0: has a peer or protocol that is not known; it matches nothing",
            "ingress rule 1: has a peer or protocol that is not known; it denies everything",
            "ingress rule 2: has a peer or protocol that is not known; it denies everything",
            "ingress rule 3: has a peer or protocol that is not known; it matches nothing",
            "ingress rule 4: has a peer or protocol that is not known; it denies everything");
  }

  @Test
  void shouldServeTheRestOfARuleWithDomainNames() {
    cluster.engine.put(
        out(rule("Accept", List.of(new Peer.DomainNames(List.of("*.example")), TEAM_B))));

    assertThat(cluster.rules()).containsExactly("Accept shop/web to 10.0.1.1 10.0.1.2");
    assertThat(cluster.problems())
        .containsExactly(
            "egress rule 0, peer 0: '*.example' is neither a domain name nor '*.' and one; it"
                + " matches nothing");
  }

  @Test
  void shouldFailClosedOnDomainNamesInRulesThatDoNotAccept() {
    cluster.engine.put(out(rule("Deny", List.of(new Peer.DomainNames(List.of("a.example"))))));

    assertThat(cluster.rules()).containsExactly("Deny shop/web to anyone");
    assertThat(cluster.problems())
        .containsExactly(
            "egress rule 0, peer 0: domain names (a.example) are for Accept rules only",
            "egress rule 0: has a peer or protocol that is not known; it denies everything");
  }

  @Test
  void shouldLogWhatItDecidesAndNotWhatItPassesOn() {
    List<ClusterPolicyInfo.Rule> rules =
        List.of(
            rule("Accept", List.of(TEAM_B)),
            rule("Deny", List.of(TEAM_B)),
            rule("Pass", List.of(TEAM_B)));
    ClusterPolicyInfo plain = in(rules.toArray(ClusterPolicyInfo.Rule[]::new));
    cluster.engine.put(
        new ClusterPolicyInfo(
            plain.ref(),
            plain.tier(),
            plain.priority(),
            plain.subject(),
            plain.ingressRules(),
            plain.egressRules(),
            new PolicyOptions("true", "denied")));
    cluster.flush();

    assertThat(cluster.sink.rules.values())
        .allMatch(PolicyRule::dryRun)
        .allMatch(r -> r.log() == (r.verdict() == Verdict.DENY));
  }

  @Test
  void shouldHaveNoEffectWithATierOrSubjectThatIsNotKnown() {
    ClusterPolicyInfo plain = in(rule("Deny", List.of(EVERYONE)));
    cluster.engine.put(cluster("q", "Middle", 1, EVERYONE, plain.ingressRules(), List.of()));
    cluster.engine.put(
        new ClusterPolicyInfo(
            plain.ref(),
            "Admin",
            1,
            Optional.empty(),
            plain.ingressRules(),
            List.of(),
            PolicyOptions.NONE));

    assertThat(cluster.rules()).isEmpty();
    assertThat(cluster.problems())
        .containsExactly(
            "the tier 'Middle' is not Admin or Baseline; the policy has no effect",
            "the subject is neither namespaces nor pods; the policy has no effect");
  }

  @Test
  void shouldServeWhatIsBeyondTheLimitsOfTheApiAndSaySo() {
    List<ClusterPolicyInfo.Rule> many =
        IntStream.range(0, 26).mapToObj(i -> rule("Deny", List.of(TEAM_B))).toList();
    cluster.engine.put(cluster("p", "Admin", 2000, EVERYONE, many, List.of()));

    assertThat(cluster.rules()).hasSize(26);
    assertThat(cluster.sink.rules.values()).allMatch(r -> r.rank().priority() == 1000);
    assertThat(cluster.problems())
        .containsExactly(
            "a priority is 0 to 1000, not 2000; the policy is served with 1000",
            "26 ingress rules are more than the 25 that the API allows; all are served");
  }
}
