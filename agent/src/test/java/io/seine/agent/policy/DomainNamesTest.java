package io.seine.agent.policy;

import static io.seine.agent.policy.Given.cluster;
import static io.seine.agent.policy.Given.clusterPods;
import static io.seine.agent.policy.Given.id;
import static io.seine.agent.policy.Given.rule;
import static org.assertj.core.api.Assertions.assertThat;

import io.seine.agent.kube.ClusterPolicyInfo;
import io.seine.agent.kube.ClusterPolicyInfo.Peer;
import io.seine.openflow.Ip;
import io.seine.pipeline.policy.Peers;
import io.seine.pipeline.policy.PodId;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Peers by domain names: which addresses become part of which sets; see {@link Cluster}. */
class DomainNamesTest {
  private static final Peer.Pods EVERYONE = clusterPods("", "");
  private static final String BELOW = "domain *.example.org";

  private final Cluster cluster = new Cluster();

  private static ClusterPolicyInfo accepts(String policy, String... names) {
    return cluster(
        policy,
        "Admin",
        10,
        EVERYONE,
        List.of(),
        List.of(rule("Accept", List.of(new Peer.DomainNames(List.of(names))))));
  }

  private static Set<Ip> ips(String text) {
    return Arrays.stream(text.split(" "))
        .filter(t -> !t.isEmpty())
        .map(Ip::parse)
        .collect(Collectors.toSet());
  }

  private void resolve(String name, String current, String lasting) {
    cluster.engine.resolve(name, new Resolved(ips(current), ips(lasting)));
    cluster.flush();
  }

  private Set<Ip> members(String set) {
    return cluster.sink.sets.getOrDefault(set, Set.of());
  }

  @ParameterizedTest
  @CsvSource({
    "example.org,       example.org,       true",
    "EXAMPLE.org.,      example.org,       true",
    "example.org,       www.example.org,   false",
    "example.org,       myexample.org,     false",
    "*.example.org,     www.example.org,   true",
    "*.example.org,     a.b.example.org,   true",
    "*.example.org,     example.org,       false",
    "*.example.org,     .example.org,      false",
    "*.example.org,     myexample.org,     false",
    "*.example.org,     www.example.org.x, false",
    "a_b.example.org,   a_b.example.org,   true"
  })
  void shouldMeanTheNamesThatTheApiSays(String pattern, String name, boolean meant) {
    assertThat(DomainPattern.of(pattern).orElseThrow().matches(name)).isEqualTo(meant);
  }

  @ParameterizedTest
  @CsvSource({"*", "*.", "org", "*.org", "a.*.org", "a..org", "''", ".", "-a.org", "a b.org"})
  void shouldRefuseWhatTheApiRefuses(String pattern) {
    assertThat(DomainPattern.of(pattern)).isEmpty();
  }

  @Test
  void shouldHoldTheAddressesOfAllNamesThatArePartOfIt() {
    resolve("a.example.org", "192.0.2.1", "");
    cluster.engine.put(accepts("p", "*.example.org", "example.org"));
    cluster.flush();
    resolve("b.c.example.org", "192.0.2.1 2001:db8::1", "");
    resolve("example.org", "192.0.2.9", "");
    resolve("other.org", "192.0.2.66", "");

    assertThat(members(BELOW)).isEqualTo(ips("192.0.2.1 2001:db8::1"));
    assertThat(members("domain example.org")).isEqualTo(ips("192.0.2.9"));

    resolve("a.example.org", "", "");
    assertThat(members(BELOW)).isEqualTo(ips("192.0.2.1 2001:db8::1"));
    cluster.engine.resolve("b.c.example.org", Resolved.NONE);
    cluster.flush();
    assertThat(members(BELOW)).isEmpty();
  }

  @Test
  void shouldKeepApartWhatIsForOpenConnectionsOnly() {
    cluster.engine.put(accepts("p", "*.example.org"));
    cluster.flush();
    resolve("a.example.org", "192.0.2.1 192.0.2.2", "");
    resolve("a.example.org", "192.0.2.2", "192.0.2.1");

    assertThat(members(BELOW)).isEqualTo(ips("192.0.2.2"));
    assertThat(members(Peers.lasting(BELOW))).isEqualTo(ips("192.0.2.1"));

    resolve("b.example.org", "192.0.2.1", "");
    assertThat(members(BELOW)).as("another name has it").isEqualTo(ips("192.0.2.1 192.0.2.2"));
    assertThat(members(Peers.lasting(BELOW))).isEmpty();
  }

  @Test
  void shouldSayWhosePodsAnswersAreToBeRead() {
    Set<PodId> web = Set.of(id("shop/web"));
    cluster.engine.put(accepts("p", "*.example.org"));
    cluster.engine.put(accepts("q", "*.example.org", "b.example"));
    cluster.flush();

    assertThat(cluster.sink.asking).isEqualTo(web);
    assertThat(cluster.engine.domains())
        .containsOnlyKeys(new DomainPattern("*.example.org"), new DomainPattern("b.example"));
    assertThat(cluster.engine.domains().get(new DomainPattern("*.example.org"))).hasSize(2);

    cluster.engine.removeClusterPolicy("q");
    cluster.flush();
    assertThat(cluster.sink.asking).isEqualTo(web);
    assertThat(cluster.engine.domains()).containsOnlyKeys(new DomainPattern("*.example.org"));

    cluster.engine.removeClusterPolicy("p");
    cluster.flush();
    assertThat(cluster.sink.asking).isEmpty();
    assertThat(cluster.engine.domains()).isEmpty();
    assertThat(cluster.sink.sets).isEmpty();
  }

  @Test
  void shouldHaveConnectionsJudgedAnewOnlyForWhatLeaves() {
    cluster.engine.put(accepts("p", "*.example.org"));
    cluster.flush();

    cluster.engine.resolve("a.example.org", new Resolved(ips("192.0.2.1"), Set.of()));
    assertThat(cluster.engine.flush()).isEmpty();
    cluster.engine.resolve("a.example.org", new Resolved(ips("192.0.2.2"), Set.of()));
    assertThat(cluster.engine.flush()).containsExactly(id("shop/web"));
  }

  @Test
  void shouldNotTakeThemInIngressRules() {
    cluster.engine.put(
        cluster(
            "p",
            "Admin",
            10,
            EVERYONE,
            List.of(rule("Accept", List.of(new Peer.DomainNames(List.of("a.example"))))),
            List.of()));

    assertThat(cluster.rules()).isEmpty();
    assertThat(cluster.problems())
        .containsExactly(
            "ingress rule 0, peer 0: an ingress rule has no peers by domainNames",
            "ingress rule 0: has a peer or protocol that is not known; it matches nothing");
  }
}
