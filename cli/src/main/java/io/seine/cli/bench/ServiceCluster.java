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
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A node whose agent is given a load of services by an API server made for this. */
final class ServiceCluster implements AutoCloseable {
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

  private final ServiceLoad load;
  private final SandboxNode node;
  private final int[] generations;
  private final ListWatchServer server;
  private final TcpForwarder forwarder;

  ServiceCluster(ServiceLoad load, SandboxSpec spec, SandboxNode node, SandboxView view)
      throws IOException {
    this.load = load;
    this.node = node;
    this.generations = new int[load.changing()];
    this.server = server(load, node);
    this.forwarder = TcpForwarder.start(node.namespace(), API_ON_NODE, server.address());
    node.agent().configure(AgentOptions.of(spec, node, view, API_ON_NODE));
  }

  private static ListWatchServer server(ServiceLoad load, SandboxNode node) throws IOException {
    String self = SyntheticServices.node(node.name(), node.podCidr(), node.address());
    return new ListWatchServer(
        List.of(
            new Collection("/api/v1/nodes", "v1", "Node", List.of(self)),
            new Collection("/api/v1/pods", "v1", "Pod", List.of()),
            new Collection("/api/v1/namespaces", "v1", "Namespace", List.of()),
            new Collection(
                "/apis/networking.k8s.io/v1/networkpolicies",
                "networking.k8s.io/v1",
                "NetworkPolicy",
                List.of()),
            new Collection("/api/v1/services", "v1", "Service", load.services()),
            new Collection(SLICES, "discovery.k8s.io/v1", "EndpointSlice", load.slices())));
  }

  ServiceLoad load() {
    return load;
  }

  SandboxNode node() {
    return node;
  }

  AgentProcess agent() {
    return node.agent();
  }

  /** Starts the agent; returns the milliseconds until all services were in the switch. */
  double synchronise() throws IOException {
    long start = System.nanoTime();
    agent().start(JavaCommand.current());
    if (!Waiting.until(FIRST_SYNC, () -> agent().hasEnded() || agent().isReady())
        || agent().hasEnded()) {
      List<String> log = Files.readAllLines(agent().log());
      throw new IllegalStateException(
          "the agent did not get ready; its log ends with:%n%s"
              .formatted(String.join("\n", log.subList(Math.max(0, log.size() - 10), log.size()))));
    }
    double took = (System.nanoTime() - start) / 1e6;
    if (!Waiting.until(ONE_CHANGE, () -> server.watching(SLICES) > 0)) {
      throw new IllegalStateException("the agent does not watch " + SLICES);
    }
    return took;
  }

  /** One change of one slice; returns the milliseconds it took the agent. */
  double change(int slice) throws IOException, InterruptedException {
    Clock before = clock();
    server.modified(SLICES, load.changed(slice, ++generations[slice]));
    // Asking for the metrics is work for the agent, which is not to be measured with the change.
    Thread.sleep(UNDISTURBED);
    Clock after = awaitServed(before, slice);
    return (after.sum() - before.sum()) * 1e3 / (after.count() - before.count());
  }

  /** Gives services these endpoints in place of those they have; returns when it is so. */
  void serve(List<Integer> services, List<String> endpoints) throws IOException {
    for (int number : services) {
      Clock before = clock();
      int generation = ++generations[number];
      server.modified(SLICES, SyntheticServices.slice(number, 0, generation, endpoints));
      var _ = awaitServed(before, number);
    }
  }

  private Clock awaitServed(Clock before, int slice) {
    if (!Waiting.until(ONE_CHANGE, () -> clock().count() > before.count())) {
      throw new IllegalStateException("the agent did not serve a change of slice " + slice);
    }
    return clock();
  }

  private Clock clock() {
    long count = 0;
    double sum = 0;
    Matcher matcher = RECONCILED.matcher(agent().get("/metrics").body());
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

  @Override
  public void close() {
    agent().stop("TERM");
    forwarder.close();
    server.close();
  }
}
