package io.seine.agent.policy;

import static io.seine.agent.policy.Given.block;
import static io.seine.agent.policy.Given.ingress;
import static io.seine.agent.policy.Given.namespaces;
import static io.seine.agent.policy.Given.pods;
import static io.seine.agent.policy.Given.rule;
import static io.seine.agent.policy.Given.select;
import static io.seine.agent.policy.Given.tcp;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.seine.agent.events.Problem;
import io.seine.agent.kube.NetworkPolicyInfo;
import io.seine.agent.kube.NetworkPolicyInfo.Peer;
import io.seine.agent.kube.NetworkPolicyInfo.Port;
import io.seine.agent.kube.PolicyOptions;
import io.seine.pipeline.policy.PolicyRef;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What is said of policies that ask for what is not possible, and what of them works still. */
class ProblemsTest {
  private static final PolicyRef REF = new PolicyRef(PolicyRef.Kind.NETWORK_POLICY, "shop", "p");

  private final Cluster cluster = new Cluster();

  static Stream<Arguments> peers() {
    return Stream.of(
        arguments(
            block("10.0.0.0/33"),
            "'10.0.0.0/33' is not a CIDR; the peer matches nothing",
            "10.0.0.2"),
        arguments(
            block("10.0.0.0"), "'10.0.0.0' is not a CIDR; the peer matches nothing", "10.0.0.2"),
        arguments(block("web/8"), "'web/8' is not a CIDR; the peer matches nothing", "10.0.0.2"),
        arguments(
            block("10.0.0.0/8", "10.1.0.0/x"),
            "the except '10.1.0.0/x' of 10.0.0.0/8 is not a CIDR; the peer matches nothing",
            "10.0.0.2"),
        arguments(
            block("10.0.0.0/8", "10.0.0.0/8"),
            "the except '10.0.0.0/8' takes all of 10.0.0.0/8; the peer matches nothing",
            "10.0.0.2"),
        arguments(
            block("10.0.0.0/8", "0.0.0.0/0"),
            "the except '0.0.0.0/0' takes all of 10.0.0.0/8; the peer matches nothing",
            "10.0.0.2"),
        arguments(
            block("10.0.0.0/8", "11.0.0.0/16"),
            "the except '11.0.0.0/16' is not within 10.0.0.0/8 and takes nothing from it",
            "10.0.0.2 10.0.0.0/8"),
        arguments(
            block("10.0.0.0/8", "fd00::/16", "10.3.0.0/16"),
            "the except 'fd00::/16' is of another IP family than 10.0.0.0/8 and takes nothing"
                + " from it",
            "10.0.0.2 10.0.0.0/8-10.3.0.0/16"),
        arguments(
            pods(select("app", "Like", "x")),
            "podSelector: the operator 'Like' for 'app' is not known; the peer matches nothing",
            "10.0.0.2"),
        arguments(
            namespaces(select("team", "In")),
            "namespaceSelector: In for 'team' must have values; the peer matches nothing",
            "10.0.0.2"),
        arguments(
            namespaces(select("team", "DoesNotExist", "x")),
            "namespaceSelector: DoesNotExist for 'team' must have no values; the peer matches"
                + " nothing",
            "10.0.0.2"),
        arguments(
            new Peer.Unclear("ipBlock and podSelector exclude each other"),
            "ipBlock and podSelector exclude each other; the peer matches nothing",
            "10.0.0.2"));
  }

  @ParameterizedTest(name = "{1}")
  @MethodSource("peers")
  void shouldSayWhatIsWrongWithAPeerAndServeTheOthers(Peer wrong, String message, String served) {
    cluster.engine.put(
        ingress("shop/p", select("app=web"), rule(List.of(pods(select("app=db")), wrong))));

    assertThat(cluster.rules()).containsExactly("Accept shop/web from " + served);
    assertThat(cluster.problems()).containsExactly("ingress rule 0, peer 1: " + message);
  }

  static Stream<Arguments> ports() {
    return Stream.of(
        arguments(tcp("0"), "a port is 1 to 65535, not 0; the port matches nothing"),
        arguments(tcp("65536"), "a port is 1 to 65535, not 65536; the port matches nothing"),
        arguments(tcp(80, 70000), "a port is 1 to 65535, not 70000; the port matches nothing"),
        arguments(
            tcp(80, 79),
            "the range of ports ends at 79, before it begins at 80; the port matches nothing"),
        arguments(
            new Port("TCP", "http", Optional.of(90)),
            "endPort 90 goes with a number, not with the name 'http'; the port matches nothing"),
        arguments(
            new Port("TCP", "", Optional.of(90)),
            "endPort 90 has no port to begin from; the port matches nothing"),
        arguments(
            new Port("ICMP", "80", Optional.empty()),
            "the protocol 'ICMP' is not TCP, UDP or SCTP; the port matches nothing"));
  }

  @ParameterizedTest(name = "{1}")
  @MethodSource("ports")
  void shouldSayWhatIsWrongWithAPortAndServeTheOthers(Port wrong, String message) {
    cluster.engine.put(ingress("shop/p", select("app=web"), rule(List.of(), wrong, tcp("443"))));

    assertThat(cluster.rules()).containsExactly("Accept shop/web from anyone on TCP/443");
    assertThat(cluster.problems()).containsExactly("ingress rule 0, port 0: " + message);
  }

  @Test
  void shouldSayThatAPolicyWithoutAUsableSelectorHasNoEffect() {
    cluster.engine.put(ingress("shop/p", select("app", "In"), rule(List.of())));

    assertThat(cluster.rules()).isEmpty();
    assertThat(cluster.problems())
        .containsExactly(
            "podSelector: In for 'app' must have values; the policy selects no pod and has no"
                + " effect");
  }

  @Test
  void shouldSayThatRulesAreForADirectionThatThePolicyIsNotFor() {
    cluster.engine.put(
        Given.policy(
            "shop/p",
            select("app=web"),
            true,
            List.of(),
            false,
            List.of(rule(List.of())),
            PolicyOptions.NONE));

    assertThat(cluster.rules()).isEmpty();
    assertThat(cluster.problems())
        .containsExactly(
            "has egress rules, and policyTypes without Egress; the rules have no effect");
  }

  @Test
  void shouldSayThatNoPodHasAPortOfSuchAName() {
    String none =
        "ingress rule 0: no pod that the policy selects has a port 'metrics'; it matches nothing";
    cluster.engine.put(
        ingress("shop/p", select("app=web"), rule(List.of(), tcp("http"), tcp("metrics"))));
    cluster.flush();
    assertThat(cluster.problems()).containsExactly(none);

    // when a pod on another node has one
    cluster.engine.put(
        Given.pod("shop/far", "app=web", "10.0.0.9", Given.port("metrics", "TCP", 9100)));
    cluster.flush();
    assertThat(cluster.engine.takeProblems()).isEqualTo(Map.of(REF, List.of()));

    // when that goes, and then the only one that is here
    cluster.engine.removePod(Given.key("shop/far"));
    cluster.flush();
    assertThat(cluster.problems()).containsExactly(none);
    cluster.engine.disconnect(Given.id("shop/web"));
    cluster.flush();
    assertThat(cluster.engine.takeProblems()).isEqualTo(Map.of(REF, List.of()));
  }

  @Test
  void shouldSayNothingOfAPolicyThatSelectsNobody() {
    cluster.engine.put(ingress("shop/p", select("app=none"), rule(List.of(pods(select("x=y"))))));
    cluster.flush();

    assertThat(cluster.problems()).isEmpty();
  }

  @Test
  void shouldTellOfProblemsWhenTheyChangeAndWhenTheyAreGone() {
    NetworkPolicyInfo wrong = ingress("shop/p", select("app=web"), rule(List.of(block("x/8"))));
    Problem problem =
        new Problem(
            wrong.ref(),
            "InvalidCidr",
            "ingress rule 0, peer 0: 'x/8' is not a CIDR; the peer matches nothing");

    cluster.engine.put(wrong);
    assertThat(cluster.engine.takeProblems()).isEqualTo(Map.of(REF, List.of(problem)));
    assertThat(cluster.engine.counts().problems()).isEqualTo(1);

    cluster.engine.put(wrong);
    assertThat(cluster.engine.takeProblems()).isEmpty();

    cluster.engine.put(ingress("shop/p", select("app=web")));
    assertThat(cluster.engine.takeProblems()).isEqualTo(Map.of(REF, List.of()));
    assertThat(cluster.engine.counts().problems()).isZero();
  }
}
