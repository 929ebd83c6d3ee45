package io.seine.sandbox.replay;

import io.seine.agent.verdict.Connection;
import io.seine.agent.verdict.Direction;
import io.seine.agent.verdict.Effect;
import io.seine.agent.verdict.Transport;
import io.seine.openflow.Family;
import io.seine.openflow.Ip;
import io.seine.openflow.Mac;
import io.seine.openflow.Ports;
import io.seine.openflow.testing.OvsInstance;
import io.seine.pipeline.Addresses;
import io.seine.pipeline.FlowSet;
import io.seine.pipeline.LocalPod;
import io.seine.pipeline.ServiceFact.Protocol;
import io.seine.pipeline.Table;
import io.seine.pipeline.ToAgent;
import io.seine.pipeline.explain.Trace;
import io.seine.pipeline.explain.TracedPacket;
import io.seine.reconcile.InstallException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * Asks a real Open vSwitch, one bridge for each node, what it would do with the first packet of
 * each connection: at the node where it comes from, and where it goes by the tunnel, at the other.
 */
final class TraceExecutor implements Executor {
  private static final int CLIENT_PORT = 40_000;

  private final OvsInstance ovs = OvsInstance.start();
  private final UnaryOperator<FlowSet> compiler;
  private final Map<Integer, TraceBridge> bridges = new HashMap<>();
  private final Map<String, TraceNode> nodes = new LinkedHashMap<>();
  private final Map<String, TraceBridge> bridgeOf = new HashMap<>();
  private AddressBook addresses = new AddressBook(Map.of(), Map.of());
  private Scene scene = Scene.EMPTY;
  private int made;
  private long traces;

  TraceExecutor() {
    this(UnaryOperator.identity());
  }

  /** One whose policies' flows are not what they should be. */
  TraceExecutor(UnaryOperator<FlowSet> compiler) {
    this.compiler = compiler;
  }

  @Override
  public void begin(Case next) throws Exception {
    addresses = AddressBook.of(next);
    scene = next.start();
    nodes.clear();
    bridgeOf.clear();
    for (String name : scene.nodes().keySet()) {
      int number = nodes.size() + 1;
      TraceBridge bridge = bridges.get(number);
      if (bridge == null) {
        made++;
        bridge = new TraceBridge(ovs, "tr" + made);
        bridges.put(number, bridge);
      }
      TraceNode node = new TraceNode(name, addresses, next.isolateNamespaces(), scene, compiler);
      nodes.put(name, node);
      bridgeOf.put(name, bridge);
      bridge.havePorts(node.ports());
      try {
        bridge.become(node.take());
      } catch (InstallException e) {
        startAnew();
        throw e;
      }
    }
  }

  /** What a bridge has refused would be tried again with all that comes after. */
  private void startAnew() {
    bridges.values().forEach(TraceBridge::close);
    bridges.clear();
  }

  @Override
  public boolean seesDryRuns() {
    return true;
  }

  @Override
  public Map<Probe, Finding> perform(Step step) throws Exception {
    for (Change change : step.changes()) {
      Scene after = scene.after(change);
      for (TraceNode node : nodes.values()) {
        node.change(change, scene, after);
      }
      scene = after;
    }
    for (Map.Entry<String, TraceNode> node : nodes.entrySet()) {
      TraceBridge bridge = bridge(node.getKey());
      bridge.havePorts(node.getValue().ports());
      try {
        bridge.change(node.getValue().take());
      } catch (InstallException e) {
        startAnew();
        throw e;
      }
    }
    Route route = new Route(scene, addresses);
    Map<Probe, Finding> findings = new HashMap<>();
    for (Probe probe : step.probes()) {
      boolean allowed = true;
      List<Ruling> rulings = new ArrayList<>();
      for (Connection connection : route.connections(probe)) {
        allowed &= allowed(connection, rulings);
      }
      boolean tried = rulings.stream().anyMatch(Ruling::wouldDeny);
      findings.put(
          probe,
          Finding.of(!allowed ? Outcome.DENIED : tried ? Outcome.DRY : Outcome.ALLOWED, rulings));
    }
    return findings;
  }

  /** How often the switch was asked. */
  long traces() {
    return traces;
  }

  /** What of the switch is not as it should be. */
  List<?> drift() throws Exception {
    for (TraceBridge bridge : bridges.values()) {
      List<?> findings = bridge.drift();
      if (!findings.isEmpty()) {
        return findings;
      }
    }
    return List.of();
  }

  private TraceBridge bridge(String node) {
    return Optional.ofNullable(bridgeOf.get(node)).orElseThrow();
  }

  private boolean allowed(Connection connection, List<Ruling> rulings) throws IOException {
    String from = nodeOf(connection.source()).or(() -> nodeOf(connection.destination())).orElse("");
    TraceNode source = Optional.ofNullable(nodes.get(from)).orElseThrow();
    Trace trace = trace(from, first(source, connection));
    if (source.podAt(connection.source()).isPresent()) {
      rulings.add(source.rulings().of(trace, connection, Direction.EGRESS));
    }
    boolean meets = source.podAt(connection.destination()).isPresent();
    boolean leaves = leaves(trace, connection);
    if (meets && (leaves || rulings.stream().allMatch(TraceExecutor::allows))) {
      rulings.add(source.rulings().of(trace, connection, Direction.INGRESS));
    }
    if (!leaves) {
      return false;
    }
    int port = ((Trace.Leaves) trace.verdict(ToAgent.POLICY)).by().port();
    if (port != source.node().tunnelPort()) {
      arrived(source, connection, port);
      return true;
    }
    String to = nodeOf(connection.destination()).orElseThrow();
    TraceNode destination = Optional.ofNullable(nodes.get(to)).orElseThrow();
    Mac gateway = source.node().gatewayMac();
    TracedPacket.Tunnel ends =
        new TracedPacket.Tunnel(source.node().nodeAddress(), destination.node().nodeAddress());
    Trace there =
        trace(
            to,
            packet(source.node().tunnelPort(), gateway, Addresses.ROUTER_MAC, connection)
                .by(destination.node().tunnelPort(), ends));
    if (destination.podAt(connection.destination()).isPresent()) {
      rulings.add(destination.rulings().of(there, connection, Direction.INGRESS));
    }
    if (!leaves(there, connection)) {
      return false;
    }
    arrived(destination, connection, ((Trace.Leaves) there.verdict(ToAgent.POLICY)).by().port());
    return true;
  }

  private static boolean allows(Ruling ruling) {
    return ruling.inForce().isEmpty() || ruling.inForce().getLast().effect() != Effect.DENY;
  }

  private Trace trace(String node, TracedPacket packet) throws IOException {
    traces++;
    return bridge(node).trace(packet);
  }

  /** Anything that is neither sent nor denied by a policy is a mistake of ours. */
  private static boolean leaves(Trace trace, Connection connection) {
    return switch (trace.verdict(ToAgent.POLICY)) {
      case Trace.Leaves _ -> {
        TraceRulings.checkLabel(trace);
        yield true;
      }
      case Trace.Dropped(var at) when at.table() == Table.COMMIT.number() -> false;
      case Trace.Dropped(var at) ->
          throw new IllegalStateException(
              "%s is dropped in table %d: %s".formatted(connection, at.table(), trace));
      case Trace.ToAgent(var why) ->
          throw new IllegalStateException(connection + " is refused: " + why);
    };
  }

  /** A packet to a pod must leave by the port of that pod, any other by the gateway. */
  private void arrived(TraceNode node, Connection connection, int port) {
    int expected =
        connection.source().equals(connection.destination())
            ? Ports.IN_PORT
            : node.podAt(connection.destination())
                .map(LocalPod::ofport)
                .orElse(node.node().gatewayPort());
    if (port != expected) {
      throw new IllegalStateException(
          "%s leaves by port %d, not %d".formatted(connection, port, expected));
    }
  }

  private TracedPacket first(TraceNode source, Connection connection) {
    Optional<LocalPod> pod = source.podAt(connection.source());
    // By IPv6, pods of one node reach each other by way of the gateway.
    Optional<LocalPod> target =
        source
            .podAt(connection.destination())
            .filter(_ -> connection.destination().family() == Family.IPV4);
    Mac gateway = source.node().gatewayMac();
    Mac next = target.map(LocalPod::mac).orElse(pod.isPresent() ? gateway : Addresses.ROUTER_MAC);
    return packet(
        pod.map(LocalPod::ofport).orElse(source.node().gatewayPort()),
        pod.map(LocalPod::mac).orElse(gateway),
        next,
        connection);
  }

  private static TracedPacket packet(int port, Mac source, Mac target, Connection connection) {
    TracedPacket.Payload payload =
        connection.transport() == Transport.ICMP
            ? new TracedPacket.Ping()
            : new TracedPacket.Ports(
                Protocol.valueOf(connection.transport().name()), CLIENT_PORT, connection.port());
    return new TracedPacket(
        port, source, target, connection.source(), connection.destination(), payload);
  }

  /** The node whose pod or own address this is. */
  private Optional<String> nodeOf(Ip address) {
    return nodes.entrySet().stream()
        .filter(node ->
            node.getValue().podAt(address).isPresent()
                || addresses.gateways(node.getKey()).contains(address)
                || addresses.of(node.getKey()).contains(address))
        .map(Map.Entry::getKey)
        .findFirst();
  }

  @Override
  public void close() {
    startAnew();
    ovs.close();
  }
}
