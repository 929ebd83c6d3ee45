package io.seine.cli.bench;

import io.seine.cli.bench.CniPlugin.Container;
import io.seine.sandbox.CniPlugins;
import io.seine.sandbox.SandboxSpec;
import io.seine.sandbox.SandboxView;
import io.seine.sandbox.netns.Namespace;
import io.seine.sandbox.node.SandboxNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Whole-process times of the CNI executable against a running agent, beside Debian's {@code bridge}
 * with {@code host-local}, which does without an agent and without OpenFlow.
 */
final class CniBench implements Bench {
  private static final int FLOOR_PAIRS = 100;
  private static final int WARM_UP = 30;
  private static final int SERIAL_PAIRS = 100;
  private static final int ROUNDS_OF_TEN = 25;
  private static final int TEN = 10;
  private static final double TARGET = 1.5;
  private static final String PEER = "bridge+host-local";

  /** One plugin and the pods' namespaces that are its own. */
  private record Side(CniPlugin plugin, List<Container> containers) {
    <T> T onNode(java.util.concurrent.Callable<T> action) {
      return plugin.node().call(action);
    }
  }

  @Override
  public Report run(Progress progress) throws Exception {
    // Addresses rest for a second only: a run uses more of them than the node's share has.
    SandboxSpec spec =
        SandboxSpec.ofNodes(BenchSandbox.NAME, 1).withAgentOptions(Map.of("addressRest", "1s"));
    try (var sandbox = new BenchSandbox(spec, progress)) {
      SandboxView view = sandbox.view();
      Path directory = Files.createDirectory(view.layout().directory().resolve("bench"));
      Side seine = seine(view, directory);
      Side peer = peer(view, directory);
      CniLeaks leaks = CniLeaks.before(view.nodes().getFirst(), directory);
      return measure(seine, peer, leaks, progress);
    }
  }

  private static Report measure(Side seine, Side peer, CniLeaks leaks, Progress progress)
      throws Exception {
    List<Measure> measures = new ArrayList<>();
    measures.add(floor("VERSION", seine, peer));
    measures.add(floor("STATUS", seine, peer));
    boolean peerKnowsStatus =
        peer.onNode(() -> peer.plugin().call("STATUS", peer.containers().getFirst())).exit() == 0;
    progress.say("VERSION and STATUS done");
    List<Measure.Round> firstAdd = new ArrayList<>();
    firstAdd.add(inTurns(0, () -> one("ADD", seine), () -> one("ADD", peer)));
    for (Side side : List.of(seine, peer)) {
      CniLeaks.checkConnected(side.plugin(), side.containers().getFirst());
      var _ = one("DEL", side);
    }
    serial(seine, peer, WARM_UP, new ArrayList<>(), new ArrayList<>(), progress);
    List<Measure.Round> adds = new ArrayList<>();
    List<Measure.Round> dels = new ArrayList<>();
    serial(seine, peer, SERIAL_PAIRS, adds, dels, progress);
    measures.add(Measure.compared("ADD, one at a time", "ms", adds, PEER, TARGET));
    measures.add(Measure.compared("DEL, one at a time", "ms", dels, PEER, TARGET));
    List<Measure.Round> tenAdds = new ArrayList<>();
    List<Measure.Round> tenDels = new ArrayList<>();
    for (int round = 0; round < ROUNDS_OF_TEN; round++) {
      tenAdds.add(inTurns(round, () -> ten("ADD", seine), () -> ten("ADD", peer)));
      tenDels.add(inTurns(round, () -> ten("DEL", seine), () -> ten("DEL", peer)));
    }
    progress.say("ten at a time: " + ROUNDS_OF_TEN + " rounds done");
    measures.add(Measure.compared("ADD, ten at a time", "ms", tenAdds, PEER, TARGET));
    measures.add(Measure.compared("DEL, ten at a time", "ms", tenDels, PEER, TARGET));
    measures.add(Measure.beside("first ADD of the agent's life", "ms", firstAdd, PEER));
    leaks.check();
    return new Report(
        "cni",
        List.of(
            "Whole processes, from posix_spawn until waitpid, started inside the node's namespace.",
            "The agent had served %d ADDs before those counted.".formatted(WARM_UP + 1),
            peerKnowsStatus
                ? "The peer's STATUS is its own."
                : "The peer's version does not know STATUS: its time is that of refusing it.",
            "ADD gave an address and the gateway answered; after all DELs no device, OVS row or lease was left."),
        measures);
  }

  private static Measure floor(String command, Side seine, Side peer) throws Exception {
    List<Measure.Round> pairs = new ArrayList<>();
    for (int i = -FLOOR_PAIRS; i < FLOOR_PAIRS; i++) {
      Measure.Round pair =
          inTurns(
              i + FLOOR_PAIRS,
              () -> List.of(floor(command, seine)),
              () -> List.of(floor(command, peer)));
      if (i >= 0) { // those before warm the agent up
        pairs.add(pair);
      }
    }
    return Measure.compared(command, "ms", pairs, PEER, TARGET);
  }

  private static double floor(String command, Side side) {
    return side.onNode(() -> side.plugin().call(command, side.containers().getFirst()))
        .milliseconds();
  }

  private static void serial(
      Side seine,
      Side peer,
      int pairs,
      List<Measure.Round> adds,
      List<Measure.Round> dels,
      Progress progress)
      throws Exception {
    for (int i = 0; i < pairs; i++) {
      adds.add(inTurns(i, () -> one("ADD", seine), () -> one("ADD", peer)));
      dels.add(inTurns(i, () -> one("DEL", seine), () -> one("DEL", peer)));
    }
    progress.say("one at a time: " + pairs + " pairs done");
  }

  private static List<Double> one(String command, Side side) {
    return List.of(side.onNode(() -> side.plugin().checked(command, side.containers().getFirst())));
  }

  /** All ten at once; each process's own time. */
  private static List<Double> ten(String command, Side side) throws Exception {
    CyclicBarrier start = new CyclicBarrier(TEN);
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Double>> calls = new ArrayList<>();
      for (Container container : side.containers()) {
        calls.add(
            executor.submit(() ->
                side.onNode(() -> {
                  start.await();
                  return side.plugin().checked(command, container);
                })));
      }
      List<Double> times = new ArrayList<>();
      for (Future<Double> call : calls) {
        times.add(call.get());
      }
      return times;
    }
  }

  private interface Samples {
    List<Double> take() throws Exception;
  }

  /** Takes both, Seine first in every other round. */
  private static Measure.Round inTurns(int round, Samples seine, Samples peer) throws Exception {
    if (round % 2 == 0) {
      List<Double> first = seine.take();
      return new Measure.Round(first, peer.take());
    }
    List<Double> first = peer.take();
    return new Measure.Round(seine.take(), first);
  }

  private static Side seine(SandboxView view, Path directory) throws IOException {
    SandboxNode node = view.nodes().getFirst();
    String config =
        """
        {"cniVersion": "1.1.0", "name": "seine", "type": "seine-cni", "agentSocket": "%s"}
        """
            .formatted(node.agent().cniSocket());
    Path file = Files.writeString(directory.resolve("seine.conf"), config);
    return new Side(
        new CniPlugin("seine-cni", CniPlugins.find(), file, node.namespace(), directory),
        containers(view, "s"));
  }

  private static Side peer(SandboxView view, Path directory) throws IOException {
    String config =
        """
        {"cniVersion": "1.0.0", "name": "bench", "type": "bridge", "bridge": "cni0", "isGateway": true,
         "ipam": {"type": "host-local", "dataDir": "%s", "subnet": "10.200.0.0/24",
                  "routes": [{"dst": "0.0.0.0/0"}]}}
        """
            .formatted(CniLeaks.leases(directory));
    Path file = Files.writeString(directory.resolve("peer.conf"), config);
    Namespace node = Namespace.create(view.layout().namespacePrefix() + "peer");
    return new Side(
        new CniPlugin("bridge", Path.of("/usr/lib/cni/bridge"), file, node, directory),
        containers(view, "b"));
  }

  private static List<Container> containers(SandboxView view, String letter) {
    List<Container> containers = new ArrayList<>();
    for (int i = 0; i < TEN; i++) {
      String name = view.layout().podNamespacePrefix() + letter + i;
      containers.add(new Container(i, Namespace.create(name)));
    }
    return containers;
  }
}
