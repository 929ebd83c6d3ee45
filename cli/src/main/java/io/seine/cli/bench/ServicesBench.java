package io.seine.cli.bench;

import io.seine.cli.bench.Measure.Round;
import io.seine.sandbox.SandboxSpec;
import io.seine.sandbox.SandboxView;
import io.seine.sandbox.node.Cidr;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Nodes with few and with many services, and one with a service of many endpoints: how long until
 * all are in the switch, what one endpoint's change costs then, how much memory the agent has, and
 * what connections through a service cost; beside the same services as rules of nftables.
 */
final class ServicesBench implements Bench {
  private static final List<ServiceLoad.Many> SIZES =
      List.of(new ServiceLoad.Many(10), new ServiceLoad.Many(1_000), new ServiceLoad.Many(10_000));
  private static final ServiceLoad LARGE = new ServiceLoad.One(5_000);

  private static final int WARM_UP = 100;
  private static final int CHANGES = 200;
  private static final int PEER_CHANGES = 5;
  private static final double MOST_MIB = 200;
  private static final double SAME_COST = 1.1;

  /** One load's figures, in milliseconds but for the memory. */
  private record Outcome(
      ServiceCluster cluster,
      double firstSync,
      AgentMemory synced,
      List<Double> changes,
      List<AgentMemory> changed) {
    String label() {
      return cluster.load().label();
    }
  }

  /** The peer with one load; figures in milliseconds. */
  private record PeerOutcome(RoutedNode node, double load, List<Double> changes) {}

  @Override
  public Report run(Progress progress) throws Exception {
    SandboxSpec spec =
        SandboxSpec.ofNodes(
            BenchSandbox.NAME,
            SIZES.size() + 1,
            SyntheticServices.POD_CIDR,
            SyntheticServices.SERVICE_CIDR);
    List<Outcome> outcomes = new ArrayList<>();
    List<Measure> measures = new ArrayList<>();
    int lost;
    try (var sandbox = new BenchSandbox(spec.withoutAgents(), progress)) {
      SandboxView view = sandbox.view();
      try {
        for (ServiceLoad load : loads()) {
          outcomes.add(synchronise(load, spec, view, outcomes.size(), progress));
        }
        change(outcomes, progress);
        List<PeerOutcome> peers = peers(view, progress);
        measures.addAll(programming(outcomes, peers));
        measures.addAll(memory(outcomes));
        List<ServiceTraffic.Size> sizes = new ArrayList<>();
        try (var listeners = new Listeners()) {
          for (int i = 0; i < SIZES.size(); i++) {
            sizes.add(connect(outcomes.get(i).cluster(), peers.get(i), view, listeners));
          }
          progress.say("all services that get traffic answer");
          ServiceTraffic.measure(sizes, progress);
        }
        measures.addAll(TrafficMeasures.of(sizes.stream().map(ServicesBench::rounds).toList()));
        lost = sizes.stream().mapToInt(size -> size.seine().lost() + size.peer().lost()).sum();
      } finally {
        outcomes.forEach(outcome -> outcome.cluster().close());
      }
    }
    return new Report("services", notes(lost), measures);
  }

  private static List<ServiceLoad> loads() {
    List<ServiceLoad> loads = new ArrayList<>(SIZES);
    loads.add(LARGE);
    return loads;
  }

  private static Outcome synchronise(
      ServiceLoad load, SandboxSpec spec, SandboxView view, int number, Progress progress)
      throws IOException {
    var cluster = new ServiceCluster(load, spec, view.nodes().get(number), view);
    try {
      double took = cluster.synchronise();
      AgentMemory memory = AgentMemory.of(cluster.agent());
      progress.say(
          "%s: in the switch after %.0f ms, %.0f MiB"
              .formatted(load.label(), took, memory.resident()));
      return new Outcome(cluster, took, memory, new ArrayList<>(), new ArrayList<>());
    } catch (IOException | RuntimeException e) {
      cluster.close();
      throw e;
    }
  }

  private static void change(List<Outcome> outcomes, Progress progress) throws Exception {
    Random random = new Random(1);
    for (int i = 0; i < WARM_UP + CHANGES; i++) {
      for (Outcome outcome : outcomes) {
        ServiceCluster cluster = outcome.cluster();
        double took = cluster.change(random.nextInt(cluster.load().changing()));
        if (i >= WARM_UP) {
          outcome.changes().add(took);
        }
      }
    }
    for (Outcome outcome : outcomes) {
      outcome.changed().add(AgentMemory.of(outcome.cluster().agent()));
      progress.say(
          "%s: a change costs %.2f ms, %.0f MiB"
              .formatted(
                  outcome.label(),
                  Statistics.median(outcome.changes()),
                  outcome.changed().getFirst().resident()));
    }
  }

  private static List<PeerOutcome> peers(SandboxView view, Progress progress) throws Exception {
    List<PeerOutcome> peers = new ArrayList<>();
    for (int i = 0; i < SIZES.size(); i++) {
      ServiceLoad.Many load = SIZES.get(i);
      Cidr podCidr = Cidr.parse(view.nodes().get(i).podCidr());
      RoutedNode node = RoutedNode.create(view, load, podCidr);
      double took = node.load();
      peers.add(new PeerOutcome(node, took, new ArrayList<>()));
      progress.say("%s as rules of nftables after %.0f ms".formatted(load.label(), took));
    }
    for (int i = 0; i < PEER_CHANGES; i++) {
      for (PeerOutcome peer : peers) {
        peer.changes().addAll(peer.node().change());
      }
    }
    return peers;
  }

  /** Connects pods and gives them to services, on the node and on its peer. */
  private static ServiceTraffic.Size connect(
      ServiceCluster cluster, PeerOutcome peer, SandboxView view, Listeners listeners)
      throws IOException {
    if (!(cluster.load() instanceof ServiceLoad.Many load)) {
      throw new IllegalArgumentException(cluster.load().label() + " gets no traffic");
    }
    BenchPods pods = CniPods.connect(view, cluster.node());
    cluster.serve(load.served(), pods.serverAddresses());
    BenchPods peerPods = peer.node().pods();
    listeners.listen(pods.servers(), SyntheticServices.TARGET_PORT);
    listeners.listen(peerPods.servers(), SyntheticServices.TARGET_PORT);
    var ovs = cluster.node().ovs();
    var seine =
        new TrafficSide(
            pods,
            load.served(),
            () -> {
              var _ = ovs.appctl("revalidator/purge");
            });
    // The kernel remembers no ways of packets between connections.
    var beside = new TrafficSide(peerPods, load.served(), () -> {});
    seine.check();
    beside.check();
    return new ServiceTraffic.Size(load.count(), seine, beside);
  }

  private static TrafficMeasures.Rounds rounds(ServiceTraffic.Size size) {
    return new TrafficMeasures.Rounds(size.services(), size.seineRounds(), size.peerRounds());
  }

  private static List<Measure> programming(List<Outcome> outcomes, List<PeerOutcome> peers) {
    List<Measure> measures = new ArrayList<>();
    for (int i = 0; i < outcomes.size(); i++) {
      Outcome outcome = outcomes.get(i);
      String what = "first sync, " + outcome.label();
      measures.add(
          i < peers.size()
              ? Measure.beside(
                  what,
                  "ms",
                  List.of(Round.of(outcome.firstSync(), peers.get(i).load())),
                  TrafficMeasures.PEER)
              : Measure.alone(what, "ms", List.of(outcome.firstSync())));
    }
    for (int i = 0; i < peers.size(); i++) {
      measures.add(
          Measure.beside(
              "one endpoint's change, " + outcomes.get(i).label(),
              "ms",
              List.of(new Round(outcomes.get(i).changes(), peers.get(i).changes())),
              TrafficMeasures.PEER));
    }
    Outcome smallest = outcomes.getFirst();
    for (Outcome outcome : outcomes.subList(1, outcomes.size())) {
      Measure measure =
          Measure.beside(
              "one endpoint's change, " + outcome.label(),
              "ms",
              List.of(new Round(outcome.changes(), smallest.changes())),
              "with " + smallest.label());
      boolean alike = outcome.cluster().load() instanceof ServiceLoad.Many;
      measures.add(alike ? measure.aiming(Target.ratioAtMost(SAME_COST)) : measure);
    }
    return measures;
  }

  private static List<Measure> memory(List<Outcome> outcomes) {
    List<Measure> measures = new ArrayList<>();
    for (Outcome outcome : outcomes) {
      AgentMemory changed = outcome.changed().getFirst();
      measures.add(
          Measure.alone(
                  "agent's memory after the first sync, " + outcome.label(),
                  "MiB",
                  List.of(outcome.synced().resident()))
              .atMost(MOST_MIB));
      measures.add(
          Measure.alone("  the same after the changes", "MiB", List.of(changed.resident()))
              .atMost(MOST_MIB));
      measures.add(Measure.alone("  of which live objects", "MiB", List.of(changed.heap())));
    }
    return measures;
  }

  private static List<String> notes(int lost) {
    return List.of(
        "Services of one port and %d endpoints; one node and one agent for each size."
            .formatted(ServiceLoad.Many.ENDPOINTS),
        "The API is a list-and-watch server made for this: the sandbox's embedded one would take",
        "longer to be filled than the agent to read.",
        "First sync: from the start of the agent's process until it is ready, the JVM's start included.",
        "A change: from the arrival of the API event in the agent to the switch's barrier reply, by the",
        "agent's clock; the sizes in turns, after %d others each.".formatted(WARM_UP),
        "Memory: VmRSS of the agent's JVM, with the flags that an installed agent has; live objects after a",
        "full collection.",
        "The peer: pods by veth and kernel routing, the same services as rules of nftables in the layout of",
        "kube-proxy's nftables mode. Its first sync is the time of `nft -f` alone, in transactions of %d services"
            .formatted(RoutedNode.SERVICES_IN_A_TRANSACTION),
        "(one of 10 000 takes minutes); its change is one `nft -f`, with the start of that process.",
        "Connections: TCP, made and closed, %d clients in %d pods of the node to %d pods of the node, the service's"
            .formatted(BenchPods.CLIENTS * Connector.AT_ONCE, BenchPods.CLIENTS, BenchPods.SERVERS),
        "endpoints; source ports never come again. The peer's packets never leave the kernel, Seine's go",
        "through Open vSwitch in user space: compare the ratios to the direct way, each on its own datapath.",
        "Connecting where all is cold: connect(2) to a service just after the switch forgot all its megaflows",
        "(the kernel has none to forget).",
        "Ratios are medians over rounds in which all sizes and both peers took turns.",
        "Connections whose first packet had to be sent again: %d.".formatted(lost));
  }
}
