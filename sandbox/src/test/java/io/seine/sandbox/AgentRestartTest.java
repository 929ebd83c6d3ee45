package io.seine.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Pod;
import io.seine.sandbox.control.Pods;
import io.seine.sandbox.netns.Namespace;
import io.seine.sandbox.node.JavaCommand;
import io.seine.sandbox.node.SandboxNode;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/** Traffic does not notice that the agents die and come back, and neither does the switch. */
@Tag("system")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@ExtendWith(Diagnostics.class)
class AgentRestartTest implements Diagnostics.OnSandbox {
  private static final int RESTARTS = 10;
  private static final int CLIENTS = 10;
  private static final int PER_SECOND = 100;
  private static final Duration LIMIT = Duration.ofSeconds(60);

  /** The switch counts a flow's age in its own clock, read a little before or after ours. */
  private static final double CLOCK_SLACK_SECONDS = 0.5;

  private final String name = "a" + UUID.randomUUID().toString().substring(0, 6);
  private Sandbox sandbox;

  @Override
  public SandboxView view() {
    return sandbox.view();
  }

  @BeforeAll
  void up() {
    QuietLogging.use();
    sandbox = Sandbox.up(SandboxSpec.ofNodes(name, 2), (what, took) -> {});
  }

  @AfterAll
  void down() {
    if (sandbox != null) {
      sandbox.close();
    }
    assertThat(Sandbox.hasRemains(name)).isFalse();
  }

  @Test
  void nothingIsLostWhileBothAgentsAreKilledAndStartedTenTimes() throws IOException {
    HelloPods pods = HelloPods.apply(view());
    List<Namespace> clients = clients(pods);
    Namespace client = clients.getFirst();
    Namespace server = pods.namespace(pods.on("node-2"));
    String address = HelloPods.address(pods.on("node-2"));
    await().atMost(LIMIT).until(() -> view().nodes().stream().allMatch(n -> n.agent().isReady()));
    try (EchoStream stream = EchoStream.start(client, server, address);
        NewConnections connections =
            NewConnections.start(clients, pods.clusterIp(), HelloPods.PORT, PER_SECOND)) {
      await().atMost(LIMIT).until(() -> stream.messages() > 200 && connections.answered() > 50);
      Map<String, FlowDump> before = dumps();
      long start = System.nanoTime();

      for (int i = 0; i < RESTARTS; i++) {
        killAndStartAgents();
      }

      double elapsed = (System.nanoTime() - start) / 1e9;
      Map<String, FlowDump> after = dumps();
      long messages = stream.messages();
      await().atMost(LIMIT).until(() -> stream.messages() > messages + 100);
      stream.end();
      connections.end();
      System.err.printf(
          "%d restarts in %.1f s: %d messages, the slowest %d ms; %d connections, the slowest %d ms%n",
          RESTARTS,
          elapsed,
          stream.messages(),
          stream.slowest().toMillis(),
          connections.answered(),
          connections.slowest().toMillis());
      assertThat(stream.failure()).isEmpty();
      assertThat(connections.failures()).isEmpty();
      assertThat((double) connections.answered()).isGreaterThan(elapsed * PER_SECOND / 2);
      before.forEach((node, dump) ->
          assertNotRewritten(node, dump, Objects.requireNonNull(after.get(node)), elapsed));
    }
  }

  /** Pods on both nodes that the service does not know. */
  private List<Namespace> clients(HelloPods pods) {
    List<Pod> added = new ArrayList<>();
    for (int i = 0; i < CLIENTS; i++) {
      added.add(pods.add("client-" + i, "node-" + (i % 2 + 1)));
    }
    await()
        .atMost(LIMIT)
        .until(() -> added.stream().allMatch(p -> Pods.isReady(view().client().resource(p).get())));
    return added.stream().map(pods::namespace).toList();
  }

  private void killAndStartAgents() {
    JavaCommand java = JavaCommand.current();
    List<SandboxNode> nodes = view().nodes();
    nodes.forEach(node -> node.agent().stop("KILL"));
    nodes.forEach(node -> node.agent().start(java));
    await().atMost(LIMIT).until(() -> nodes.stream().allMatch(node -> node.agent().isReady()));
  }

  private Map<String, FlowDump> dumps() {
    Map<String, FlowDump> dumps = new HashMap<>();
    view().nodes().forEach(node -> dumps.put(node.name(), FlowDump.of(node)));
    return dumps;
  }

  private static void assertNotRewritten(
      String node, FlowDump before, FlowDump after, double elapsed) {
    assertThat(before.flows()).as(node).hasSizeGreaterThan(20);
    assertThat(after.flows().keySet()).as(node).isEqualTo(before.flows().keySet());
    before
        .flows()
        .forEach((flow, then) -> {
          FlowDump.Entry now = Objects.requireNonNull(after.flows().get(flow));
          assertThat(now.seconds())
              .as("%s: age of %s", node, flow)
              .isGreaterThan(then.seconds() + elapsed - CLOCK_SLACK_SECONDS);
          assertThat(now.packets())
              .as("%s: packets of %s", node, flow)
              .isGreaterThanOrEqualTo(then.packets());
        });
    assertThat(after.groups()).as(node).isNotEmpty().isEqualTo(before.groups());
    assertThat(after.dropped()).as("%s: packets that met a drop", node).isEqualTo(before.dropped());
  }
}
