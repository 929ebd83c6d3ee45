package io.seine.cli.flows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.seine.agent.kube.NetworkPolicyInfo;
import io.seine.agent.kube.ObjectKey;
import io.seine.agent.kube.ObjectRef;
import io.seine.agent.kube.PodInfo;
import io.seine.agent.kube.PolicyOptions;
import io.seine.agent.kube.Selector;
import io.seine.agent.verdict.Connection;
import io.seine.agent.verdict.Evaluator;
import io.seine.agent.verdict.Transport;
import io.seine.agent.verdict.World;
import io.seine.openflow.Ip;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class WhyTest {
  private static final WhyView.End FRONT = end("front", "10.0.1.2", "n1");
  private static final WhyView.End DB = end("db", "10.0.2.3", "n2");

  private static World world(PolicyOptions options) {
    return new World(
        List.of(),
        List.of(pod("front", "10.0.1.2", "n1"), pod("db", "10.0.2.3", "n2")),
        List.of(),
        List.of(
            new NetworkPolicyInfo(
                new ObjectRef(
                    "networking.k8s.io/v1", "NetworkPolicy", new ObjectKey("web", "db"), ""),
                Selector.of(Map.of("app", "db")),
                true,
                false,
                List.of(),
                List.of(),
                options)),
        List.of(),
        false);
  }

  private static WhyView.End end(String name, String address, String node) {
    return new WhyView.End("pod/web/" + name, List.of(Ip.parse(address)), node);
  }

  private static PodInfo pod(String name, String address, String node) {
    return new PodInfo(
        new ObjectRef("v1", "Pod", new ObjectKey("web", name), ""),
        node,
        List.of(address),
        false,
        false,
        Map.of("app", name),
        List.of());
  }

  private static WhyView.Way way(World world, WhyView.End to, WhyView.Seen... seen) {
    Connection connection =
        new Connection(
            FRONT.addresses().getFirst(), to.addresses().getFirst(), Transport.TCP, 5432);
    return new WhyView.Way(FRONT, to, new Evaluator(world).judge(connection), List.of(seen));
  }

  private static WhyView view(WhyView.End to, List<WhyView.Way> ways) {
    return new WhyView(FRONT, to, "TCP 5432", List.of(), ways, List.of());
  }

  private static WhyView view(Optional<String> expected) {
    WhyView.Seen seen =
        new WhyView.Seen("n2", expected.isPresent() ? "leaves" : "is dropped", expected, true);
    return view(DB, List.of(way(world(PolicyOptions.NONE), DB, seen)));
  }

  @Test
  void eachRuleThatHasASayIsToldInOrder() {
    assertThat(WhyScreen.lines(view(Optional.empty())))
        .containsExactly(
            "pod/web/front (10.0.1.2, n1) to pod/web/db (10.0.2.3, n2), TCP 5432: DENIED",
            "",
            "  egress of pod/web/front: allowed",
            "    default        ALLOWS: no policy decides, so it is allowed",
            "  ingress of pod/web/db: denied",
            "    NetworkPolicy  NetworkPolicy web/db, default DENIES: db selects the pod for ingress,"
                + " and no rule allows it",
            "  the switches agree",
            "    n2: is dropped");
  }

  @Test
  void aSwitchThatDoesOtherwiseIsShouted() {
    WhyView view = view(Optional.of("ingress denied"));
    assertThat(view.disagrees()).isTrue();
    assertThat(WhyScreen.lines(view))
        .contains(
            "  !!! THE SWITCH DOES NOT DO WHAT THE POLICIES SAY !!!",
            "    n2: leaves",
            "      EXPECTED: ingress denied",
            "      Either someone has changed the switch: `seine flows diff --node n2` tells.");
    assertThat(WhyJson.of(view))
        .containsEntry("disagreement", true)
        .containsEntry("verdict", "denied")
        .containsEntry("allowed", false);
  }

  @Test
  void whatADryRunWouldDenyIsSaidAtTheTop() {
    WhyView view = view(DB, List.of(way(world(new PolicyOptions("true", "")), DB)));
    assertThat(WhyScreen.lines(view))
        .contains(
            "pod/web/front (10.0.1.2, n1) to pod/web/db (10.0.2.3, n2), TCP 5432: ALLOWED (a dry"
                + " run would deny it)",
            "    would be denied in a dry run: NetworkPolicy  NetworkPolicy web/db, default DENIES:"
                + " db selects the pod for ingress, and no rule allows it");
    assertThat(WhyJson.of(view))
        .containsEntry("allowed", true)
        .containsEntry("wouldBeDenied", true);
  }

  @Test
  void endpointsOfOneJudgementAreToldOnceAndAllAreInTheJson() {
    World world = world(PolicyOptions.NONE);
    WhyView.Seen leaves = new WhyView.Seen("n1", "leaves", Optional.empty(), true);
    List<WhyView.Way> ways = new ArrayList<>();
    IntStream.rangeClosed(1, 30)
        .mapToObj(i -> end("out-" + i, "10.0.9." + i, "n9"))
        .forEach(to -> ways.add(way(world, to, leaves)));
    ways.add(way(world, DB, leaves));
    WhyView view =
        view(new WhyView.End("service/web/all", List.of(Ip.parse("10.96.0.1")), ""), ways);
    List<String> lines = WhyScreen.lines(view);
    assertThat(lines.getFirst()).endsWith("ALLOWED IN PART");
    assertThat(lines)
        .contains("to pod/web/out-1 (10.0.9.1, n9), TCP 5432: ALLOWED")
        .contains("to pod/web/db (10.0.2.3, n2), TCP 5432: DENIED")
        .anyMatch(line ->
            line.startsWith("and so, by the same rules, to pod/web/out-2 (10.0.9.2, n9), ")
                && line.endsWith(" and 19 more (`-o json` has them all)"))
        .hasSizeLessThan(20);
    assertThat(WhyJson.of(view).get("ways"))
        .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.LIST)
        .hasSize(31);
  }

  @Test
  void whatNoSwitchWasAskedAboutIsNotCalledConfirmed() {
    WhyView.Seen unasked = WhyView.Seen.unasked("n1", "only asked about some");
    WhyView view = view(DB, List.of(way(world(PolicyOptions.NONE), DB, unasked)));
    assertThat(view.disagrees()).isFalse();
    assertThat(view.ways().getFirst().confirmed()).isFalse();
    assertThat(WhyScreen.lines(view))
        .contains("  not all is confirmed by the switches", "    n1: only asked about some");
  }

  @Test
  void destinationsAreReadAsPeopleWriteThem() {
    Optional<Transport> none = Optional.empty();
    assertThat(WhyTarget.parse("web/db:5432")).isEqualTo(new WhyTarget("web/db", none, "5432"));
    assertThat(WhyTarget.parse("svc/web/dns:53/udp"))
        .isEqualTo(new WhyTarget("svc/web/dns", Optional.of(Transport.UDP), "53"));
    assertThat(WhyTarget.parse("fd00::1"))
        .isEqualTo(new WhyTarget("fd00::1", Optional.of(Transport.ICMP), ""));
    assertThat(WhyTarget.parse("[fd00::1]:9/SCTP"))
        .isEqualTo(new WhyTarget("fd00::1", Optional.of(Transport.SCTP), "9"));
    assertThat(WhyTarget.parse("web/db:http")).isEqualTo(new WhyTarget("web/db", none, "http"));
    for (String wrong :
        List.of("web/db:80/icmp", "web/db:65536", "web/db:0", "web/db:a b", "a:80/")) {
      assertThatThrownBy(() -> WhyTarget.parse(wrong))
          .as(wrong)
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void aNamedPortHasItsOwnProtocol() {
    WhyTarget named = WhyTarget.parse("web/db:dns");
    assertThat(named.means(53, "dns", "UDP")).isTrue();
    assertThat(named.means(53, "other", "UDP")).isFalse();
    assertThat(WhyTarget.parse("web/db:53").means(53, "dns", "UDP")).isFalse();
    assertThat(WhyTarget.parse("web/db:dns/tcp").means(53, "dns", "UDP")).isFalse();
  }
}
