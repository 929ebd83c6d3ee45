package io.seine.agent.policy;

import static io.seine.agent.policy.Given.egress;
import static io.seine.agent.policy.Given.id;
import static io.seine.agent.policy.Given.ingress;
import static io.seine.agent.policy.Given.key;
import static io.seine.agent.policy.Given.local;
import static io.seine.agent.policy.Given.namespace;
import static io.seine.agent.policy.Given.namespaces;
import static io.seine.agent.policy.Given.pod;
import static io.seine.agent.policy.Given.pods;
import static io.seine.agent.policy.Given.rule;
import static io.seine.agent.policy.Given.select;
import static org.assertj.core.api.Assertions.assertThat;

import io.seine.agent.kube.NetworkPolicyInfo;
import io.seine.agent.kube.Selector;
import io.seine.openflow.Ip;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the sink is told of a change: what it concerns, and nothing else. */
class ChangeTest {
  private static final NetworkPolicyInfo FROM_DB =
      ingress("shop/p", select("app=web"), rule(List.of(pods(select("app=db")))));
  private static final String DB = "pods shop: app=db";

  private final Cluster cluster = new Cluster();
  private final PolicyEngine engine = cluster.engine;

  @BeforeEach
  void givenAPolicy() {
    engine.put(FROM_DB);
    cluster.flush();
    cluster.sink.forget();
  }

  private List<String> told() {
    cluster.flush();
    List<String> told = List.copyOf(cluster.sink.told);
    cluster.sink.forget();
    return told;
  }

  @Test
  void shouldTellOfAPeerThatComesChangesAndGoes() {
    engine.put(pod("shop/db2", "app=db", ""));
    assertThat(told()).isEmpty();

    engine.put(pod("shop/db2", "app=db", "10.0.0.3"));
    assertThat(told()).containsExactly("members " + DB + " +[10.0.0.3] -[]");

    engine.put(pod("shop/db2", "app=db,x=y", "10.0.0.3"));
    assertThat(told()).isEmpty();

    engine.put(pod("shop/db2", "app=db,x=y", "10.0.0.4"));
    assertThat(told()).containsExactly("members " + DB + " +[10.0.0.4] -[10.0.0.3]");

    engine.put(pod("shop/db2", "app=other", "10.0.0.4"));
    assertThat(told()).containsExactly("members " + DB + " +[] -[10.0.0.4]");

    engine.put(pod("shop/db2", "app=db", "10.0.0.4"));
    engine.removePod(key("shop/db2"));
    assertThat(told()).isEmpty();
  }

  @Test
  void shouldTellNothingOfPodsThatNoSelectorSelects() {
    engine.put(pod("bank/db2", "app=db", "10.0.1.9"));
    engine.put(pod("shop/web2", "app=web", "10.0.0.9"));

    assertThat(told()).isEmpty();
  }

  @Test
  void shouldNotCountPodsThatHaveEndedOrUseTheirNodesNetwork() {
    engine.put(pod("shop/db", "app=db,tier=back", "10.0.0.2", false, true));
    assertThat(told()).containsExactly("members " + DB + " +[] -[10.0.0.2]");

    engine.put(pod("shop/db", "app=db,tier=back", "10.0.0.2", true, false));
    assertThat(told()).isEmpty();

    engine.put(pod("shop/web", "app=web", "10.0.0.1", false, true));
    assertThat(told())
        .containsExactly(
            "remove networkpolicy/shop/p ingress rule 0", "no subject shop/web", "no set " + DB);
  }

  @Test
  void shouldKeepAnAddressInASetWhileAnyPodThatHasItIsInIt() {
    // given another pod that says it has the address
    engine.put(pod("shop/db2", "app=db", "10.0.0.2"));
    assertThat(told()).isEmpty();

    engine.removePod(key("shop/db"));
    assertThat(told()).isEmpty();

    engine.removePod(key("shop/db2"));
    assertThat(told()).containsExactly("members " + DB + " +[] -[10.0.0.2]");
  }

  @Test
  void shouldTakeTheAddressesOfAPodHereFromItsPort() {
    engine.put(egress("shop/q", select("app=web"), rule(List.of(pods(Selector.ALL)))));
    engine.put(pod("shop/new", "app=new", ""));
    told();

    engine.connect(local("shop/new", 6, "10.0.0.7", "fd00::7"));
    assertThat(told())
        .containsExactly("members pods shop: * +[10.0.0.7, fd00::7] -[]", "subject shop/new");

    engine.put(pod("shop/new", "app=new", "10.9.9.9"));
    assertThat(told()).isEmpty();
  }

  @Test
  void shouldRememberAPortUntilItsPodIsKnown() {
    engine.connect(local("shop/new", 6, "10.0.0.7"));
    assertThat(told()).isEmpty();
    assertThat(engine.knows(id("shop/new"))).isFalse();

    engine.put(pod("shop/new", "app=web", ""));
    assertThat(engine.knows(id("shop/new"))).isTrue();
    assertThat(told())
        .containsExactly("put networkpolicy/shop/p ingress rule 0", "subject shop/new");
    assertThat(cluster.rules()).containsExactly("Accept shop/new shop/web from 10.0.0.2");
    assertThat(cluster.subject("shop/new").addresses()).containsExactly(Ip.parse("10.0.0.7"));
  }

  @Test
  void shouldKeepThePoliciesOfAPodThatHasLeftTheApiWhileItsPortIsThere() {
    engine.put(egress("shop/q", select("app=web"), rule(List.of(pods(select("app=web"))))));
    told();

    engine.removePod(key("shop/web"));
    assertThat(told()).containsExactly("members pods shop: app=web +[] -[10.0.0.1]");
    assertThat(engine.knows(id("shop/web"))).isFalse();

    engine.disconnect(id("shop/web"));
    assertThat(cluster.rules()).isEmpty();
    assertThat(cluster.sink.subjects).isEmpty();
    assertThat(cluster.sink.sets).isEmpty();
  }

  @Test
  void shouldFollowAPortToAnotherNumber() {
    engine.connect(local("shop/web", 9, "10.0.0.1"));

    assertThat(told()).containsExactly("subject shop/web");
    assertThat(cluster.subject("shop/web").ofport()).isEqualTo(9);
  }

  @Test
  void shouldFollowTheLabelsOfAPodHere() {
    engine.put(pod("shop/web", "app=other", "10.0.0.1"));
    assertThat(told())
        .containsExactly(
            "remove networkpolicy/shop/p ingress rule 0", "subject shop/web", "no set " + DB);
    assertThat(cluster.subject("shop/web").ingress()).isEmpty();

    engine.put(pod("shop/web", "app=web", "10.0.0.1"));
    assertThat(told())
        .containsExactly(
            "members " + DB + " +[10.0.0.2] -[]",
            "put networkpolicy/shop/p ingress rule 0",
            "subject shop/web");
  }

  @Test
  void shouldFollowTheLabelsOfNamespaces() {
    engine.put(ingress("shop/p", select("app=web"), rule(List.of(namespaces(select("team=b"))))));
    told();

    engine.put(namespace("lab", "team=b"));
    assertThat(told()).containsExactly("members pods {team=b}: * +[10.0.2.1, fd00::21] -[]");

    engine.put(namespace("bank", "team=c"));
    assertThat(told()).containsExactly("members pods {team=b}: * +[] -[10.0.1.1, 10.0.1.2]");

    engine.removeNamespace("lab");
    assertThat(told()).containsExactly("members pods {team=b}: * +[] -[10.0.2.1, fd00::21]");

    engine.put(namespace("shop", "team=z"));
    assertThat(told()).isEmpty();
  }

  @Test
  void shouldShareASetBetweenRulesHoweverTheyAreWritten() {
    engine.put(
        ingress(
            "shop/q",
            Selector.ALL,
            rule(List.of(pods(select("app", "In", "db", "db")), pods(select("app=db"))))));

    assertThat(told()).containsExactly("put networkpolicy/shop/q ingress rule 0");
    engine.removeNetworkPolicy(key("shop/p"));
    assertThat(told())
        .containsExactly("remove networkpolicy/shop/p ingress rule 0", "subject shop/web");
    engine.removeNetworkPolicy(key("shop/q"));
    assertThat(told())
        .containsExactly(
            "remove networkpolicy/shop/q ingress rule 0", "subject shop/web", "no set " + DB);
  }

  @Test
  void shouldTellOnlyOfTheRulesOfAPolicyThatAreOthersNow() {
    engine.put(
        ingress(
            "shop/p",
            select("app=web"),
            rule(List.of(pods(select("app=db")))),
            rule(List.of(pods(select("app=web"))))));

    assertThat(told())
        .containsExactly(
            "members pods shop: app=web +[10.0.0.1] -[]",
            "put networkpolicy/shop/p ingress rule 1");
  }

  @Test
  void shouldSayForWhichPodsHereConnectionsMayBeJudgedOtherwise() {
    engine.connect(local("lab/x", 6, "10.0.2.1"));
    assertThat(engine.flush()).containsExactly(id("lab/x"));

    engine.put(pod("shop/db", "app=db", "10.0.0.3"));
    assertThat(engine.flush()).containsExactly(id("shop/web"));

    engine.put(pod("bank/db", "app=x", "10.0.1.2"));
    assertThat(engine.flush()).isEmpty();
  }

  @Test
  void shouldBeEmptyWhenEverythingIsGone() {
    engine.put(egress("shop/q", select("app=web"), rule(List.of(namespaces(Selector.ALL)))));
    cluster.flush();
    List.of("shop", "bank", "lab").forEach(engine::removeNamespace);
    List.of("shop/web", "shop/db", "bank/web", "bank/db", "lab/x")
        .forEach(pod -> engine.removePod(key(pod)));
    engine.disconnect(id("shop/web"));
    List.of("shop/p", "shop/q").forEach(policy -> engine.removeNetworkPolicy(key(policy)));
    cluster.flush();

    assertThat(cluster.sink.rules).isEmpty();
    assertThat(cluster.sink.subjects).isEmpty();
    assertThat(cluster.sink.sets).isEmpty();
    assertThat(engine.counts()).isEqualTo(new PolicyCounts(0, 0, 0, 0, 0, 0, 0, 0, 0));
  }
}
