package io.seine.agent.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.seine.agent.host.CachedFlows;
import io.seine.agent.host.Unixctl;
import io.seine.openflow.Action;
import io.seine.openflow.Change;
import io.seine.openflow.Family;
import io.seine.openflow.Field;
import io.seine.openflow.FieldMatch;
import io.seine.openflow.Flow;
import io.seine.openflow.Ip;
import io.seine.openflow.IpPrefix;
import io.seine.openflow.SwitchException;
import io.seine.openflow.connection.OpenFlowConnection;
import io.seine.openflow.testing.OvsInstance;
import io.seine.openflow.testing.Packets;
import io.seine.pipeline.Addresses;
import io.seine.pipeline.BaseCompiler;
import io.seine.pipeline.CtMarks;
import io.seine.pipeline.FlowSet;
import io.seine.pipeline.Gates;
import io.seine.pipeline.GroupIds;
import io.seine.pipeline.LocalNode;
import io.seine.pipeline.LocalPod;
import io.seine.pipeline.PodCompiler;
import io.seine.pipeline.Registers;
import io.seine.pipeline.Rule;
import io.seine.pipeline.ServiceCompiler;
import io.seine.pipeline.ServiceFact;
import io.seine.pipeline.Table;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Connections of which only the answering side still speaks, on a real Open vSwitch. */
@Tag("system")
class UdpSweepOnOvsTest {
  private static final LocalNode NODE =
      new LocalNode(
          "n1",
          Ip.parse("192.0.2.1"),
          Stream.of("10.0.1.0/24", "fd00:10:0:1::/64")
              .map(cidr -> LocalNode.Network.of(IpPrefix.parse(cidr)))
              .toList(),
          List.of(),
          List.of(Ip.parse("192.0.2.1")),
          1,
          2);
  private static final LocalPod A = pod("a", 5, "10.0.1.2", "fd00:10:0:1::2");
  private static final LocalPod B = pod("b", 6, "10.0.1.3", "fd00:10:0:1::3");

  private final String bridge = "swp" + UUID.randomUUID().toString().substring(0, 8);
  private final OvsInstance ovs = OvsInstance.start();

  @SuppressWarnings("NullAway.Init")
  private OpenFlowConnection connection;

  @SuppressWarnings("NullAway.Init")
  private TrackedLines tracked;

  @SuppressWarnings("NullAway.Init")
  private UdpSweep sweep;

  private static LocalPod pod(String name, int ofport, String... addresses) {
    List<Ip> ips = Stream.of(addresses).map(Ip::parse).toList();
    return new LocalPod("web", name, ips, Addresses.macOf(ips.getFirst()), ofport);
  }

  @BeforeEach
  void installTheNode() throws Exception {
    ovs.addBridge(bridge);
    for (int port : List.of(NODE.gatewayPort(), A.ofport(), B.ofport())) {
      String name = "p" + port;
      ovs.vsctl(
          "add-port",
          bridge,
          name,
          "--",
          "set",
          "interface",
          name,
          "type=internal",
          "ofport_request=" + port);
    }
    connection =
        await()
            .atMost(Duration.ofSeconds(30))
            .ignoreException(SwitchException.class)
            .until(() -> OpenFlowConnection.connect(ovs.mgmt(bridge)), OpenFlowConnection::isOpen);
    Unixctl vswitchd = Unixctl.at(ovs.dir().resolve("vswitchd.ctl"), "ovs-vswitchd");
    tracked = new TrackedLines(vswitchd, new CachedFlows(vswitchd, true));
    sweep = new UdpSweep(NODE, tracked, connection::packetOut, () -> {});
    install(BaseCompiler.compile(NODE));
    install(PodCompiler.compile(NODE, A));
    install(PodCompiler.compile(NODE, B));
    for (Family family : Family.values()) {
      Rule gate =
          Rule.in(Table.INGRESS_POLICY, Gates.JUDGED)
              .when(Registers.OUTPUT_PORT.is(B.ofport()))
              .ip(family);
      add(gate.then(Rule.goTo(Table.INGRESS_NETWORK_POLICY)));
    }
  }

  @AfterEach
  void stop() {
    try (ovs) {
      connection.close();
    }
  }

  private void install(FlowSet set) throws SwitchException {
    List<Change> changes = new ArrayList<>();
    set.groups().forEach(group -> changes.add(new Change.AddGroup(group)));
    set.flows().forEach(flow -> changes.add(new Change.AddFlow(flow, 0)));
    connection.commit(changes);
  }

  private void add(Flow flow) throws SwitchException {
    connection.commit(List.of(new Change.AddFlow(flow, 0)));
  }

  private static Flow denial(Family family, int port) {
    return Rule.in(Table.INGRESS_NETWORK_POLICY, 200)
        .ip(family)
        .protocol(17)
        .when(FieldMatch.exact(Field.UDP_DST, port))
        .then(Registers.DENIED.set(1), Rule.goTo(Table.COMMIT));
  }

  private void send(LocalPod from, Ip source, int sourcePort, Ip to, int toPort) throws Exception {
    byte[] frame = Packets.udp(source.value(), sourcePort, to.value(), toPort);
    connection.packetOut(
        from.ofport(),
        List.of(Action.Resubmit.to(0)),
        Packets.between(from.mac(), NODE.gatewayMac(), frame));
  }

  private static Ip address(LocalPod pod, Family family) {
    return pod.addresses().get(family == Family.IPV4 ? 0 : 1);
  }

  /** A asks once, B answers. */
  private void converse(Family family, int port, int service) throws Exception {
    send(A, address(A, family), port, address(B, family), service);
    awaitEntry(port);
    send(B, address(B, family), service, address(A, family), port);
  }

  private void awaitEntry(int port) {
    await().atMost(Duration.ofSeconds(10)).until(() -> !lines(port).isEmpty());
  }

  private List<String> lines(int port) throws IOException {
    List<String> lines = new ArrayList<>();
    tracked.read(lines::add);
    return lines.stream().filter(line -> line.contains("sport=" + port + ",")).toList();
  }

  private boolean isDenied(int port) throws IOException {
    List<String> lines = lines(port);
    assertThat(lines).hasSize(1);
    String mark = lines.getFirst().split("mark=", 2)[1].split("[,\\s]", 2)[0];
    return (Long.parseLong(mark) & CtMarks.DENIED.mask()) != 0;
  }

  private void sweepsTo(int port, boolean denied, Family family) {
    Map<Ip, Integer> local = new HashMap<>();
    Stream.of(A, B).forEach(p -> p.addresses().forEach(ip -> local.put(ip, p.ofport())));
    await()
        .atMost(Duration.ofSeconds(10))
        .until(() -> {
          UdpSweep.Result result = sweep.sweep(Set.of(address(B, family)), local);
          assertThat(result.asked()).isPositive();
          assertThat(result.left()).isZero();
          return isDenied(port) == denied;
        });
  }

  @ParameterizedTest
  @EnumSource(Family.class)
  void whatIsForbiddenIsMarkedAndWhatIsAllowedAgainIsNot(Family family) throws Exception {
    converse(family, 4000, 9000);
    converse(family, 5000, 9001);
    Flow denial = denial(family, 9000);
    add(denial);
    assertThat(isDenied(4000)).isFalse();

    sweepsTo(4000, true, family);
    assertThat(isDenied(5000)).isFalse();

    connection.commit(List.of(new Change.DeleteFlow(denial.key())));
    sweepsTo(4000, false, family);
    assertThat(isDenied(5000)).isFalse();
  }

  @ParameterizedTest
  @EnumSource(Family.class)
  void aConnectionToAServiceIsAskedAboutByItsEndpoint(Family family) throws Exception {
    Ip vip = Ip.parse(family == Family.IPV4 ? "10.100.0.7" : "fd00:100::7");
    ServiceFact.Port port =
        new ServiceFact.Port(
            "dns",
            ServiceFact.Protocol.UDP,
            family,
            80,
            List.of(ServiceFact.Frontend.clusterIp(vip, 80, ServiceFact.Policy.CLUSTER)),
            List.of(new ServiceFact.Endpoint(address(B, family), 9000)),
            List.of(),
            OptionalInt.empty());
    install(ServiceCompiler.compile(new ServiceFact("web", "s", List.of(port)), new GroupIds()));
    send(A, address(A, family), 4000, vip, 80);
    awaitEntry(4000);
    send(B, address(B, family), 9000, address(A, family), 4000);
    add(denial(family, 9000));

    sweepsTo(4000, true, family);
  }

  @ParameterizedTest
  @EnumSource(Family.class)
  void aQuestionMakesNoConnection(Family family) throws Exception {
    UdpSweep stale =
        new UdpSweep(
            NODE,
            line ->
                line.accept(
                    "udp,orig=(src=%s,dst=%s,sport=4000,dport=9000),reply=(src=%s,dst=%s,sport=9000,dport=4000),zone=65520"
                        .formatted(
                            address(A, family),
                            address(B, family),
                            address(B, family),
                            address(A, family))),
            connection::packetOut,
            () -> {});
    assertThat(stale.sweep(Set.of(address(A, family)), Map.of(address(A, family), A.ofport())))
        .isEqualTo(new UdpSweep.Result(1, 0));
    // Another connection, made after it, is there; so the question has been dealt with.
    converse(family, 5000, 9001);
    assertThat(lines(4000)).isEmpty();
  }
}
