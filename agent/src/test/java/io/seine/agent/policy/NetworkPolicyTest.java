package io.seine.agent.policy;

import static io.seine.agent.policy.Given.block;
import static io.seine.agent.policy.Given.dryRun;
import static io.seine.agent.policy.Given.egress;
import static io.seine.agent.policy.Given.ingress;
import static io.seine.agent.policy.Given.log;
import static io.seine.agent.policy.Given.namespaces;
import static io.seine.agent.policy.Given.pods;
import static io.seine.agent.policy.Given.podsOf;
import static io.seine.agent.policy.Given.rule;
import static io.seine.agent.policy.Given.select;
import static io.seine.agent.policy.Given.tcp;
import static io.seine.agent.policy.Given.with;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.seine.agent.kube.NetworkPolicyInfo;
import io.seine.agent.kube.NetworkPolicyInfo.Peer;
import io.seine.agent.kube.NetworkPolicyInfo.Port;
import io.seine.agent.kube.PolicyOptions;
import io.seine.agent.kube.Selector;
import io.seine.pipeline.policy.Direction;
import io.seine.pipeline.policy.PolicyRef;
import io.seine.pipeline.policy.RuleRef;
import io.seine.pipeline.policy.Subject.Isolation;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What NetworkPolicies come to; see {@link Cluster} for who is there. */
class NetworkPolicyTest {
  private static final Selector WEB = select("app=web");

  private final Cluster cluster = new Cluster();

  private static Isolation isolation(String policy, Direction direction) {
    PolicyRef ref = new PolicyRef(PolicyRef.Kind.NETWORK_POLICY, "shop", policy);
    return new Isolation(RuleRef.defaultOf(ref, direction), false, false);
  }

  static Stream<Arguments> selectedPods() {
    return Stream.of(
        arguments("everything", Selector.ALL, true),
        arguments("a label it has", select("app=web"), true),
        arguments("another value", select("app=db"), false),
        arguments("two labels, of which it has one", select("app=web,tier=back"), false),
        arguments("In", select("app", "In", "db", "web"), true),
        arguments("In without its value", select("app", "In", "db"), false),
        arguments("NotIn with its value", select("app", "NotIn", "web"), false),
        arguments("NotIn without its value", select("app", "NotIn", "db"), true),
        arguments("NotIn of a label that it lacks", select("tier", "NotIn", "back"), true),
        arguments("Exists", select("app", "Exists"), true),
        arguments("Exists of a label that it lacks", select("tier", "Exists"), false),
        arguments("DoesNotExist", select("app", "DoesNotExist"), false),
        arguments("DoesNotExist of one that it lacks", select("tier", "DoesNotExist"), true),
        arguments("an operator that is not known", select("app", "Like", "w"), false),
        arguments("In without values", select("app", "In"), false),
        arguments("Exists with values", select("app", "Exists", "web"), false));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("selectedPods")
  void shouldConcernThePodsItSelects(String says, Selector pods, boolean selected) {
    cluster.engine.put(ingress("shop/p", pods, rule(List.of())));

    assertThat(cluster.rules())
        .isEqualTo(selected ? List.of("Accept shop/web from anyone") : List.of());
    assertThat(cluster.subject("shop/web").ingress())
        .isEqualTo(selected ? Optional.of(isolation("p", Direction.INGRESS)) : Optional.empty());
    assertThat(cluster.subject("shop/web").egress()).isEmpty();
  }

  static Stream<Arguments> peers() {
    return Stream.of(
        arguments("pods of its namespace", List.of(pods(select("app=db"))), "10.0.0.2"),
        arguments("itself", List.of(pods(select("app=web"))), "10.0.0.1"),
        arguments("all of its namespace", List.of(pods(Selector.ALL)), "10.0.0.1 10.0.0.2"),
        arguments("a namespace", List.of(namespaces(select("team=b"))), "10.0.1.1 10.0.1.2"),
        arguments(
            "a namespace by the name that the API gives it",
            List.of(namespaces(select("kubernetes.io/metadata.name=lab"))),
            "10.0.2.1 fd00::21"),
        arguments(
            "all namespaces",
            List.of(namespaces(Selector.ALL)),
            "10.0.0.1 10.0.0.2 10.0.1.1 10.0.1.2 10.0.2.1 fd00::21"),
        arguments(
            "namespaces without a label",
            List.of(namespaces(select("team", "DoesNotExist"))),
            "10.0.2.1 fd00::21"),
        arguments("both together", List.of(podsOf(select("team=b"), select("app=db"))), "10.0.1.2"),
        arguments(
            "one or the other",
            List.of(namespaces(select("team=b")), pods(select("app=db"))),
            "10.0.0.2 10.0.1.1 10.0.1.2"),
        arguments("nobody there is", List.of(pods(select("app=none"))), "nobody"),
        arguments("a block", List.of(block("10.0.0.0/8")), "10.0.0.0/8"),
        arguments("a block as people write it", List.of(block("10.0.0.7/8")), "10.0.0.0/8"),
        arguments(
            "a block less some",
            List.of(block("10.0.0.0/8", "10.1.0.0/16", "10.2.0.0/16")),
            "10.0.0.0/8-10.1.0.0/16-10.2.0.0/16"),
        arguments("IPv6", List.of(block("fd00::/8", "fd00:1::/32")), "fd00::/8-fd00:1::/32"),
        arguments(
            "all kinds",
            List.of(pods(select("app=db")), block("1.0.0.0/8"), block("2.0.0.0/8", "2.1.0.0/16")),
            "10.0.0.2 1.0.0.0/8 2.0.0.0/8-2.1.0.0/16"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("peers")
  void shouldLetInWhomARuleNames(String says, List<Peer> from, String expected) {
    cluster.engine.put(ingress("shop/p", WEB, rule(from)));

    assertThat(cluster.rules()).containsExactly("Accept shop/web from " + expected);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("peers")
  void shouldLetOutToWhomARuleNames(String says, List<Peer> to, String expected) {
    cluster.engine.put(egress("shop/p", WEB, rule(to)));

    assertThat(cluster.rules()).containsExactly("Accept shop/web to " + expected);
    assertThat(cluster.subject("shop/web").egress()).contains(isolation("p", Direction.EGRESS));
    assertThat(cluster.subject("shop/web").ingress()).isEmpty();
  }

  static Stream<Arguments> ports() {
    return Stream.of(
        arguments("a number", List.of(tcp("80")), List.of("TCP/80")),
        arguments("a range", List.of(tcp(8000, 8080)), List.of("TCP/8000-8080")),
        arguments("a range of one", List.of(tcp(80, 80)), List.of("TCP/80")),
        arguments("all of a protocol", List.of(tcp("")), List.of("TCP")),
        arguments("several", List.of(tcp("80"), tcp("443")), List.of("TCP/443 TCP/80")),
        arguments(
            "other protocols",
            List.of(
                new Port("UDP", "53", Optional.empty()), new Port("SCTP", "9", Optional.empty())),
            List.of("SCTP/9 UDP/53")),
        arguments("its port's name", List.of(tcp("http")), List.of("TCP/8080")),
        arguments(
            "the name with another protocol",
            List.of(new Port("UDP", "http", Optional.empty())),
            List.of()),
        arguments("a name it has not", List.of(tcp("metrics")), List.of()),
        arguments(
            "numbers and names", List.of(tcp("http"), tcp("1")), List.of("TCP/1", "TCP/8080")),
        arguments("one that is wrong", List.of(tcp("80"), tcp("0")), List.of("TCP/80")),
        arguments("none that is right", List.of(tcp(90, 80)), List.of()));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("ports")
  void shouldLetInOnThePortsOfARule(String says, List<Port> ports, List<String> parts) {
    cluster.engine.put(ingress("shop/p", WEB, rule(List.of(), ports.toArray(Port[]::new))));

    assertThat(cluster.rules())
        .isEqualTo(parts.stream().map(p -> "Accept shop/web from anyone on " + p).toList());
    assertThat(cluster.subject("shop/web").ingress()).isPresent();
  }

  @Test
  void shouldAskEachSubjectWhichNumberAPortsNameHas() {
    // given two pods here that call different ports http, and one that calls none so
    cluster.engine.put(Given.pod("shop/web2", "app=web", "10.0.0.3", Cluster.http(80)));
    cluster.engine.put(Given.pod("shop/web3", "app=web", "10.0.0.4"));
    cluster.engine.connect(Given.local("shop/web2", 6, "10.0.0.3"));
    cluster.engine.connect(Given.local("shop/web3", 7, "10.0.0.4"));

    // when
    cluster.engine.put(ingress("shop/p", WEB, rule(List.of(), tcp("http"))));

    // then
    assertThat(cluster.rules())
        .containsExactly(
            "Accept shop/web2 from anyone on TCP/80", "Accept shop/web from anyone on TCP/8080");

    // when one changes its mind
    cluster.engine.put(Given.pod("shop/web2", "app=web", "10.0.0.3", Cluster.http(8080)));

    // then
    assertThat(cluster.rules())
        .containsExactly("Accept shop/web shop/web2 from anyone on TCP/8080");
  }

  @Test
  void shouldAskEachPeerWhichNumberAPortsNameHas() {
    cluster.engine.put(egress("shop/p", WEB, rule(List.of(namespaces(Selector.ALL)), tcp("http"))));

    assertThat(cluster.rules())
        .containsExactly(
            "Accept shop/web to 10.0.1.1 on TCP/80",
            "Accept shop/web to 10.0.0.1 10.0.2.1 fd00::21 on TCP/8080");

    // when peers come, go and change
    cluster.engine.removePod(Given.key("bank/web"));
    cluster.engine.put(Given.pod("shop/db", "app=db", "10.0.0.2", Cluster.http(81)));
    cluster.engine.put(Given.pod("lab/x", "", "10.0.2.1", Cluster.http(82)));

    // then
    assertThat(cluster.rules())
        .containsExactly(
            "Accept shop/web to 10.0.0.2 on TCP/81",
            "Accept shop/web to 10.0.2.1 on TCP/82",
            "Accept shop/web to 10.0.0.1 on TCP/8080");
  }

  @Test
  void shouldMeanEveryPodByANameWithoutPeersAndNoneByANameWithABlock() {
    cluster.engine.put(
        egress(
            "shop/p",
            WEB,
            rule(List.of(), new Port("UDP", "http", Optional.empty())),
            rule(List.of(block("10.0.0.0/8")), tcp("http"))));

    assertThat(cluster.rules()).containsExactly("Accept shop/web to 10.0.2.1 fd00::21 on UDP/8443");
  }

  @Test
  void shouldDenyEverythingIfItHasNoRules() {
    cluster.engine.put(ingress("shop/p", WEB));
    cluster.engine.put(egress("shop/q", WEB));

    assertThat(cluster.rules()).isEmpty();
    assertThat(cluster.subject("shop/web").ingress()).contains(isolation("p", Direction.INGRESS));
    assertThat(cluster.subject("shop/web").egress()).contains(isolation("q", Direction.EGRESS));
  }

  @Test
  void shouldNameTheFirstPolicyForTheDenialAndKeepTheRulesOfAll() {
    cluster.engine.put(ingress("shop/b", WEB, rule(List.of(block("1.0.0.0/8")))));
    cluster.engine.put(ingress("shop/a", WEB, rule(List.of(block("2.0.0.0/8")))));

    assertThat(cluster.rules())
        .containsExactly("Accept shop/web from 2.0.0.0/8", "Accept shop/web from 1.0.0.0/8");
    assertThat(cluster.subject("shop/web").ingress()).contains(isolation("a", Direction.INGRESS));

    cluster.engine.removeNetworkPolicy(Given.key("shop/a"));

    assertThat(cluster.rules()).containsExactly("Accept shop/web from 1.0.0.0/8");
    assertThat(cluster.subject("shop/web").ingress()).contains(isolation("b", Direction.INGRESS));
  }

  @Test
  void shouldNotConcernPodsOfOtherNamespacesOrNodes() {
    cluster.engine.put(ingress("bank/p", Selector.ALL, rule(List.of(namespaces(Selector.ALL)))));
    cluster.engine.put(ingress("shop/q", select("app=db"), rule(List.of(pods(Selector.ALL)))));

    assertThat(cluster.rules()).isEmpty();
    assertThat(cluster.sink.sets).isEmpty();
    assertThat(cluster.engine.counts().networkPolicies()).isEqualTo(2);
    assertThat(cluster.engine.counts().policies()).isZero();
  }

  @Test
  void shouldOnlyTryADryRun() {
    NetworkPolicyInfo policy = ingress("shop/p", WEB, rule(List.of(block("1.0.0.0/8"))));

    cluster.engine.put(with(dryRun(), policy));

    assertThat(cluster.rules()).containsExactly("try Accept shop/web from 1.0.0.0/8");
    assertThat(cluster.subject("shop/web").ingress()).map(Isolation::dryRun).contains(true);
  }

  @Test
  void shouldLeaveADryRunOutWhereAPolicyInForceIsolatesThePod() {
    // given a dry run for both directions, and one in earnest for one of them
    cluster.engine.put(
        Given.policy(
            "shop/a",
            WEB,
            true,
            List.of(rule(List.of(block("1.0.0.0/8")))),
            true,
            List.of(rule(List.of(block("2.0.0.0/8")))),
            dryRun()));
    cluster.engine.put(ingress("shop/b", WEB, rule(List.of(block("3.0.0.0/8")))));

    // then
    assertThat(cluster.rules())
        .containsExactly("try Accept shop/web to 2.0.0.0/8", "Accept shop/web from 3.0.0.0/8");
    assertThat(cluster.subject("shop/web").ingress()).contains(isolation("b", Direction.INGRESS));
    assertThat(cluster.subject("shop/web").egress()).map(Isolation::dryRun).contains(true);

    // when that one goes
    cluster.engine.removeNetworkPolicy(Given.key("shop/b"));

    // then
    assertThat(cluster.rules())
        .containsExactly("try Accept shop/web from 1.0.0.0/8", "try Accept shop/web to 2.0.0.0/8");
  }

  @Test
  void shouldLogWhatItsAnnotationSays() {
    NetworkPolicyInfo policy = ingress("shop/p", WEB, rule(List.of()));

    for (String what : List.of("denied", "allowed", "all", "")) {
      cluster.engine.put(with(log(what), policy));

      boolean allowed = what.equals("allowed") || what.equals("all");
      boolean denied = what.equals("denied") || what.equals("all");
      assertThat(cluster.rules())
          .as(what)
          .containsExactly("Accept shop/web from anyone" + (allowed ? " and log" : ""));
      assertThat(cluster.subject("shop/web").ingress())
          .as(what)
          .map(Isolation::log)
          .contains(denied);
    }
  }

  @Test
  void shouldTakeWhatItCannotReadOfAnnotationsAsNothing() {
    cluster.engine.put(
        with(new PolicyOptions("yes", "some"), ingress("shop/p", WEB, rule(List.of()))));

    assertThat(cluster.rules()).containsExactly("Accept shop/web from anyone");
    assertThat(cluster.problems())
        .containsExactly(
            "seine.io/dry-run is 'true' or 'false', not 'yes'; the policy is in force",
            "seine.io/log is 'denied', 'allowed' or 'all', not 'some'; nothing is logged");
  }
}
