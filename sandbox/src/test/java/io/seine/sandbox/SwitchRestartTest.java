package io.seine.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Pod;
import io.seine.sandbox.control.Pods;
import io.seine.sandbox.node.SandboxNode;
import io.seine.sandbox.node.SandboxNode.Part;
import java.io.IOException;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/** Open vSwitch dies and comes back, and the agent puts everything right without being touched. */
@Tag("system")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@ExtendWith(Diagnostics.class)
class SwitchRestartTest implements Diagnostics.OnSandbox {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Duration ANSWER = Duration.ofSeconds(3);
  private static final String REPORT = "flows re-installed after switch restart: ";
  private final String name = "v" + UUID.randomUUID().toString().substring(0, 6);
  private Sandbox sandbox;
  private HelloPods pods;

  @Override
  public SandboxView view() {
    return sandbox.view();
  }

  @BeforeAll
  void up() {
    QuietLogging.use();
    sandbox = Sandbox.up(SandboxSpec.ofNodes(name, 2), (what, took) -> {});
    pods = HelloPods.apply(view());
  }

  @AfterAll
  void down() {
    if (sandbox != null) {
      sandbox.close();
    }
    assertThat(Sandbox.hasRemains(name)).isFalse();
  }

  @Test
  void aKilledSwitchGetsItsFlowsBackFromTheSameAgentWhichSaysSo() {
    SandboxNode node = settled("node-1");
    OptionalLong agent = node.agent().pid();
    FlowDump before = FlowDump.of(node);

    long start = System.nanoTime();
    view().restart(node.name(), Part.OVS_VSWITCHD, "KILL");

    await().atMost(LIMIT).ignoreExceptions().until(this::everyPodReachesServiceAndPods);
    System.err.printf(
        "traffic flows %d ms after the kill%n", (System.nanoTime() - start) / 1_000_000);
    assertThat(node.agent().pid()).isEqualTo(agent);
    FlowDump after = FlowDump.of(node);
    assertThat(after.flows()).hasSameSizeAs(before.flows());
    assertThat(after.groups()).isEqualTo(before.groups());
    await()
        .atMost(LIMIT)
        .untilAsserted(() -> assertThat(node.agent().get("/status").body()).contains(REPORT));
    assertThat(node.agent().isReady()).isTrue();
    assertThat(node.agent().log()).content().contains(REPORT);
    await()
        .atMost(LIMIT)
        .untilAsserted(() ->
            assertThat(view().client().v1().events().inAnyNamespace().list().getItems())
                .anySatisfy(event -> {
                  assertThat(event.getReason()).isEqualTo("SwitchRestarted");
                  assertThat(event.getInvolvedObject().getName()).isEqualTo(node.name());
                  assertThat(event.getMessage()).startsWith(REPORT);
                }));
  }

  @Test
  void aKilledDatabaseServerIsFoundAgainAndPodsCanBeAdded() throws IOException {
    SandboxNode node = settled("node-2");
    OptionalLong agent = node.agent().pid();
    FlowDump before = FlowDump.of(node);
    long start = System.nanoTime();

    view().restart(node.name(), Part.OVSDB_SERVER, "KILL");
    Pod added = pods.add("after-restart", node.name());
    try {
      await().atMost(LIMIT).until(() -> Pods.isReady(current(added)));
      double elapsed = (System.nanoTime() - start) / 1e9;
      Probe probe = new Probe(pods.namespace(pods.on("node-1")), ANSWER);
      assertThat(probe.http(HelloPods.address(current(added)), 8080).pod())
          .isEqualTo("after-restart");
      assertThat(node.agent().pid()).isEqualTo(agent);
      assertThat(node.agent().isReady()).isTrue();
      FlowDump after = FlowDump.of(node);
      before
          .flows()
          .forEach((flow, then) ->
              assertThat(after.flows().get(flow))
                  .as(flow)
                  .isNotNull()
                  .extracting(FlowDump.Entry::seconds)
                  .satisfies(s -> assertThat(s).isGreaterThan(then.seconds() + elapsed - 0.5)));
    } finally {
      view().client().resource(added).delete();
    }
    await()
        .atMost(LIMIT)
        .until(() -> FlowDump.of(node).flows().keySet().equals(before.flows().keySet()));
  }

  @Test
  void aSwitchThatDiesWhileTheAgentIsDownGetsItsFlowsWhenTheAgentComesBack() {
    SandboxNode node = settled("node-2");
    FlowDump before = FlowDump.of(node);
    node.agent().stop("KILL");
    view().restart(node.name(), Part.OVS_VSWITCHD, "KILL");
    view().restart(node.name(), Part.AGENT, "KILL");
    await().atMost(LIMIT).until(() -> node.agent().isReady());
    await().atMost(LIMIT).ignoreExceptions().until(this::everyPodReachesServiceAndPods);
    FlowDump after = FlowDump.of(node);
    assertThat(after.flows()).hasSameSizeAs(before.flows());
    assertThat(after.groups()).isEqualTo(before.groups());
  }

  /** The node, when its agent has converged and the service is answered everywhere. */
  private SandboxNode settled(String nodeName) {
    await().atMost(LIMIT).until(() -> view().nodes().stream().allMatch(n -> n.agent().isReady()));
    await().atMost(LIMIT).ignoreExceptions().until(this::everyPodReachesServiceAndPods);
    return view().node(nodeName);
  }

  private boolean everyPodReachesServiceAndPods() throws IOException {
    for (Pod from : pods.all()) {
      if (!pods.reachesService(pods.namespace(from))) {
        return false;
      }
      Probe probe = new Probe(pods.namespace(from), ANSWER);
      for (Pod to : pods.all()) {
        if (!probe.http(HelloPods.address(to), 8080).client().equals(HelloPods.address(from))) {
          return false;
        }
      }
    }
    return true;
  }

  private Pod current(Pod pod) {
    return view().client().resource(pod).get();
  }
}
