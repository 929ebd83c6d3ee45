package io.seine.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.seine.sandbox.LogTail;
import io.seine.sandbox.Manifests;
import io.seine.sandbox.QuietLogging;
import io.seine.sandbox.Sandbox;
import io.seine.sandbox.SandboxSpec;
import io.seine.sandbox.SandboxView;
import io.seine.sandbox.Scenarios;
import io.seine.sandbox.control.Pods;
import io.seine.sandbox.node.SandboxNode;
import io.seine.sandbox.process.Commands;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import picocli.CommandLine;

/** Someone changes the switch by hand; it is seen, said and repaired. */
@Tag("system")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DriftTest {
  private static final int DELETED = 50;
  private static final List<String> FOREIGN =
      List.of(
          "table=30,priority=999,ip,nw_dst=198.51.100.1,actions=drop",
          "cookie=0xbad,table=0,priority=7,in_port=77,actions=NORMAL",
          "table=60,priority=5,udp,tp_dst=4242,actions=output:2");
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Pattern COOKIE =
      Pattern.compile("cookie=(0x5e1[0-9a-f]{13}),.* table=(\\d+),");

  /** Long enough for the comparison by the command line to come before the audit's repair. */
  private static final String AUDIT_INTERVAL = "12s";

  private final String name = "d" + UUID.randomUUID().toString().substring(0, 6);
  private Sandbox sandbox;

  /** How a command ended. */
  private record Ran(int exit, String out) {}

  @BeforeAll
  void up() {
    QuietLogging.use();
    sandbox =
        Sandbox.up(
            SandboxSpec.ofNodes(name, 1).withAgentOptions(Map.of("auditInterval", AUDIT_INTERVAL)),
            (what, took) -> {});
    Manifests.apply(view().client(), Scenarios.text("hello-kubernetes.yaml"));
    await()
        .atMost(LIMIT)
        .untilAsserted(() ->
            assertThat(view().client().pods().inNamespace("default").list().getItems())
                .hasSize(4)
                .allMatch(Pods::isReady));
  }

  @AfterAll
  void down() {
    if (sandbox != null) {
      sandbox.close();
    }
    assertThat(Sandbox.hasRemains(name)).isFalse();
  }

  @Test
  void fiftyDeletedAndThreeAddedFlowsAreNamedAndRepaired() {
    SandboxNode node = view().nodes().getFirst();
    try {
      await().atMost(LIMIT).untilAsserted(() -> assertThat(diff(node).exit()).isZero());
      assertThat(diff(node).out()).contains("as it should be");
      double missing = metric(node, "seine_agent_drift_total{kind=\"missing\"}");
      double foreign = metric(node, "seine_agent_drift_total{kind=\"foreign\"}");
      double audits = metric(node, "seine_agent_comparisons_total{cause=\"audit\"}");
      await()
          .atMost(LIMIT)
          .until(() -> metric(node, "seine_agent_comparisons_total{cause=\"audit\"}") > audits);

      List<String> deleted = deleteFlows(node);
      FOREIGN.forEach(flow -> node.ovs().ofctl("-O", "OpenFlow15", "add-flow", "br-int", flow));

      Ran found = diff(node);
      assertThat(found.exit()).as(found.out()).isEqualTo(1);
      assertThat(deleted).hasSize(DELETED);
      assertThat(found.out().lines().filter(l -> l.startsWith("node-1: missing ")))
          .hasSize(DELETED);
      assertThat(found.out().lines().filter(l -> l.startsWith("node-1: foreign ")))
          .hasSize(FOREIGN.size())
          .anyMatch(line -> line.contains("nw_dst=198.51.100.1"))
          .anyMatch(line -> line.contains("in_port=77"))
          .anyMatch(line -> line.contains("4242"));
      assertThat(found.out()).contains("53 differences: 3 foreign, 50 missing");

      await()
          .atMost(LIMIT)
          .untilAsserted(() -> {
            assertThat(metric(node, "seine_agent_drift_total{kind=\"missing\"}") - missing)
                .isEqualTo(DELETED);
            assertThat(metric(node, "seine_agent_drift_total{kind=\"foreign\"}") - foreign)
                .isEqualTo(FOREIGN.size());
          });
      await().atMost(LIMIT).untilAsserted(() -> assertThat(diff(node).exit()).isZero());
      assertThat(diff(node).out()).contains("as it should be");
      assertThat(cookies(node)).containsAll(deleted);
      await()
          .atMost(LIMIT)
          .untilAsserted(() ->
              assertThat(view().client().v1().events().inAnyNamespace().list().getItems())
                  .anySatisfy(event -> {
                    assertThat(event.getReason()).isEqualTo("FlowDrift");
                    assertThat(event.getInvolvedObject().getKind()).isEqualTo("Node");
                    assertThat(event.getInvolvedObject().getName()).isEqualTo(node.name());
                    assertThat(event.getMessage())
                        .contains("missing=50")
                        .contains("foreign=3")
                        .contains("repaired");
                  }));
    } catch (AssertionError e) {
      System.err.println(node.ovs().ofctl("-O", "OpenFlow15", "dump-flows", "br-int"));
      System.err.println(LogTail.of(node.agent().log(), 60));
      throw e;
    }
  }

  /** Deletes flows of every table, each by its cookie, which no other flow has. */
  private static List<String> deleteFlows(SandboxNode node) {
    List<String> chosen = cookies(node).subList(0, DELETED);
    String lines = String.join("\n", chosen.stream().map(c -> "cookie=" + c + "/-1").toList());
    Commands.checkWith(
        Map.of(),
        lines + "\n",
        node.entering(List.of("ovs-ofctl", "-O", "OpenFlow15", "del-flows", "br-int", "-")));
    assertThat(cookies(node)).doesNotContainAnyElementsOf(chosen);
    return chosen;
  }

  private static List<String> cookies(SandboxNode node) {
    return node.ovs()
        .ofctl("-O", "OpenFlow15", "dump-flows", "br-int")
        .lines()
        .map(COOKIE::matcher)
        .filter(Matcher::find)
        .map(matcher -> matcher.group(1))
        .distinct()
        .toList();
  }

  private Ran diff(SandboxNode node) {
    StringWriter out = new StringWriter();
    CommandLine command = Main.commandLine();
    command.setOut(new PrintWriter(out, true));
    command.setErr(new PrintWriter(out, true));
    int exit = command.execute("flows", "diff", "--name", name, "--node", node.name());
    return new Ran(exit, out.toString());
  }

  private static double metric(SandboxNode node, String series) {
    return node.agent()
        .get("/metrics")
        .body()
        .lines()
        .filter(line -> line.startsWith(series + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(series.length() + 1)))
        .findFirst()
        .orElse(0);
  }

  private SandboxView view() {
    return sandbox.view();
  }
}
