package io.seine.sandbox;

import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.seine.agent.config.ConfigReader;
import io.seine.agent.facts.ClusterFacts;
import io.seine.agent.facts.FactsLoader;
import io.seine.agent.kube.Api;
import io.seine.openflow.Family;
import io.seine.openflow.Ip;
import io.seine.openflow.OvsText;
import io.seine.openflow.connection.OpenFlowConnection;
import io.seine.pipeline.Addresses;
import io.seine.pipeline.FlowSet;
import io.seine.pipeline.GroupIds;
import io.seine.pipeline.LocalPod;
import io.seine.pipeline.Owner;
import io.seine.pipeline.Table;
import io.seine.pipeline.explain.TracedPacket;
import io.seine.reconcile.Diff;
import io.seine.reconcile.DriftReport.Finding;
import io.seine.reconcile.DriftReport.Item;
import io.seine.sandbox.node.SandboxNode;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What decides on the packets from one pod to another, layer by layer: what the datapath has
 * cached, what is tracked, what the flows say, and whether those are what the API asks for. To be
 * read while an answer is wrong, since the next change may put it right.
 */
final class PacketEvidence {
  private static final String BRIDGE = "br-int";
  private static final int LOG_LINES = 40;
  private static final Pattern TABLE = Pattern.compile(" table=(\\d+),");

  /**
   * A question with a wrong answer.
   *
   * @param what was asked, expected and found
   * @param from the node of the pod that asks
   * @param to the node of the pod that is asked
   */
  record Asked(
      String what,
      SandboxNode from,
      Ip source,
      SandboxNode to,
      Ip destination,
      TracedPacket.Payload payload) {}

  private interface Part {
    String text() throws Exception;
  }

  private final StringBuilder out = new StringBuilder();
  private final Asked asked;

  private PacketEvidence(Asked asked) {
    this.asked = asked;
  }

  /** All of it as text; in the place of what cannot be read stands why. */
  static String of(SandboxView view, Asked asked) {
    PacketEvidence evidence = new PacketEvidence(asked);
    evidence.collect(view);
    return evidence.out.toString();
  }

  private void collect(SandboxView view) {
    out.append("==== ").append(asked.what()).append('\n');
    List<SandboxNode> nodes =
        asked.from().name().equals(asked.to().name())
            ? List.of(asked.to())
            : List.of(asked.to(), asked.from());
    // What is cached first: it goes soonest.
    for (SandboxNode node : nodes) {
      part(node, "cached flows", () -> node.ovs().appctl("dpctl/dump-flows", "-m"));
      part(node, "tracked", () -> between(node.ovs().appctl("dpctl/dump-conntrack")));
    }
    try (Api api =
        new Api(
            new KubernetesClientBuilder().withConfig(view.client().getConfiguration()).build())) {
      for (SandboxNode node : nodes) {
        part(node, "what the flows do", () -> trace(api, node));
        part(node, "other than the API asks for", () -> differences(facts(api, node), node));
      }
    }
    for (SandboxNode node : nodes) {
      part(node, "flows of policies", () -> policyFlows(node));
      part(node, "status", () -> node.agent().get("/status").body());
      part(node, "agent", () -> LogTail.of(node.agent().log(), LOG_LINES));
    }
  }

  private void part(SandboxNode node, String name, Part part) {
    out.append("---- ").append(node.name()).append(": ").append(name).append('\n');
    try {
      out.append(part.text()).append('\n');
    } catch (Exception e) {
      out.append("(not known: ").append(e).append(")\n");
    }
  }

  private String between(String tracked) {
    return lines(tracked, line -> has(line, asked.source()) && has(line, asked.destination()));
  }

  private static boolean has(String line, Ip address) {
    return line.contains("=" + address + ",");
  }

  private static String lines(String text, java.util.function.Predicate<String> which) {
    return text.lines().filter(which).collect(Collectors.joining("\n"));
  }

  private static String policyFlows(SandboxNode node) {
    return lines(
        node.ovs().ofctl("-O", "OpenFlow15", "dump-flows", BRIDGE),
        line -> {
          Matcher table = TABLE.matcher(line);
          return table.find() && isOfPolicies(Integer.parseInt(table.group(1)));
        });
  }

  private static boolean isOfPolicies(int table) {
    return (table >= Table.EGRESS_POLICY.number() && table <= Table.EGRESS_BASELINE.number())
        || (table >= Table.INGRESS_POLICY.number() && table <= Table.COMMIT.number());
  }

  private static ClusterFacts facts(Api api, SandboxNode node) throws Exception {
    return FactsLoader.load(
        api, ConfigReader.read(node.agent().configFile(), name -> ""), NodeDatabase.read(node));
  }

  private static String differences(ClusterFacts facts, SandboxNode node) throws Exception {
    Map<Owner, FlowSet> wanted = facts.compile(new GroupIds());
    try (OpenFlowConnection connection =
        OpenFlowConnection.connect(node.ovs().directory().resolve(BRIDGE + ".mgmt"))) {
      List<Finding> findings =
          Diff.between(wanted, connection.dumpFlows(), connection.dumpGroups()).all(wanted);
      return findings.stream().map(PacketEvidence::line).collect(Collectors.joining("\n"));
    }
  }

  private static String line(Finding finding) {
    String owner = finding.owner().map(Owner::toString).orElse("-");
    return finding.item() instanceof Item.OfFlow flow
        ? "%s %s %s"
            .formatted(
                finding.kind(), owner, OvsText.of(flow.wanted().or(flow::actual).orElseThrow()))
        : "%s %s %s".formatted(finding.kind(), owner, finding.item());
  }

  /** What the switch would do with the first packet of another such connection. */
  private String trace(Api api, SandboxNode node) throws Exception {
    ClusterFacts here = facts(api, node);
    TracedPacket packet =
        node.name().equals(asked.from().name())
            ? leaving(here)
            : arriving(here, facts(api, asked.from()));
    return node.ovs().appctl("ofproto/trace", BRIDGE, packet.text());
  }

  private TracedPacket leaving(ClusterFacts here) {
    LocalPod source = at(here, asked.source());
    boolean neighbour =
        asked.to().name().equals(asked.from().name())
            && asked.destination().family() == Family.IPV4;
    return new TracedPacket(
        source.ofport(),
        source.mac(),
        neighbour ? at(here, asked.destination()).mac() : here.node().gatewayMac(),
        asked.source(),
        asked.destination(),
        asked.payload());
  }

  private TracedPacket arriving(ClusterFacts here, ClusterFacts there) {
    int tunnel = here.node().tunnelPort();
    return new TracedPacket(
            tunnel,
            there.node().gatewayMac(),
            Addresses.ROUTER_MAC,
            asked.source(),
            asked.destination(),
            asked.payload())
        .by(tunnel, new TracedPacket.Tunnel(there.node().nodeAddress(), here.node().nodeAddress()));
  }

  private static LocalPod at(ClusterFacts facts, Ip address) {
    return facts.pods().stream()
        .filter(pod -> pod.addresses().contains(address))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("no port has " + address));
  }
}
