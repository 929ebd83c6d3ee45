package io.seine.pipeline.policy;

import static org.awaitility.Awaitility.await;

import io.seine.openflow.Flow;
import io.seine.openflow.InstalledFlow;
import io.seine.openflow.Ip;
import io.seine.openflow.IpPrefix;
import io.seine.openflow.Mac;
import io.seine.openflow.SwitchException;
import io.seine.openflow.connection.OpenFlowConnection;
import io.seine.openflow.testing.OvsInstance;
import io.seine.pipeline.Addresses;
import io.seine.pipeline.BaseCompiler;
import io.seine.pipeline.GroupIds;
import io.seine.pipeline.LocalNode;
import io.seine.pipeline.LocalPod;
import io.seine.pipeline.NodeCompiler;
import io.seine.pipeline.Owner;
import io.seine.pipeline.PeerNode;
import io.seine.pipeline.PodCompiler;
import io.seine.pipeline.ServiceFact.Protocol;
import io.seine.pipeline.ToAgent;
import io.seine.pipeline.explain.Trace;
import io.seine.pipeline.explain.TracedPacket;
import io.seine.pipeline.explain.Tracer;
import io.seine.reconcile.FlowSource;
import io.seine.reconcile.ReconcileListener;
import io.seine.reconcile.Reconciler;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A real Open vSwitch with the whole pipeline of a node with the pods of {@link PolicyCases}, in
 * which policies are installed by the reconciler and packets are traced.
 */
final class PolicySwitch implements AutoCloseable {
  static final Duration SOON = Duration.ofSeconds(60);

  private static final String BRIDGE = "policy0";
  private static final IpPrefix PODS = IpPrefix.parse("10.0.1.0/24");
  private static final IpPrefix PODS_6 = IpPrefix.parse("fd00:10:0:1::/64");
  private static final LocalNode NODE =
      new LocalNode(
          "n1",
          Ip.parse("192.0.2.1"),
          List.of(LocalNode.Network.of(PODS), LocalNode.Network.of(PODS_6)),
          List.of(IpPrefix.parse("10.100.0.0/16"), IpPrefix.parse("fd00:100::/112")),
          List.of(Ip.parse("192.0.2.1"), Ip.parse("2001:db8:ff::1")),
          1,
          2);
  private static final PeerNode PEER =
      new PeerNode(
          "n2",
          Ip.parse("192.0.2.2"),
          List.of(IpPrefix.parse("10.0.2.0/24"), IpPrefix.parse("fd00:10:0:2::/64")));

  private final OvsInstance ovs = OvsInstance.start();
  private final Map<Owner, PolicyFlows> installed = new HashMap<>();
  private final Map<Long, Flow> flows = new HashMap<>();
  private final Reconciler reconciler = new Reconciler(new GroupIds(), ReconcileListener.NONE);
  private final OpenFlowConnection connection;
  private final Tracer tracer = new Tracer(BRIDGE, this::appctl);

  PolicySwitch() throws InterruptedException {
    try {
      ovs.addBridge(BRIDGE);
      ovs.vsctl(
          "add-port",
          BRIDGE,
          "tun0",
          "--",
          "set",
          "interface",
          "tun0",
          "type=geneve",
          "options:remote_ip=flow",
          "options:key=flow",
          "ofport_request=1");
      for (int port : Stream.concat(Stream.of(2), PolicyCases.PORTS.values().stream()).toList()) {
        ovs.vsctl(
            "add-port",
            BRIDGE,
            "p" + port,
            "--",
            "set",
            "interface",
            "p" + port,
            "type=internal",
            "ofport_request=" + port);
      }
      connection = connect();
      reconciler.put(new Owner.Base(), () -> BaseCompiler.compile(NODE));
      reconciler.put(PEER.owner(), () -> NodeCompiler.compile(NODE, PEER));
      PolicyCases.PORTS
          .keySet()
          .forEach(pod -> {
            LocalPod local = local(pod);
            reconciler.put(local.owner(), () -> PodCompiler.compile(NODE, local));
          });
      reconciler.connected(connection);
      reconciler.initialSyncComplete();
      converge();
    } catch (RuntimeException | InterruptedException e) {
      ovs.printLogs();
      ovs.close();
      throw e;
    }
  }

  private OpenFlowConnection connect() {
    return await()
        .atMost(SOON)
        .ignoreException(SwitchException.class)
        .until(() -> OpenFlowConnection.connect(ovs.mgmt(BRIDGE)), OpenFlowConnection::isOpen);
  }

  @Override
  public void close() {
    reconciler.close();
    connection.close();
    ovs.close();
  }

  private static LocalPod local(PodId pod) {
    Ip first = PolicyCases.address(pod.name());
    return new LocalPod(
        pod.namespace(),
        pod.name(),
        List.of(first, PolicyCases.address(pod.name() + "6")),
        Addresses.macOf(first),
        Objects.requireNonNull(PolicyCases.PORTS.get(pod)));
  }

  private String appctl(String command, String... arguments) throws IOException {
    List<String> call = new ArrayList<>(List.of(command));
    call.addAll(List.of(arguments));
    try {
      return ovs.appctl(call.toArray(String[]::new));
    } catch (IllegalStateException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  private void converge() throws InterruptedException {
    if (!reconciler.awaitConverged(SOON)) {
      throw new AssertionError("the switch did not take it: " + reconciler.status());
    }
  }

  /** Installs what changed in the index, in one bundle. */
  void apply(PolicyIndex index) throws InterruptedException {
    apply(index.take());
  }

  void apply(Map<Owner, Optional<PolicyFlows>> changes) throws InterruptedException {
    Map<Owner, Optional<FlowSource>> together = new LinkedHashMap<>();
    changes.forEach((owner, now) -> {
      together.put(owner, now.map(f -> f::compile));
      now.ifPresentOrElse(f -> installed.put(owner, f), () -> installed.remove(owner));
    });
    reconciler.put(together);
    converge();
    if (!reconciler.status().refused().isEmpty()) {
      throw new AssertionError("the switch refused " + reconciler.status().refused());
    }
  }

  /** Removes all policies. */
  void clear() throws InterruptedException {
    Map<Owner, Optional<PolicyFlows>> none = new HashMap<>();
    installed.keySet().forEach(owner -> none.put(owner, Optional.empty()));
    apply(none);
  }

  /** What the switch has, as it was read back. */
  List<InstalledFlow> dump() throws SwitchException {
    flows.clear();
    List<InstalledFlow> all = connection.dumpFlows();
    all.forEach(f -> flows.put(f.cookie(), f.flow()));
    return all;
  }

  Reconciler reconciler() {
    return reconciler;
  }

  /**
   * What becomes of a packet that opens a connection, as {@link PolicyCases.Probe} says it. Asks
   * what {@link #dump} has read.
   */
  String fate(String packet, RuleIds ids) throws IOException {
    Trace trace = trace(packet);
    String decisions =
        trace.stages().stream()
            .flatMap(stage -> Optional.ofNullable(flows.get(stage.cookie())).stream())
            .flatMap(flow -> PolicyDecision.of(flow).stream())
            .map(part -> words(part, ids))
            .collect(Collectors.joining(", "));
    boolean leaves = trace.verdict(ToAgent.POLICY) instanceof Trace.Leaves;
    return (decisions.isEmpty() ? "" : decisions + ": ") + (leaves ? "arrives" : "dropped");
  }

  Trace trace(String packet) throws IOException {
    String[] words = packet.split("[ />]+", -1);
    String from = words[0];
    Ip source = PolicyCases.address(from);
    TracedPacket.Payload payload = payload(words);
    Ip target = PolicyCases.address(words[1]);
    Mac router = Addresses.ROUTER_MAC;
    TracedPacket traced =
        PolicyCases.PORTS.keySet().stream()
            .map(PolicySwitch::local)
            .filter(pod -> pod.addresses().contains(source))
            .findFirst()
            .map(pod ->
                new TracedPacket(
                    pod.ofport(), pod.mac(), NODE.gatewayMac(), source, target, payload))
            .orElseGet(
                () -> new TracedPacket(2, NODE.gatewayMac(), router, source, target, payload));
    boolean far = PEER.podCidrs().stream().anyMatch(cidr -> cidr.contains(source));
    TracedPacket arriving =
        far
            ? traced.by(1, new TracedPacket.Tunnel(PEER.nodeAddress(), NODE.nodeAddress()))
            : traced;
    return payload instanceof TracedPacket.Other
        ? tracer.trace(arriving.text() + ",nw_frag=" + words[3], List.of())
        : tracer.trace(arriving);
  }

  /** Of {@code icmp}, {@code tcp/80}, or a fragment as {@code udp/first}. */
  private static TracedPacket.Payload payload(String[] words) {
    if (words[2].equals("icmp")) {
      return new TracedPacket.Ping();
    }
    Protocol protocol = Protocol.valueOf(words[2].toUpperCase(Locale.ROOT));
    return words[3].equals("first") || words[3].equals("later")
        ? new TracedPacket.Other(protocol.number())
        : new TracedPacket.Ports(protocol, 40000, Integer.parseInt(words[3]));
  }

  private static String words(PolicyDecision.Part part, RuleIds ids) {
    PolicyDecision decision = part.decision();
    return "%s%s %s"
        .formatted(
            decision.dryRun() ? "try " : "",
            decision.verdict().label(),
            ids.find(decision.rule()).map(RuleRef::toString).orElse("?"));
  }
}
