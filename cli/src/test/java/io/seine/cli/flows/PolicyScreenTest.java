package io.seine.cli.flows;

import static org.assertj.core.api.Assertions.assertThat;

import io.seine.cli.flows.PolicyView.Peer;
import io.seine.cli.flows.PolicyView.Rule;
import io.seine.pipeline.Owner;
import io.seine.pipeline.policy.Direction;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What {@code seine flows --policy} prints. */
class PolicyScreenTest {
  private static final Owner DB = new Owner.Policy("networkpolicy", "web", "db");
  private static final Peer ANYONE = new Peer("anyone", -1, List.of());
  private static final Rule FROM_FRONT =
      new Rule(
          Direction.INGRESS,
          "rule 0",
          "Accept",
          "NetworkPolicy",
          false,
          false,
          List.of(
              new Peer("pods web: app=front", 3, List.of("pod/web/front-a", "pod/web/front-b")),
              new Peer("192.0.2.0/24", -1, List.of())),
          List.of("TCP/80", "UDP/53"),
          1200,
          37);
  private static final Rule DEFAULT =
      new Rule(
          Direction.INGRESS,
          "default, what no NetworkPolicy allows",
          "Deny",
          "NetworkPolicy",
          false,
          true,
          List.of(ANYONE),
          List.of("any"),
          9,
          8);

  private static PolicyView view(List<String> pods, List<Rule> rules) {
    return new PolicyView("n1", DB, pods, rules, 0, List.of());
  }

  private static String text(PolicyView view) {
    return String.join("\n", PolicyScreen.lines(view)) + "\n";
  }

  @Test
  void aPolicyIsOneScreenWithALineForEachPeer() {
    assertThat(text(view(List.of("pod/web/db-a", "pod/web/db-b"), List.of(FROM_FRONT, DEFAULT))))
        .isEqualTo(
            """
            n1: networkpolicy/web/db
              pods here: pod/web/db-a, pod/web/db-b

              ingress
                RULE                                   VERDICT  TIER           FROM                                                                  PORTS           CONNECTIONS  PACKETS
                rule 0                                 Accept   NetworkPolicy  pods web: app=front (3: pod/web/front-a, pod/web/front-b and 1 more)  TCP/80, UDP/53  37           1200
                                                                               192.0.2.0/24
                default, what no NetworkPolicy allows  Deny     NetworkPolicy  anyone                                                                any             8            9        logged
            """);
  }

  @Test
  void whatIsOnlyTriedSaysWhatItWouldDo() {
    Rule tried =
        new Rule(
            Direction.EGRESS,
            "rule 1 (no-metadata)",
            "Deny",
            "Admin, priority 10",
            true,
            true,
            List.of(new Peer("169.254.169.254/32", -1, List.of())),
            List.of("any"),
            0,
            0);

    assertThat(text(view(List.of("pod/web/db"), List.of(tried))))
        .isEqualTo(
            """
            n1: networkpolicy/web/db
              pods here: pod/web/db

              egress
                RULE                  VERDICT     TIER                TO                  PORTS  CONNECTIONS  PACKETS
                rule 1 (no-metadata)  would Deny  Admin, priority 10  169.254.169.254/32  any    0            0        dry run, logged
            """);
  }

  @Test
  void aRuleForNobodySaysSo() {
    Rule nobody =
        new Rule(
            Direction.INGRESS,
            "rule 0",
            "Accept",
            "NetworkPolicy",
            false,
            false,
            List.of(new Peer("pods web: app=none", 0, List.of())),
            List.of("any"),
            0,
            0);
    Rule without =
        new Rule(
            Direction.EGRESS,
            "rule 0",
            "Accept",
            "NetworkPolicy",
            false,
            false,
            List.of(),
            List.of(),
            0,
            0);

    assertThat(text(view(List.of("pod/web/db"), List.of(nobody, without))))
        .contains("pods web: app=none (0: nobody)")
        .containsPattern("rule 0 +Accept +NetworkPolicy +nobody");
  }

  @Test
  void whatTheSwitchDoesNotHaveIsShoutedAndWhatIsRefusedIsSaid() {
    PolicyView view =
        new PolicyView(
            "n1",
            DB,
            List.of(),
            List.of(),
            2,
            List.of(new ServiceView.Refusal("InvalidCidr", "'x/8' is not a CIDR")));

    assertThat(text(view))
        .isEqualTo(
            """
            n1: networkpolicy/web/db
              no pod of this node is selected, so the switch has nothing of it

              NOT IN THE SWITCH: 2 flows; `seine flows diff` tells which

              refused or left out
                InvalidCidr: 'x/8' is not a CIDR
            """);
    assertThat(text(new PolicyView("n1", DB, List.of(), List.of(), 1, List.of())))
        .contains("NOT IN THE SWITCH: 1 flow;");
  }

  @Test
  void forProgramsItHasAllOfIt() {
    PolicyView view =
        new PolicyView(
            "n1",
            DB,
            List.of("pod/web/db"),
            List.of(FROM_FRONT),
            1,
            List.of(new ServiceView.Refusal("InvalidPort", "no")));

    assertThat(PolicyScreen.json(view))
        .isEqualTo(
            Map.of(
                "node",
                "n1",
                "policy",
                "networkpolicy/web/db",
                "pods",
                List.of("pod/web/db"),
                "missingFlows",
                1,
                "rules",
                List.of(
                    Map.of(
                        "direction",
                        "ingress",
                        "rule",
                        "rule 0",
                        "verdict",
                        "Accept",
                        "order",
                        "NetworkPolicy",
                        "dryRun",
                        false,
                        "log",
                        false,
                        "peers",
                        List.of(
                            Map.of(
                                "peer",
                                "pods web: app=front",
                                "addresses",
                                3,
                                "names",
                                List.of("pod/web/front-a", "pod/web/front-b")),
                            Map.of("peer", "192.0.2.0/24", "addresses", -1, "names", List.of())),
                        "ports",
                        List.of("TCP/80", "UDP/53"),
                        "connections",
                        37L,
                        "packets",
                        1200L)),
                "problems",
                List.of(Map.of("reason", "InvalidPort", "message", "no"))));
  }
}
