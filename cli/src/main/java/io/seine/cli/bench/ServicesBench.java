package io.seine.cli.bench;

import io.seine.cli.bench.ListWatchServer.Collection;
import io.seine.sandbox.AgentOptions;
import io.seine.sandbox.SandboxSpec;
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
  private static final int CHANGES = 300;
  private static final double MOST_MIB = 200;
  private static final double SAME_COST = 1.5;
  private static final String SLICES = "/apis/discovery.k8s.io/v1/endpointslices";

  /** Where the agent finds the server; 6443 is the sandbox's own. */
  private static final InetSocketAddress API_ON_NODE =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 6444);

  private static final Duration FIRST_SYNC = Duration.ofSeconds(60);
  private static final Duration ONE_CHANGE = Duration.ofSeconds(5);

  /** The agent's own clock: from the arrival of an API event to the switch's barrier reply. */
  private static final Pattern RECONCILED =
      Pattern.compile("(?m)^seine_agent_reconcile_seconds_(count|sum)(?:\\{[^}]*})? (\\S+)$");

  private record Size(
      int services, double firstSync, List<Double> changes, double synced, double changed) {}

  private record Clock(long count, double sum) {}

  @Override
  public Report run(Progress progress) throws Exception {
    List<Size> sizes = new ArrayList<>();
    for (int services : SIZES) {
      sizes.add(size(services, progress));
    }
    List<Measure> measures = new ArrayList<>();
    for (Size size : sizes) {
      measures.add(
          Measure.alone(
              "first sync, %d services".formatted(size.services()),
              "ms",
              List.of(size.firstSync())));
    }
    Size smallest = sizes.getFirst();
    for (Size size : sizes) {
      String what = "one endpoint's change, %d services".formatted(size.services());
      measures.add(
          size.equals(smallest)
              ? Measure.alone(what, "ms", size.changes())
              : Measure.compared(
                  what,
                  "ms",
                  List.of(new Measure.Round(size.changes(), smallest.changes())),
                  "at %d services".formatted(smallest.services()),
                  SAME_COST));
    }
    for (Size size : sizes) {
      measures.add(
          Measure.alone(
                  "agent's resident memory, %d services".formatted(size.services()),
                  "MiB",
                  List.of(size.synced(), size.changed()))
              .atMost(MOST_MIB));
    }
    return new Report(
        "services",
        List.of(
            "Services of one port and %d endpoints; the API is a list-and-watch server made for this, since the"
                .formatted(SyntheticServices.ENDPOINTS),
            "sandbox's embedded one would take longer to fill than the agent to read.",
            "First sync: from the start of the agent's process until it is ready, the JVM's start included.",
            "A change: from the arrival of the API event in the agent to the switch's barrier reply, by the agent's clock;",
            "after %d others, each of another service. Memory: VmRSS after the first sync, and after all changes."
                .formatted(WARM_UP)),
        measures);
  }

  private static Size size(int services, Progress progress) throws Exception {
    SandboxSpec spec =
        SandboxSpec.ofNodes(
            BenchSandbox.NAME, 1, SyntheticServices.POD_CIDR, SyntheticServices.SERVICE_CIDR);
    try (var sandbox = new BenchSandbox(spec.withoutAgents(), progress)) {
      SandboxNode node = sandbox.view().nodes().getFirst();
      try (var server = server(services, node);
          var _ = TcpForwarder.start(node.namespace(), API_ON_NODE, server.address())) {
        node.agent().configure(AgentOptions.of(spec, node, sandbox.view(), API_ON_NODE));
        double firstSync = firstSync(node.agent());
        double synced = residentMib(node.agent());
        progress.say(
            "%d services: in the switch after %.0f ms, %.0f MiB"
                .formatted(services, firstSync, synced));
        List<Double> changes = changes(services, server, node.agent());
        double changed = residentMib(node.agent());
        progress.say(
            "%d services: a change costs %.2f ms, %.0f MiB"
                .formatted(services, Statistics.median(changes), changed));
        return new Size(services, firstSync, changes, synced, changed);
      }
    }
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

  private static List<Double> changes(int services, ListWatchServer server, AgentProcess agent)
      throws IOException {
    if (!Waiting.until(ONE_CHANGE, () -> server.watching(SLICES) > 0)) {
      throw new IllegalStateException("the agent does not watch " + SLICES);
    }
    List<Double> times = new ArrayList<>();
    Random random = new Random(1);
    int[] generations = new int[services];
    for (int i = 0; i < WARM_UP + CHANGES; i++) {
      int service = random.nextInt(services);
      Clock before = clock(agent);
      server.modified(SLICES, SyntheticServices.slice(service, ++generations[service]));
      if (!Waiting.until(ONE_CHANGE, () -> clock(agent).count() > before.count())) {
        throw new IllegalStateException("the agent did not serve a change of service " + service);
      }
      Clock after = clock(agent);
      if (i >= WARM_UP) {
        times.add((after.sum() - before.sum()) * 1e3 / (after.count() - before.count()));
      }
    }
    return times;
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
