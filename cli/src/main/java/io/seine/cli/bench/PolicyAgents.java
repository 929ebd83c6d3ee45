package io.seine.cli.bench;

import io.seine.sandbox.AgentOptions;
import io.seine.sandbox.SandboxSpec;
import io.seine.sandbox.SandboxView;
import io.seine.sandbox.api.TcpForwarder;
import io.seine.sandbox.node.JavaCommand;
import io.seine.sandbox.node.SandboxNode;
import io.seine.sandbox.process.Waiting;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Agents of clusters with few and many pods: until when they are ready, and their memory then. */
final class PolicyAgents {
  private static final List<PolicyCluster> CLUSTERS =
      List.of(new PolicyCluster(250), new PolicyCluster(2_500), new PolicyCluster(25_000));
  private static final InetSocketAddress API_ON_NODE =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 6444);
  private static final Duration FIRST_SYNC = Duration.ofMinutes(3);

  private PolicyAgents() {}

  static List<Measure> measure(Bench.Progress progress) throws IOException {
    SandboxSpec spec =
        SandboxSpec.ofNodes(
            BenchSandbox.NAME,
            CLUSTERS.size(),
            SyntheticServices.POD_CIDR,
            SyntheticServices.SERVICE_CIDR);
    List<Measure> measures = new ArrayList<>();
    try (var sandbox = new BenchSandbox(spec.withoutAgents(), progress)) {
      SandboxView view = sandbox.view();
      for (int i = 0; i < CLUSTERS.size(); i++) {
        measures.addAll(measure(CLUSTERS.get(i), spec, view.nodes().get(i), view, progress));
      }
    }
    return measures;
  }

  private static List<Measure> measure(
      PolicyCluster cluster,
      SandboxSpec spec,
      SandboxNode node,
      SandboxView view,
      Bench.Progress progress)
      throws IOException {
    String self = SyntheticServices.node(node.name(), node.podCidr(), node.address());
    try (var server =
            new ListWatchServer(SyntheticPolicies.collections(cluster, node.name(), self));
        var _ = TcpForwarder.start(node.namespace(), API_ON_NODE, server.address())) {
      node.agent().configure(AgentOptions.of(spec, node, view, API_ON_NODE));
      long start = System.nanoTime();
      node.agent().start(JavaCommand.current());
      try {
        awaitReady(node);
        double took = (System.nanoTime() - start) / 1e6;
        AgentMemory memory = AgentMemory.of(node.agent());
        String label = cluster.label() + ", " + cluster.policies() + " policies";
        progress.say("%s: %.0f MiB".formatted(label, memory.resident()));
        return List.of(
            Measure.alone("agent's memory, " + label, "MiB", List.of(memory.resident())),
            Measure.alone("  of which live objects", "MiB", List.of(memory.heap())),
            Measure.alone("  until it was ready", "ms", List.of(took)));
      } finally {
        node.agent().stop("TERM");
      }
    }
  }

  private static void awaitReady(SandboxNode node) throws IOException {
    if (!Waiting.until(FIRST_SYNC, () -> node.agent().hasEnded() || node.agent().isReady())
        || node.agent().hasEnded()) {
      List<String> log = Files.readAllLines(node.agent().log());
      throw new IllegalStateException(
          "the agent did not get ready; its log ends with:%n%s"
              .formatted(String.join("\n", log.subList(Math.max(0, log.size() - 10), log.size()))));
    }
  }
}
