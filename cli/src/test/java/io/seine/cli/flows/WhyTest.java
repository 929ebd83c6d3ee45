package io.seine.cli.flows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.seine.agent.kube.NetworkPolicyInfo;
import io.seine.agent.kube.ObjectKey;
import io.seine.agent.kube.ObjectRef;
import io.seine.agent.kube.PodInfo;
import io.seine.agent.kube.PolicyOptions;
import io.seine.agent.kube.Selector;
import io.seine.agent.verdict.Answer;
import io.seine.agent.verdict.Connection;
import io.seine.agent.verdict.Evaluator;
import io.seine.agent.verdict.Transport;
import io.seine.agent.verdict.World;
import io.seine.openflow.Ip;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class WhyTest {
  private static final WhyView.End FRONT = end("front", "10.0.1.2", "n1");
  private static final WhyView.End DB = end("db", "10.0.2.3", "n2");
  private static final World WORLD =
      new World(
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
                  PolicyOptions.NONE)),
          List.of(),
          false);

  private static WhyView.End end(String name, String address, String node) {
    return new WhyView.End("pod/web/" + name, Ip.parse(address), node);
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

  private static WhyView view(Optional<String> expected) {
    Answer answer =
        new Evaluator(WORLD)
            .judge(new Connection(FRONT.address(), DB.address(), Transport.TCP, 5432));
    WhyView.Seen seen =
        new WhyView.Seen("n2", expected.isPresent() ? "leaves" : "is dropped", expected);
    return new WhyView(
        FRONT.toString(),
        DB.toString(),
        "TCP 5432",
        "",
        List.of(new WhyView.Way(FRONT, DB, answer, List.of(seen))));
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
        .containsEntry("allowed", false);
  }

  @Test
  void destinationsAreReadAsPeopleWriteThem() {
    assertThat(WhyTarget.parse("web/db:5432"))
        .isEqualTo(new WhyTarget("web/db", Transport.TCP, 5432));
    assertThat(WhyTarget.parse("svc/web/dns:53/udp"))
        .isEqualTo(new WhyTarget("svc/web/dns", Transport.UDP, 53));
    assertThat(WhyTarget.parse("fd00::1")).isEqualTo(new WhyTarget("fd00::1", Transport.ICMP, 0));
    assertThat(WhyTarget.parse("[fd00::1]:9/SCTP"))
        .isEqualTo(new WhyTarget("fd00::1", Transport.SCTP, 9));
    assertThatThrownBy(() -> WhyTarget.parse("web/db:http"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("a number for the port");
    assertThatThrownBy(() -> WhyTarget.parse("web/db:80/icmp"))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
