package io.seine.cli.bench;

import io.seine.openflow.Change;
import io.seine.openflow.OvsText;
import io.seine.openflow.SwitchException;
import io.seine.openflow.connection.OpenFlowConnection;
import io.seine.sandbox.SandboxSpec;
import io.seine.sandbox.node.NodeOvs;
import io.seine.sandbox.process.Commands;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * So many flows in one atomic bundle, beside {@code ovs-ofctl --bundle add-flows} of the same
 * flows, into the same switch in turns. The table is empty at the start of each.
 */
final class FlowsBench implements Bench {
  private static final int FLOWS = 100_000;
  private static final int PAIRS = 7;
  private static final String BRIDGE = "br-bench";

  @Override
  public Report run(Progress progress) throws Exception {
    List<Change> changes = RealisticFlows.of(FLOWS);
    try (var sandbox =
        new BenchSandbox(SandboxSpec.ofNodes(BenchSandbox.NAME, 1).withoutAgents(), progress)) {
      NodeOvs ovs = sandbox.view().nodes().getFirst().ovs();
      ovs.vsctl(
          "--",
          "add-br",
          BRIDGE,
          "--",
          "set",
          "bridge",
          BRIDGE,
          "datapath_type=netdev",
          "protocols=OpenFlow15",
          "fail_mode=secure");
      Path file = write(changes, sandbox.view().layout().directory().resolve("flows.txt"));
      return measure(ovs, changes, file, progress);
    }
  }

  private static Report measure(NodeOvs ovs, List<Change> changes, Path file, Progress progress)
      throws SwitchException {
    List<Measure.Round> first = new ArrayList<>();
    List<Measure.Round> pairs = new ArrayList<>();
    for (int pair = 0; pair <= PAIRS; pair++) {
      boolean seineFirst = pair % 2 == 0;
      double seine = seineFirst ? commit(ovs, changes) : 0;
      double ofctl = addFlows(ovs, file);
      seine = seineFirst ? seine : commit(ovs, changes);
      (pair == 0 ? first : pairs).add(Measure.Round.of(seine, ofctl));
      progress.say(
          "pair %d of %d: %.0f ms, ovs-ofctl %.0f ms".formatted(pair, PAIRS, seine, ofctl));
    }
    String peer = "ovs-ofctl --bundle add-flows";
    return new Report(
        "flows",
        List.of(
            FLOWS
                + " flows in one bundle, from the call or the process's start to the word of the switch.",
            "Seine: encoding of flow objects, sending, the switch's work; in a running JVM.",
            "ovs-ofctl: start of the process, parsing of a file, encoding, sending, the switch's work.",
            "The first pair, in a JVM that has encoded nothing yet, is apart."),
        List.of(
            Measure.compared("bundle of " + FLOWS + " flows", "ms", pairs, peer, 1.0),
            Measure.beside("the same, first in the JVM", "ms", first, peer)));
  }

  private static double commit(NodeOvs ovs, List<Change> changes) throws SwitchException {
    try (OpenFlowConnection connection =
        OpenFlowConnection.connect(ovs.directory().resolve(BRIDGE + ".mgmt"))) {
      long start = System.nanoTime();
      connection.commit(changes);
      double took = (System.nanoTime() - start) / 1e6;
      empty(ovs);
      return took;
    }
  }

  private static double addFlows(NodeOvs ovs, Path file) {
    long start = System.nanoTime();
    ofctl(ovs, "--bundle", "add-flows", BRIDGE, file.toString());
    double took = (System.nanoTime() - start) / 1e6;
    empty(ovs);
    return took;
  }

  /** Checks that all flows are there, and removes them. */
  private static void empty(NodeOvs ovs) {
    String counted = ofctl(ovs, "dump-aggregate", BRIDGE);
    if (!counted.contains("flow_count=" + FLOWS)) {
      throw new IllegalStateException(
          "the switch should hold " + FLOWS + " flows, but says: " + counted.strip());
    }
    ofctl(ovs, "del-flows", BRIDGE);
  }

  private static String ofctl(NodeOvs ovs, String... arguments) {
    List<String> argv = new ArrayList<>(List.of("ovs-ofctl", "-O", "OpenFlow15"));
    argv.addAll(List.of(arguments));
    return Commands.checkWith(ovs.environment(), "", argv);
  }

  private static Path write(List<Change> changes, Path file) throws IOException {
    try (BufferedWriter writer = Files.newBufferedWriter(file)) {
      for (Change change : changes) {
        // "flow add cookie=..., table=..." is the form of ovs-ofctl bundle; add-flows takes the
        // rest.
        writer.write(OvsText.of(change).substring("flow add ".length()));
        writer.write('\n');
      }
    }
    return file;
  }
}
