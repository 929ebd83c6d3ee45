package io.seine.cli.bench;

import io.seine.cli.bench.ListWatchServer.Collection;
import io.seine.sandbox.AgentOptions;
import io.seine.sandbox.SandboxSpec;
import io.seine.sandbox.SandboxView;
import io.seine.sandbox.api.TcpForwarder;
import io.seine.sandbox.node.AgentProcess;
import io.seine.sandbox.node.JavaCommand;
import io.seine.sandbox.node.SandboxNode;
import io.seine.sandbox.process.Waiting;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An agent with so many services of ten endpoints: how long until all are in the switch, what one
 * endpoint's change costs then, and how much memory the agent has.
 */
final class ServicesBench implements Bench {
  private static final int[] SIZES = {100, 1_000, 10_000};
  private static final int WARM_UP = 100;
  private static final int CHANGES = 200;
  private static final double MOST_MIB = 200;
  private static final double SAME_COST = 1.5;
  private static final String SLICES = "/apis/discovery.k8s.io/v1/endpointslices";

  /** Where the agent finds the server; 6443 is the sandbox's own. */
  private static final InetSocketAddress API_ON_NODE =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 6444);

  private static final Duration FIRST_SYNC = Duration.ofSeconds(60);
  private static final Duration ONE_CHANGE = Duration.ofSeconds(5);
  private static final Duration UNDISTURBED = Duration.ofMillis(30);

  /** The agent's own clock: from the arrival of an API event to the switch's barrier reply. */
  private static final Pattern RECONCILED =
      Pattern.compile("(?m)^seine_agent_reconcile_seconds_(count|sum)(?:\\{[^}]*})? (\\S+)$");

  private record Clock(long count, double sum) {}

  /** A node whose agent sees so many services. */
  private static final class Cluster implements AutoCloseable {
    final int services;
    final AgentProcess agent;
    final List<Double> changes = new ArrayList<>();
    double firstSync;
    double synced;
    double changed;
    private final int[] generations;
    private final ListWatchServer server;
    private final TcpForwarder forwarder;

    Cluster(int services, SandboxSpec spec, SandboxNode node, SandboxView view) throws IOException {
      this.services = services;
      this.agent = node.agent();
      this.generations = new int[services];
      this.server = server(services, node);
      this.forwarder = TcpForwarder.start(node.namespace(), API_ON_NODE, server.address());
      agent.configure(AgentOptions.of(spec, node, view, API_ON_NODE));
    }

    @Override
    public void close() {
      agent.stop("TERM");
      forwarder.close();
      server.close();
    }
  }

  @Override
  public Report run(Progress progress) throws Exception {
    SandboxSpec spec =
        SandboxSpec.ofNodes(
            BenchSandbox.NAME,
            SIZES.length,
            SyntheticServices.POD_CIDR,
            SyntheticServices.SERVICE_CIDR);
    List<Cluster> clusters = new ArrayList<>();
    try (var sandbox = new BenchSandbox(spec.withoutAgents(), progress)) {
      try {
        for (int i = 0; i < SIZES.length; i++) {
          SandboxNode node = sandbox.view().nodes().get(i);
          clusters.add(new Cluster(SIZES[i], spec, node, sandbox.view()));
          synchronise(clusters.get(i), progress);
        }
        change(clusters, progress);
      } finally {
        clusters.forEach(Cluster::close);
      }
    }
    return report(clusters);
  }

  private static Report report(List<Cluster> clusters) {
    List<Measure> measures = new ArrayList<>();
    for (Cluster cluster : clusters) {
      measures.add(
          Measure.alone(
              "first sync, %d services".formatted(cluster.services),
              "ms",
              List.of(cluster.firstSync)));
    }
    Cluster smallest = clusters.getFirst();
    for (Cluster cluster : clusters) {
      String what = "one endpoint's change, %d services".formatted(cluster.services);
      measures.add(
          cluster == smallest
              ? Measure.alone(what, "ms", cluster.changes)
              : Measure.compared(
                  what,
                  "ms",
                  List.of(new Measure.Round(cluster.changes, smallest.changes)),
                  "at %d services".formatted(smallest.services),
                  SAME_COST));
    }
    for (Cluster cluster : clusters) {
      measures.add(
          Measure.alone(
                  "agent's memory after the first sync, %d services".formatted(cluster.services),
                  "MiB",
                  List.of(cluster.synced))
              .atMost(MOST_MIB));
      measures.add(
          Measure.alone("the same after the changes", "MiB", List.of(cluster.changed))
              .atMost(MOST_MIB));
    }
    return new Report(
        "services",
        List.of(
            "Services of one port and %d endpoints; one node and one agent for each size."
                .formatted(SyntheticServices.ENDPOINTS),
            "The API is a list-and-watch server made for this: the sandbox's embedded one would take",
            "longer to be filled than the agent to read.",
            "First sync: from the start of the agent's process until it is ready, the JVM's start included.",
            "A change: from the arrival of the API event in the agent to the switch's barrier reply, by the",
            "agent's clock; the sizes in turns, after %d others each.".formatted(WARM_UP),
            "Memory: VmRSS of the agent's JVM, with the flags that an installed agent has."),
        measures);
  }

  private static ListWatchServer server(int services, SandboxNode node) throws IOException {
    return new ListWatchServer(
        List.of(
            new Collection(
                "/api/v1/nodes",
                "v1",
                "Node",
                List.of(SyntheticServices.node(node.name(), node.podCidr(), node.address()))),
            new Collection("/api/v1/pods", "v1", "Pod", List.of()),
            new Collection(
                "/api/v1/services", "v1", "Service", SyntheticServices.services(services)),
            new Collection(
                SLICES,
                "discovery.k8s.io/v1",
                "EndpointSlice",
                SyntheticServices.slices(services))));
  }

  private static void synchronise(Cluster cluster, Progress progress) throws IOException {
    cluster.firstSync = firstSync(cluster.agent);
    if (!Waiting.until(ONE_CHANGE, () -> cluster.server.watching(SLICES) > 0)) {
      throw new IllegalStateException("the agent does not watch " + SLICES);
    }
    cluster.synced = residentMib(cluster.agent);
    progress.say(
        "%d services: in the switch after %.0f ms, %.0f MiB"
            .formatted(cluster.services, cluster.firstSync, cluster.synced));
  }

  private static void change(List<Cluster> clusters, Progress progress) throws Exception {
    Random random = new Random(1);
    for (int i = 0; i < WARM_UP + CHANGES; i++) {
      for (Cluster cluster : clusters) {
        double took = change(cluster, random.nextInt(cluster.services));
        if (i >= WARM_UP) {
          cluster.changes.add(took);
        }
      }
    }
    for (Cluster cluster : clusters) {
      cluster.changed = residentMib(cluster.agent);
      progress.say(
          "%d services: a change costs %.2f ms, %.0f MiB"
              .formatted(cluster.services, Statistics.median(cluster.changes), cluster.changed));
    }
  }

  /** One change of one service's endpoints; returns the milliseconds it took the agent. */
  private static double change(Cluster cluster, int service)
      throws IOException, InterruptedException {
    Clock before = clock(cluster.agent);
    int generation = ++cluster.generations[service];
    cluster.server.modified(SLICES, SyntheticServices.slice(service, generation));
    // Asking for the metrics is work for the agent, which is not to be measured with the change.
    Thread.sleep(UNDISTURBED);
    if (!Waiting.until(ONE_CHANGE, () -> clock(cluster.agent).count() > before.count())) {
      throw new IllegalStateException("the agent did not serve a change of service " + service);
    }
    Clock after = clock(cluster.agent);
    return (after.sum() - before.sum()) * 1e3 / (after.count() - before.count());
  }

  private static double firstSync(AgentProcess agent) throws IOException {
    long start = System.nanoTime();
    agent.start(JavaCommand.current());
    if (!Waiting.until(FIRST_SYNC, () -> agent.pid().isEmpty() || agent.isReady())
        || agent.pid().isEmpty()) {
      List<String> log = Files.readAllLines(agent.log());
      throw new IllegalStateException(
          "the agent did not get ready; its log ends with:%n%s"
              .formatted(String.join("\n", log.subList(Math.max(0, log.size() - 10), log.size()))));
    }
    return (System.nanoTime() - start) / 1e6;
  }

  private static Clock clock(AgentProcess agent) {
    long count = 0;
    double sum = 0;
    Matcher matcher = RECONCILED.matcher(agent.get("/metrics").body());
    while (matcher.find()) {
      double value = Double.parseDouble(matcher.group(2));
      if (matcher.group(1).equals("count")) {
        count = (long) value;
      } else {
        sum = value;
      }
    }
    return new Clock(count, sum);
  }

  private static double residentMib(AgentProcess agent) throws IOException {
    Path status = Path.of("/proc", Long.toString(agent.pid().orElseThrow()), "status");
    return Files.readAllLines(status).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToDouble(line -> Double.parseDouble(line.replaceAll("[^0-9]", "")) / 1024)
        .findFirst()
        .orElseThrow();
  }
}
