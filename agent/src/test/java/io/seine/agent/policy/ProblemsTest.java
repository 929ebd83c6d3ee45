package io.seine.agent.policy;

import static io.seine.agent.policy.Given.block;
import static io.seine.agent.policy.Given.egress;
import static io.seine.agent.policy.Given.ingress;
import static io.seine.agent.policy.Given.namespaces;
import static io.seine.agent.policy.Given.pods;
import static io.seine.agent.policy.Given.rule;
import static io.seine.agent.policy.Given.select;
import static io.seine.agent.policy.Given.tcp;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.seine.agent.events.Problem;
import io.seine.agent.kube.ClusterPolicyInfo;
import io.seine.agent.kube.NetworkPolicyInfo;
import io.seine.agent.kube.NetworkPolicyInfo.Peer;
import io.seine.agent.kube.NetworkPolicyInfo.Port;
import io.seine.agent.kube.PolicyOptions;
import io.seine.agent.kube.Selector;
import io.seine.openflow.Family;
import io.seine.pipeline.policy.PolicyRef;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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

    // when that goes, and then the only other one, of whatever node
    cluster.engine.removePod(Given.key("shop/far"));
    cluster.flush();
    assertThat(cluster.problems()).containsExactly(none);
    cluster.engine.disconnect(Given.id("shop/web"));
    cluster.flush();
    assertThat(cluster.engine.takeProblems()).isEmpty();
    cluster.engine.removePod(Given.key("shop/web"));
    cluster.flush();
    assertThat(cluster.engine.takeProblems()).isEqualTo(Map.of(REF, List.of()));
  }

  @Test
  void shouldSayTheSameOnANodeThatHasNoneOfItsPods() {
    cluster.engine.disconnect(Given.id("shop/web"));
    cluster.engine.put(
        ingress("shop/p", select("app=web"), rule(List.of(block("x/8")), tcp("metrics"))));
    cluster.flush();

    assertThat(cluster.rules()).isEmpty();
    assertThat(cluster.problems())
        .containsExactly(
            "ingress rule 0, peer 0: 'x/8' is not a CIDR; the peer matches nothing",
            "ingress rule 0: no pod that the policy selects has a port 'metrics'; it matches"
                + " nothing");
  }

  static Stream<Arguments> portsOfPeers() {
    return Stream.of(
        arguments(List.of(pods(select("app=db"))), "http", true),
        arguments(List.of(pods(select("app=web"))), "http", false),
        arguments(List.of(pods(select("app=db")), pods(select("app=web"))), "http", false),
        arguments(List.of(namespaces(select("team=b"))), "http", false),
        arguments(List.of(namespaces(select("team=b"))), "metrics", true),
        arguments(List.of(), "http", false),
        arguments(List.of(), "metrics", true),
        arguments(List.of(pods(select("app=nobody"))), "http", false));
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("portsOfPeers")
  void shouldSayThatNoPeerHasAPortOfSuchAName(List<Peer> peers, String name, boolean missing) {
    cluster.engine.put(egress("shop/p", select("app=web"), rule(peers, tcp(name))));
    cluster.flush();

    assertThat(cluster.problems())
        .isEqualTo(
            missing
                ? List.of(
                    "egress rule 0: no pod that the rule is for has a port '%s'; it matches nothing"
                        .formatted(name))
                : List.of());
  }

  @Test
  void shouldMindTheProtocolOfAPeersPort() {
    Port udp = new Port("UDP", "http", Optional.empty());
    cluster.engine.put(egress("shop/p", select("app=web"), rule(List.of(), udp)));
    cluster.engine.put(egress("bank/p", select("app=web"), rule(List.of(pods(Selector.ALL)), udp)));
    cluster.flush();
    assertThat(cluster.problems())
        .containsExactly(
            "egress rule 0: no pod that the rule is for has a port 'http'; it matches nothing");

    // when a peer gets it
    cluster.engine.put(Given.pod("bank/db", "app=db", "10.0.1.2", Given.port("http", "UDP", 8443)));
    cluster.flush();

    PolicyRef bank = new PolicyRef(PolicyRef.Kind.NETWORK_POLICY, "bank", "p");
    assertThat(cluster.engine.takeProblems()).isEqualTo(Map.of(bank, List.of()));
  }

  @Test
  void shouldHeedThatANamespaceIsAnother() {
    String none =
        "egress rule 0: no pod that the rule is for has a port 'metrics'; it matches nothing";
    cluster.engine.put(Given.namespace("ops", "team=c"));
    cluster.engine.put(Given.pod("ops/m", "", "10.0.3.1", Given.port("metrics", "TCP", 9100)));
    cluster.engine.put(
        egress(
            "shop/p",
            select("app=web"),
            rule(List.of(namespaces(select("team=b"))), tcp("metrics"))));
    cluster.flush();
    assertThat(cluster.problems()).containsExactly(none);

    cluster.engine.put(Given.namespace("ops", "team=b"));
    cluster.flush();
    assertThat(cluster.engine.takeProblems()).isEqualTo(Map.of(REF, List.of()));

    cluster.engine.put(Given.namespace("ops", ""));
    cluster.flush();
    assertThat(cluster.problems()).containsExactly(none);
  }

  @Test
  void shouldSayThatAPortByNameIsNoneOfABlockOfAddresses() {
    cluster.engine.put(
        egress(
            "shop/p",
            select("app=web"),
            rule(List.of(block("192.0.2.0/24"), namespaces(select("team=b"))), tcp("http"))));
    cluster.flush();

    assertThat(cluster.problems())
        .containsExactly(
            "egress rule 0: the port 'http' is one of pods: of blocks of addresses it matches"
                + " nothing");
    assertThat(cluster.rules()).containsExactly("Accept shop/web to 10.0.1.1 on TCP/80");
  }

  static Stream<Arguments> families() {
    return Stream.of(
        arguments(List.of(block("fd00::/8")), true),
        arguments(List.of(block("fd00::/8", "fd00:1::/32")), true),
        arguments(List.of(block("fd00::/8"), pods(select("app=db"))), true),
        arguments(List.of(block("10.0.0.0/8")), false),
        arguments(List.of(block("0.0.0.0/0"), block("::/0")), false),
        arguments(List.of(), false));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("families")
  void shouldSayThatPodsHaveNoAddressOfABlocksFamily(List<Peer> peers, boolean said) {
    PolicyEngine engine = new PolicyEngine(false, Set.of(Family.IPV4), new RecordingSink());
    engine.put(egress("shop/p", select("app=web"), rule(peers)));

    assertThat(Cluster.problems(engine))
        .isEqualTo(
            said
                ? List.of(
                    "egress rule 0: fd00::/8 is IPv6, of which pods have no address; it matches"
                        + " nothing")
                : List.of());
  }

  static Stream<Arguments> contradictions() {
    return Stream.of(
        arguments(List.of("app In a,b", "app NotIn b,a"), true),
        arguments(List.of("app In a", "app In b"), true),
        arguments(List.of("app Exists", "app DoesNotExist"), true),
        arguments(List.of("app In a", "app DoesNotExist"), true),
        arguments(List.of("app In a,b", "app NotIn b"), false),
        arguments(List.of("app In a,b", "app In b,c"), false),
        arguments(List.of("app NotIn a", "app DoesNotExist"), false),
        arguments(List.of("app In a", "tier NotIn a"), false),
        arguments(List.of("app Exists", "app NotIn a"), false));
  }

  private static Selector requiring(List<String> requirements) {
    return new Selector(
        Map.of(),
        requirements.stream()
            .map(text -> text.split(" "))
            .map(words ->
                new Selector.Requirement(
                    words[0],
                    words[1],
                    words.length > 2 ? List.of(words[2].split(",")) : List.of()))
            .toList());
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("contradictions")
  void shouldSayThatASelectorContradictsItself(List<String> requirements, boolean said) {
    cluster.engine.put(
        ingress(
            "shop/p",
            select("app=web"),
            rule(List.of(pods(requiring(requirements)), namespaces(select("team=b"))))));

    assertThat(cluster.problems())
        .hasSize(said ? 1 : 0)
        .allSatisfy(message ->
            assertThat(message)
                .startsWith("ingress rule 0: the selector '")
                .endsWith("' contradicts itself: it selects nobody"));
  }

  @Test
  void shouldSayThatAPolicySelectsNobodyByAContradiction() {
    cluster.engine.put(
        ingress("shop/p", requiring(List.of("app In web", "app NotIn web")), rule(List.of())));

    assertThat(cluster.problems())
        .containsExactly(
            "subject: the selector 'app notin (web),app=web' contradicts itself: the policy selects"
                + " no pod");
  }

  @Test
  void shouldSayThatAPolicyIsForNobodyButPodsOnTheirNodesNetwork() {
    String none =
        "all pods that the policy selects use their node's network, where no policy is for them; it"
            + " has no effect";
    cluster.engine.put(ingress("shop/p", select("app=proxy"), rule(List.of())));
    cluster.engine.put(ingress("shop/all", Selector.ALL));
    cluster.flush();
    assertThat(cluster.problems()).isEmpty();

    // when such a pod comes, of whatever node
    cluster.engine.put(Given.pod("shop/proxy", "app=proxy", "", true, false));
    cluster.flush();
    assertThat(cluster.problems()).containsExactly(none);

    // when there is one that has an address of its own
    cluster.engine.put(Given.pod("shop/other", "app=proxy", "10.0.0.7"));
    cluster.flush();
    assertThat(cluster.engine.takeProblems()).isEqualTo(Map.of(REF, List.of()));

    // when that is gone, and when the first has come to its end
    cluster.engine.removePod(Given.key("shop/other"));
    cluster.flush();
    assertThat(cluster.problems()).containsExactly(none);
    cluster.engine.put(Given.pod("shop/proxy", "app=proxy", "", true, true));
    cluster.flush();
    assertThat(cluster.engine.takeProblems()).isEqualTo(Map.of(REF, List.of()));
  }

  private static ClusterPolicyInfo guard(
      String name, String tier, int priority, String namespaces, String action) {
    return Given.cluster(
        name,
        tier,
        priority,
        Given.clusterPods(namespaces, ""),
        List.of(Given.rule(action, List.of(Given.clusterPods("", "")))),
        List.of());
  }

  private static String beside(String others) {
    return "has the tier and the priority of %s, and may be for the same pods: the API leaves open which decides; here the first by name does"
        .formatted(others);
  }

  static Stream<Arguments> rivals() {
    return Stream.of(
        arguments(guard("b", "Admin", 7, "team=a", "Accept"), true),
        arguments(guard("b", "Admin", 7, "", "Pass"), true),
        arguments(guard("b", "Admin", 7, "stage=test", "Accept"), true),
        arguments(guard("b", "Admin", 7, "team=b", "Accept"), false),
        arguments(guard("b", "Admin", 8, "team=a", "Accept"), false),
        arguments(guard("b", "Baseline", 7, "team=a", "Accept"), false),
        arguments(guard("b", "Admin", 7, "team=a", "Deny"), false),
        arguments(
            Given.cluster(
                "b",
                "Admin",
                7,
                Given.clusterPods("", ""),
                List.of(),
                List.of(Given.rule("Accept", List.of(Given.clusterPods("", ""))))),
            false));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("rivals")
  void shouldSayOnBothThatTheApiLeavesTheirOrderOpen(ClusterPolicyInfo other, boolean open) {
    cluster.engine.put(guard("a", "Admin", 7, "team=a", "Deny"));
    cluster.engine.put(other);
    cluster.flush();

    assertThat(cluster.problems())
        .containsExactlyInAnyOrderElementsOf(open ? List.of(beside("a"), beside("b")) : List.of());

    // when one goes, the other has no rival
    cluster.engine.removeClusterPolicy("b");
    cluster.flush();
    assertThat(cluster.engine.takeProblems().values()).allMatch(List::isEmpty);
    assertThat(cluster.engine.counts().problems()).isZero();
  }

  @Test
  void shouldNameSomeOfManyRivals() {
    for (String name : List.of("a", "b", "c", "d", "e", "f")) {
      cluster.engine.put(guard(name, "Admin", 1, "", name.equals("f") ? "Deny" : "Accept"));
    }
    cluster.flush();

    assertThat(cluster.problems()).hasSize(6).contains(beside("a, b, c and 2 more"), beside("f"));

    // when it has a priority of its own
    cluster.engine.put(guard("f", "Admin", 2, "", "Deny"));
    cluster.flush();
    assertThat(cluster.engine.counts().problems()).isZero();
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
