package io.seine.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.seine.sandbox.Manifests;
import io.seine.sandbox.QuietLogging;
import io.seine.sandbox.Sandbox;
import io.seine.sandbox.SandboxSpec;
import io.seine.sandbox.Scenarios;
import io.seine.sandbox.control.Pods;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import picocli.CommandLine;

/** {@code seine why} and {@code seine flows --policy} on a cluster of two nodes. */
@Tag("system")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class WhySystemTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final String SERVICE = "svc/default/hello-kubernetes:80";
  private static final String POLICY =
      """
      apiVersion: networking.k8s.io/v1
      kind: NetworkPolicy
      metadata: {name: hello, namespace: default}
      spec:
        podSelector: {matchLabels: {app: hello-kubernetes}}
        ingress:
        - from: [{podSelector: {matchLabels: {role: client}}}]
          ports: [{port: 8080}]
      """;

  private final String name = "y" + UUID.randomUUID().toString().substring(0, 6);
  private Sandbox sandbox;

  private record Ran(int exit, String out) {}

  @BeforeAll
  void up() {
    QuietLogging.use();
    sandbox =
        Sandbox.up(
            SandboxSpec.ofNodes(name, 2).withAgentOptions(Map.of("auditInterval", "10m")),
            (what, took) -> {});
    for (String file : new String[] {"hello-kubernetes.yaml", "front-end.yaml"}) {
      Manifests.apply(sandbox.view().client(), Scenarios.text(file));
    }
    await()
        .atMost(LIMIT)
        .untilAsserted(() ->
            assertThat(sandbox.view().client().pods().inNamespace("default").list().getItems())
                .hasSize(5)
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
  void whatPoliciesSayIsConfirmedAndAChangedSwitchIsShouted() {
    await().atMost(LIMIT).untilAsserted(() -> assertThat(why().exit()).isZero());

    Manifests.apply(sandbox.view().client(), POLICY);

    await()
        .atMost(LIMIT)
        .untilAsserted(() -> {
          Ran denied = why();
          assertThat(denied.exit()).as(denied.out()).isEqualTo(1);
          assertThat(denied.out())
              .contains("NetworkPolicy default/hello, default DENIES")
              .contains("networkpolicy/default/hello ingress default");
        });
    assertThat(why("-o", "json").out()).contains("\"disagreement\" : false");
    assertThat(run("flows", "--policy", "default/hello").out())
        .contains("pods default: role=client (0: nobody)")
        .contains("TCP/8080");
    assertThat(run("flows", "diff").exit()).isZero();

    sandbox
        .view()
        .nodes()
        .getFirst()
        .ovs()
        .ofctl(
            "-O",
            "OpenFlow15",
            "add-flow",
            "br-int",
            "table=43,priority=65000,ip,actions=goto_table:50");

    Ran shouted = why();
    assertThat(shouted.exit()).as(shouted.out()).isEqualTo(3);
    assertThat(shouted.out()).contains("!!! THE SWITCH DOES NOT DO WHAT THE POLICIES SAY !!!");
    assertThat(run("why", "front-end", "nobody").exit()).isEqualTo(2);
  }

  private Ran why(String... options) {
    String[] all = Arrays.copyOf(new String[] {"why", "front-end", SERVICE}, 3 + options.length);
    System.arraycopy(options, 0, all, 3, options.length);
    return run(all);
  }

  private Ran run(String... arguments) {
    StringWriter text = new StringWriter();
    CommandLine seine = Main.commandLine();
    seine.setOut(new PrintWriter(text, true));
    seine.setErr(new PrintWriter(text, true));
    String[] all = Arrays.copyOf(arguments, arguments.length + 2);
    all[arguments.length] = "--name";
    all[arguments.length + 1] = name;
    return new Ran(seine.execute(all), text.toString());
  }
}
