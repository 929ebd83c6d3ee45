package io.seine.cli.bench;

import io.seine.agent.kube.NetworkPolicyInfo;
import io.seine.cli.bench.Measure.Round;
import io.seine.openflow.SwitchException;
import io.seine.reconcile.InstallException;
import io.seine.sandbox.SandboxSpec;
import io.seine.sandbox.node.NodeOvs;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.function.IntFunction;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/**
 * What policies cost: what those of a large cluster come to for one node, one label's change in
 * clusters of several sizes, many blocks of addresses, and the memory of an agent that knows all
 * pods.
 */
final class PolicyBench implements Bench {
  private static final int NAMESPACES = 25_000;
  private static final List<PolicyCluster> CLUSTERS =
      Stream.of(NAMESPACES / 10, NAMESPACES / 3, NAMESPACES).map(PolicyCluster::new).toList();
  private static final int COMPUTATIONS = 5;
  private static final int WARM_UP = 200;
  private static final int CHANGES = 300;
  private static final List<Integer> BLOCKS = List.of(5_000, 10_000, 15_000);
  private static final int BLOCK_ROUNDS = 5;
  private static final double SAME_COST = 1.1;

  /** Of the peer's own test, in its words: 6.10 s and 1626 MiB, 5.84 and 1522, 6.42 and 1708. */
  private static final List<Double> STATED_SECONDS = List.of(6.10, 5.84, 6.42);

  private static final List<Double> STATED_MIB = List.of(1626.0, 1522.0, 1708.0);
  private static final String STATED = "stated, other machine";

  @Override
  public Report run(Progress progress) throws Exception {
    List<Measure> measures = new ArrayList<>();
    computations(measures, progress);
    try (var sandbox =
        new BenchSandbox(SandboxSpec.ofNodes(BenchSandbox.NAME, 1).withoutAgents(), progress)) {
      NodeOvs ovs = sandbox.view().nodes().getFirst().ovs();
      changes(ovs, measures, progress);
      blocks(ovs, measures, progress);
    }
    measures.addAll(PolicyAgents.measure(progress));
    return new Report("policy", notes(), measures);
  }

  /** One computation of all. */
  private record Computation(double seconds, double most, double live, int flows) {
    static List<Double> of(List<Computation> all, ToDoubleFunction<Computation> figure) {
      return all.stream().map(figure::applyAsDouble).toList();
    }
  }

  private static void computations(List<Measure> measures, Progress progress) {
    PolicyCluster cluster = CLUSTERS.getLast();
    Computation first = compute(cluster, false);
    List<Computation> node = new ArrayList<>();
    List<Computation> all = new ArrayList<>();
    for (int i = 0; i < COMPUTATIONS; i++) {
      node.add(compute(cluster, false));
      all.add(compute(cluster, true));
      progress.say(
          "computed for a node in %.2f s, for all pods in %.2f s"
              .formatted(node.getLast().seconds(), all.getLast().seconds()));
    }
    String what =
        "%d pods, %d namespaces, %d policies"
            .formatted(cluster.pods(), cluster.namespaces(), cluster.policies());
    measures.add(Measure.alone(what + ": first in the JVM, a node", "s", List.of(first.seconds())));
    measures.add(stated("computed for a node", "s", node, Computation::seconds, STATED_SECONDS));
    measures.add(stated("  most heap meanwhile", "MiB", node, Computation::most, STATED_MIB));
    measures.add(Measure.alone("  live objects", "MiB", Computation.of(node, Computation::live)));
    measures.add(Measure.alone("  flows", "", Computation.of(node, Computation::flows)));
    measures.add(
        stated("computed for all pods at once", "s", all, Computation::seconds, STATED_SECONDS));
    measures.add(stated("  most heap meanwhile", "MiB", all, Computation::most, STATED_MIB));
    measures.add(Measure.alone("  live objects", "MiB", Computation.of(all, Computation::live)));
    measures.add(Measure.alone("  flows", "", Computation.of(all, Computation::flows)));
  }

  private static Measure stated(
      String what,
      String unit,
      List<Computation> all,
      ToDoubleFunction<Computation> figure,
      List<Double> stated) {
    return Measure.beside(
        what, unit, List.of(new Round(Computation.of(all, figure), stated)), STATED);
  }

  /**
   * @param everywhere whether for all pods of the cluster, as the peer does it
   */
  private static Computation compute(PolicyCluster cluster, boolean everywhere) {
    double before = HeapWatch.live();
    var computation = new PolicyComputation();
    try (var heap = new HeapWatch()) {
      long start = System.nanoTime();
      var owners =
          computation.compute(cluster, everywhere ? cluster.allPodsAsLocal() : cluster.localPods());
      int flows = PolicyComputation.flows(owners);
      double took = (System.nanoTime() - start) / 1e9;
      int wanted = everywhere ? cluster.pods() : PolicyCluster.PODS_OF_A_NODE;
      if (computation.counts().subjects() != wanted) {
        throw new IllegalStateException("policies were not found for all pods");
      }
      owners.clear();
      double live = HeapWatch.live() - before;
      return new Computation(took, heap.most() - before, live, flows);
    }
  }

  /** A node of a cluster, with all its policies' flows in a switch. */
  private record Node(
      PolicyCluster cluster,
      PolicyComputation computation,
      PolicySwitch bridge,
      List<Double> took,
      List<Double> flows) {}

  private static void changes(NodeOvs ovs, List<Measure> measures, Progress progress)
      throws SwitchException, InstallException, InterruptedException {
    List<Node> nodes = new ArrayList<>();
    try {
      for (PolicyCluster cluster : CLUSTERS) {
        var computation = new PolicyComputation();
        var bridge = PolicySwitch.create(ovs, "br-" + nodes.size());
        nodes.add(new Node(cluster, computation, bridge, new ArrayList<>(), new ArrayList<>()));
        int sent = bridge.install(computation.compute(cluster, cluster.localPods()));
        progress.say("%s: %d flows in the switch".formatted(cluster.label(), sent));
      }
      for (int i = 0; i < WARM_UP + CHANGES; i++) {
        for (Node node : nodes) {
          change(node, i);
        }
      }
    } finally {
      nodes.forEach(node -> node.bridge().close());
    }
    Node smallest = nodes.getFirst();
    for (Node node : nodes) {
      String what = "one pod's label, of " + node.cluster().label();
      measures.add(
          node.equals(smallest)
              ? Measure.alone(what, "ms", node.took())
              : Measure.compared(
                  what,
                  "ms",
                  List.of(new Round(node.took(), smallest.took())),
                  "of " + smallest.cluster().label(),
                  SAME_COST));
      measures.add(Measure.alone("  flows added and removed", "", node.flows()));
    }
  }

  private static void change(Node node, int round) throws InstallException, InterruptedException {
    int pod = round % PolicyCluster.PODS_OF_A_NODE;
    boolean changed = round / PolicyCluster.PODS_OF_A_NODE % 2 == 0;
    var label = node.cluster().relabelledNeighbour(pod, changed);
    long start = System.nanoTime();
    int flows = node.bridge().install(node.computation().put(label));
    double took = (System.nanoTime() - start) / 1e6;
    if (flows == 0) {
      throw new IllegalStateException("the change of a label changed no flow");
    }
    if (round >= WARM_UP) {
      node.took().add(took);
      node.flows().add((double) flows);
    }
  }

  private static void blocks(NodeOvs ovs, List<Measure> measures, Progress progress)
      throws SwitchException, InstallException, InterruptedException {
    var computation = new PolicyComputation();
    try (var bridge = PolicySwitch.create(ovs, "br-blocks")) {
      var _ = bridge.install(computation.connect(BlockPolicies.pod(), BlockPolicies.port()));
      blocks("in one rule", BlockPolicies::oneRule, computation, bridge, measures, progress);
      blocks("in a rule each", BlockPolicies::rules, computation, bridge, measures, progress);
    }
  }

  private static void blocks(
      String how,
      IntFunction<NetworkPolicyInfo> policy,
      PolicyComputation computation,
      PolicySwitch bridge,
      List<Measure> measures,
      Progress progress)
      throws InstallException, InterruptedException {
    var took = new TreeMap<Integer, List<Double>>();
    var flows = new TreeMap<Integer, Integer>();
    for (int round = 0; round <= BLOCK_ROUNDS; round++) {
      for (int count : BLOCKS) {
        var blocks = policy.apply(count);
        long start = System.nanoTime();
        flows.put(count, bridge.install(computation.put(blocks)));
        double ms = (System.nanoTime() - start) / 1e6;
        if (round > 0) {
          took.computeIfAbsent(count, c -> new ArrayList<>()).add(ms);
        }
        var _ = bridge.install(computation.remove(BlockPolicies.POLICY));
      }
    }
    took.forEach((count, samples) -> {
      int changes = flows.getOrDefault(count, 0);
      measures.add(
          Measure.alone(
              "%d CIDRs %s: %d flows in the switch".formatted(count, how, changes), "ms", samples));
      progress.say(
          "%d CIDRs %s in the switch after %.0f ms"
              .formatted(count, how, Statistics.median(samples)));
    });
  }

  private static List<String> notes() {
    return List.of(
        "The cluster: namespaces of four pods and three policies (the shapes of the peer's test), a hundred pods",
        "a node. Computed: from what the agent keeps of the API's objects to the flows of one node's pods. The peer",
        "computes for all nodes in one controller, which hands the agents groups of addresses to make flows of: beside it also what it",
        "takes for all pods at once. Its figures are those that its test states, of another machine: no comparison of like with like.",
        "Most heap: in use, garbage and all, looked at every 50 ms (the peer: every 500 ms), less what the benchmark had before;",
        "a JVM with room lets garbage lie. Live objects after a full collection.",
        "One pod's label: the pod of another node joins, and leaves, those who may reach a pod of this node; from the record to the",
        "switch's barrier reply, the sizes in turns, after %d others each.".formatted(WARM_UP),
        "CIDRs: a policy for one pod, from the record to the barrier reply, in one bundle; median of %d rounds."
            .formatted(BLOCK_ROUNDS),
        "Agent's memory: VmRSS of its JVM, with the flags that an installed agent has, when it is ready; the API is a list-and-watch server",
        "made for this, with whole objects.");
  }
}
