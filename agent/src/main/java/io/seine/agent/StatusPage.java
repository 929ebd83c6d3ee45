package io.seine.agent;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.seine.agent.config.AgentConfig;
import io.seine.agent.kube.InformerState;
import io.seine.ovsdb.Snapshot;
import io.seine.pipeline.LocalNode;
import io.seine.reconcile.DriftReport;
import io.seine.reconcile.Reconciler;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** {@code /status}: one JSON object for {@code seine status} and for people. */
final class StatusPage {
  private static final ObjectMapper JSON = new ObjectMapper();

  private StatusPage() {}

  /** Before the node is known. */
  static String starting(AgentConfig config, Health health) {
    Map<String, Object> page = new LinkedHashMap<>();
    page.put("node", config.nodeName());
    page.put("ready", false);
    page.put("missing", health.missing());
    return write(page);
  }

  static String of(NodeAgent agent) {
    Agent.Ground ground = agent.ground();
    Map<String, Object> page = new LinkedHashMap<>();
    List<String> missing = ground.health().missing();
    page.put("node", ground.node().name());
    page.put("ready", missing.isEmpty());
    page.put("missing", missing);
    page.put("network", network(ground));
    page.put("connections", connections(agent));
    page.put("switch", switchState(agent));
    page.put("addresses", addresses(agent));
    Map<String, Object> objects = new LinkedHashMap<>();
    objects.put("pods", agent.pods());
    objects.put("services", agent.counts().services());
    objects.put("nodes", agent.counts().peers());
    objects.put("problems", agent.counts().problems());
    objects.put("silentTunnels", agent.peers().silent().stream().sorted().toList());
    page.put("objects", objects);
    page.put("services", ServiceStatus.of(agent));
    page.put("policies", PolicyStatus.of(agent));
    page.put("memoryBytes", (long) ProcessMemory.residentBytes());
    List<Map<String, String>> errors = new ArrayList<>();
    agent
        .watch()
        .troubles()
        .forEach(t -> errors.add(Map.of("at", t.at().toString(), "text", t.text())));
    page.put("lastErrors", errors);
    return write(page);
  }

  private static Map<String, Object> network(Agent.Ground ground) {
    LocalNode node = ground.node();
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("address", node.nodeAddress().toString());
    map.put("podCidr", joined(node, n -> n.podCidr().toString()));
    map.put("gateway", joined(node, n -> n.gateway().toString()));
    map.put("serviceCidrs", node.serviceCidrs().stream().map(Object::toString).toList());
    map.put("mtu", ground.podMtu());
    map.put("bridge", ground.config().bridge());
    map.put("datapath", ground.datapathType());
    map.put("tunnel", ground.config().tunnelType().name().toLowerCase(Locale.ROOT));
    return map;
  }

  private static String joined(LocalNode node, Function<LocalNode.Network, String> text) {
    return node.networks().stream().map(text).collect(Collectors.joining(", "));
  }

  private static Map<String, Object> connections(NodeAgent agent) {
    Agent.Ground ground = agent.ground();
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("ovsdb", ground.ovsdb().connected());
    map.put("openflow", agent.switchConnected());
    map.put("openflowConnects", agent.openFlowConnects());
    map.put("apiServer", ground.api().address());
    Map<String, Object> api = new LinkedHashMap<>();
    for (InformerState.Report report : agent.informers()) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("synced", report.synced());
      one.put("objects", report.objects());
      one.put("error", report.error());
      api.put(report.kind(), one);
    }
    map.put("api", api);
    Snapshot database = ground.ovsdb().cache().snapshot();
    SwitchPorts.problem(database).ifPresent(problem -> map.put("portProblem", problem));
    return map;
  }

  private static Map<String, Object> switchState(NodeAgent agent) {
    Reconciler.Status status = agent.reconciler().status();
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("asWanted", status.ready());
    map.put("flowsWanted", status.entries());
    map.put("owners", status.owners());
    map.put("pending", status.pending());
    map.put("conflicts", status.conflicts());
    Map<String, String> refused = new LinkedHashMap<>();
    status.refused().forEach((owner, reason) -> refused.put(owner.toString(), reason));
    map.put("refused", refused);
    map.put("lastChange", agent.watch().lastCommit().map(Instant::toString).orElse(""));
    map.put("lastRestart", agent.watch().lastRestart().orElse(""));
    agent.watch().lastReport().ifPresent(report -> map.put("lastReport", report(report)));
    return map;
  }

  private static Map<String, Object> report(DriftReport report) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("cause", report.cause().name().toLowerCase(Locale.ROOT));
    map.put("at", report.at().toString());
    map.put("tookMs", report.took().toMillis());
    Map<String, Integer> counts = new LinkedHashMap<>();
    for (DriftReport.Kind kind : DriftReport.Kind.values()) {
      counts.put(kind.name().toLowerCase(Locale.ROOT), report.count(kind));
    }
    map.put("counts", counts);
    map.put("repaired", report.repaired());
    map.put("findings", report.findings().stream().map(Findings::line).toList());
    return map;
  }

  private static Map<String, Object> addresses(NodeAgent agent) {
    var usage = agent.addresses();
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("capacity", usage.capacity());
    map.put("used", usage.inUse());
    map.put("resting", usage.resting());
    return map;
  }

  private static String write(Map<String, Object> page) {
    try {
      return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(page) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("the status page cannot be written", e);
    }
  }
}
