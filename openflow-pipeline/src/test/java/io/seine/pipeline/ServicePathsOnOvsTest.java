package io.seine.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.seine.openflow.Action;
import io.seine.openflow.Change;
import io.seine.openflow.Family;
import io.seine.openflow.Ip;
import io.seine.openflow.IpPrefix;
import io.seine.openflow.Mac;
import io.seine.pipeline.RealPipeline.Packet;
import io.seine.pipeline.RealPipeline.Sent;
import io.seine.pipeline.ServiceFact.Endpoint;
import io.seine.pipeline.ServiceFact.Frontend;
import io.seine.pipeline.ServiceFact.Kind;
import io.seine.pipeline.ServiceFact.Policy;
import io.seine.pipeline.ServiceFact.Port;
import io.seine.pipeline.ServiceFact.Protocol;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The ways to a service on a real Open vSwitch, for both families: who gets the packet, with which
 * source, and that the answer comes back as if the service had sent it.
 */
@Tag("system")
class ServicePathsOnOvsTest {
  private static final LocalNode NODE = ServiceCases.NODE;
  private static final LocalPod A = ServiceCases.A;
  private static final LocalPod B = ServiceCases.B;
  private static final Mac GATEWAY = NODE.gatewayMac();
  private static final int PORT = 30080;

  /** The same places in both families. */
  private record World(
      Family family, Ip a, Ip b, Ip c, Ip vip, Ip external, Ip own, Ip client, Ip gateway) {
    static World of(Family family) {
      return family == Family.IPV4
          ? world(family, 0, "10.0.2.9", "10.100.0.7", "203.0.113.7", "192.0.2.1", "198.51.100.9")
          : world(
              family,
              1,
              "fd00:10:0:2::9",
              "fd00:100::7",
              "2001:db8:7::7",
              "2001:db8::1",
              "2001:db8:9::9");
    }

    private static World world(
        Family family, int n, String c, String vip, String external, String own, String client) {
      return new World(
          family,
          A.addresses().get(n),
          B.addresses().get(n),
          Ip.parse(c),
          Ip.parse(vip),
          Ip.parse(external),
          Ip.parse(own),
          Ip.parse(client),
          NODE.networks().get(n).gateway());
    }

    Ip standIn() {
      return Addresses.standIns(family).network().plus(7);
    }

    Ip nodePort() {
      return Addresses.nodePort(family);
    }

    Ip router() {
      return Addresses.router(family);
    }
  }

  private final GroupIds ids = new GroupIds();
  private RealPipeline real;

  @BeforeEach
  void installTheNode() throws Exception {
    real = new RealPipeline(2, 5, 6);
    real.install(Owner.Kind.BASE, BaseCompiler.compile(NODE));
    real.install(Owner.Kind.NODE, NodeCompiler.compile(NODE, ServiceCases.PEER));
    real.install(Owner.Kind.POD, PodCompiler.compile(NODE, A));
    real.install(Owner.Kind.POD, PodCompiler.compile(NODE, B));
  }

  @AfterEach
  void close() {
    real.close();
  }

  private static Port port(
      World w, Policy outside, OptionalInt affinity, List<Ip> endpoints, List<Ip> local) {
    List<Frontend> frontends =
        List.of(
            Frontend.clusterIp(w.vip, 80, Policy.CLUSTER),
            ServiceCases.nodePort(w.family, outside),
            new Frontend(
                Kind.LOAD_BALANCER,
                w.external,
                80,
                Optional.of(w.standIn()),
                Policy.CLUSTER,
                outside,
                List.of()));
    return new Port(
        "dns", Protocol.UDP, w.family, 80, frontends, at(endpoints), at(local), affinity);
  }

  private static List<Endpoint> at(List<Ip> addresses) {
    return addresses.stream().map(ip -> new Endpoint(ip, 8080)).toList();
  }

  private FlowSet serve(Port port) throws Exception {
    FlowSet set = ServiceCompiler.compile(ServiceCases.service(port), ids);
    real.install(Owner.Kind.SERVICE, set);
    return set;
  }

  private static Packet fromA(World w, int fromPort, Ip to, int toPort) {
    return new Packet(A.ofport(), A.mac(), GATEWAY, w.a, fromPort, to, toPort);
  }

  private static Packet fromHost(Ip from, int fromPort, Ip to, int toPort) {
    return new Packet(2, GATEWAY, Addresses.ROUTER_MAC, from, fromPort, to, toPort);
  }

  private static Packet fromTunnel(Sent sent) {
    return sent.answer(1, GATEWAY, Addresses.ROUTER_MAC);
  }

  private static Action tunnelFromPeer() {
    return Rule.set(io.seine.openflow.Field.TUN_SRC, ServiceCases.PEER.nodeAddress());
  }

  private static String line(String port, Ip from, int fromPort, Ip to, int toPort, int hops) {
    return "port %s: %s:%d > %s:%d hops %d"
        .formatted(port, from.bracketed(), fromPort, to.bracketed(), toPort, hops);
  }

  private Sent sent(Packet packet) throws Exception {
    return real.run(packet).sent().orElseThrow();
  }

  @ParameterizedTest
  @EnumSource(Family.class)
  void aPodReachesAnotherThroughAService(Family family) throws Exception {
    World w = World.of(family);
    serve(port(w, Policy.CLUSTER, OptionalInt.empty(), List.of(w.b), List.of()));

    Sent there = sent(fromA(w, 4000, w.vip, 80));
    assertThat(there).hasToString(line("6", w.a, 4000, w.b, 8080, 63));

    assertThat(real.run(there.answer(B.ofport(), B.mac(), GATEWAY)))
        .hasToString(line("5", w.vip, 80, w.a, 4000, 63));
  }

  @ParameterizedTest
  @EnumSource(Family.class)
  void aPodReachesItselfInEveryWay(Family family) throws Exception {
    World w = World.of(family);
    serve(port(w, Policy.LOCAL, OptionalInt.empty(), List.of(w.a), List.of(w.a)));
    record Way(Ip to, int port, int from) {}
    for (Way way :
        List.of(
            new Way(w.vip, 80, 4000), new Way(w.own, PORT, 4001), new Way(w.external, 80, 4002))) {
      Sent there = sent(fromA(w, way.from, way.to, way.port));
      assertThat(there).hasToString(line("in", w.router(), way.from, w.a, 8080, 63));
      assertThat(real.run(there.answer(A.ofport(), A.mac(), GATEWAY)))
          .hasToString(line("in", way.to, way.port, w.a, way.from, 63));
    }
  }

  @ParameterizedTest
  @EnumSource(Family.class)
  void aClientOutsideReachesAnEndpointElsewhereWithTheGatewaysAddress(Family family)
      throws Exception {
    World w = World.of(family);
    serve(port(w, Policy.CLUSTER, OptionalInt.empty(), List.of(w.c), List.of()));
    record Way(Ip to, int port, int from) {}
    for (Way way :
        List.of(
            new Way(w.nodePort(), PORT, 5000),
            new Way(w.standIn(), 80, 5001),
            new Way(w.vip, 80, 5002))) {
      Sent there = sent(fromHost(w.client, way.from, way.to, way.port));
      assertThat(there)
          .hasToString(line("1", w.gateway, way.from, w.c, 8080, 64) + " by 192.0.2.2");
      assertThat(real.run(fromTunnel(there), tunnelFromPeer()))
          .hasToString(line("2", way.to, way.port, w.client, way.from, 64));
    }
  }

  @ParameterizedTest
  @EnumSource(Family.class)
  void withExternalPolicyLocalTheEndpointSeesTheClient(Family family) throws Exception {
    World w = World.of(family);
    serve(port(w, Policy.LOCAL, OptionalInt.empty(), List.of(w.a, w.c), List.of(w.a)));
    record Way(Ip to, int port, int from) {}
    for (Way way : List.of(new Way(w.nodePort(), PORT, 5000), new Way(w.standIn(), 80, 5001))) {
      Sent there = sent(fromHost(w.client, way.from, way.to, way.port));
      assertThat(there).hasToString(line("5", w.client, way.from, w.a, 8080, 64));
      assertThat(real.run(there.answer(A.ofport(), A.mac(), GATEWAY)))
          .hasToString(line("2", way.to, way.port, w.client, way.from, 64));
    }
  }

  @ParameterizedTest
  @EnumSource(Family.class)
  void withExternalPolicyLocalAndNoneHereOnlyThoseInsideAreServed(Family family) throws Exception {
    World w = World.of(family);
    serve(port(w, Policy.LOCAL, OptionalInt.empty(), List.of(w.c), List.of()));
    assertThat(real.run(fromHost(w.client, 5000, w.nodePort(), PORT))).hasToString("dropped");
    assertThat(real.run(fromHost(w.client, 5000, w.standIn(), 80))).hasToString("dropped");

    assertThat(real.run(fromA(w, 4000, w.own, PORT)))
        .hasToString(line("1", w.a, 4000, w.c, 8080, 63) + " by 192.0.2.2");
    assertThat(real.run(fromA(w, 4001, w.external, 80)))
        .hasToString(line("1", w.a, 4001, w.c, 8080, 63) + " by 192.0.2.2");
    assertThat(real.run(fromHost(w.own, 6000, w.nodePort(), PORT)))
        .hasToString(line("1", w.gateway, 6000, w.c, 8080, 64) + " by 192.0.2.2");
  }

  @ParameterizedTest
  @EnumSource(Family.class)
  void theNodesOwnProcessReachesItsNodePort(Family family) throws Exception {
    World w = World.of(family);
    serve(port(w, Policy.LOCAL, OptionalInt.empty(), List.of(w.a), List.of(w.a)));
    Sent there = sent(fromHost(w.own, 6000, w.nodePort(), PORT));
    assertThat(there).hasToString(line("5", w.gateway, 6000, w.a, 8080, 64));
    assertThat(real.run(there.answer(A.ofport(), A.mac(), GATEWAY)))
        .hasToString(line("2", w.nodePort(), PORT, w.own, 6000, 64));
  }

  @ParameterizedTest
  @EnumSource(Family.class)
  void connectionsWithTheGatewaysAddressNeverShareAPort(Family family) throws Exception {
    World w = World.of(family);
    serve(port(w, Policy.CLUSTER, OptionalInt.empty(), List.of(w.a), List.of()));
    Packet outside = fromHost(w.client, 7000, w.nodePort(), PORT);
    Packet service = fromHost(w.gateway, 7000, w.vip, 80);
    Packet straight = fromHost(w.gateway, 7000, w.a, 8080);

    List<Sent> there = List.of(sent(outside), sent(service), sent(straight));

    assertThat(there).allSatisfy(s -> assertThat(s.from()).isEqualTo(w.gateway));
    assertThat(there).extracting(Sent::fromPort).doesNotHaveDuplicates().contains(7000);
    List<String> back = new ArrayList<>();
    for (Sent each : there) {
      back.add(real.run(each.answer(A.ofport(), A.mac(), GATEWAY)).toString());
    }
    assertThat(back)
        .containsExactly(
            line("2", w.nodePort(), PORT, w.client, 7000, 64),
            line("2", w.vip, 80, w.gateway, 7000, 64),
            line("2", w.a, 8080, w.gateway, 7000, 64));
  }

  @ParameterizedTest
  @EnumSource(Family.class)
  void onlyPermittedSourcesComeIn(Family family) throws Exception {
    World w = World.of(family);
    Frontend guarded =
        new Frontend(
            Kind.LOAD_BALANCER,
            w.external,
            80,
            Optional.of(w.standIn()),
            Policy.CLUSTER,
            Policy.LOCAL,
            List.of(IpPrefix.around(w.client, family == Family.IPV4 ? 24 : 48)));
    serve(
        new Port(
            "dns",
            Protocol.UDP,
            family,
            80,
            List.of(guarded),
            at(List.of(w.a)),
            at(List.of(w.a)),
            OptionalInt.empty()));
    assertThat(real.run(fromHost(w.client, 5000, w.standIn(), 80)))
        .hasToString(line("5", w.client, 5000, w.a, 8080, 64));
    assertThat(real.run(fromHost(w.c, 5000, w.standIn(), 80))).hasToString("dropped");
    assertThat(real.run(fromA(w, 5000, w.external, 80))).hasToString("dropped");
  }

  @ParameterizedTest
  @EnumSource(Family.class)
  void withoutEndpointsTheAgentRefusesWhateverWay(Family family) throws Exception {
    World w = World.of(family);
    serve(port(w, Policy.LOCAL, OptionalInt.empty(), List.of(), List.of()));
    for (Packet packet :
        List.of(
            fromA(w, 4000, w.vip, 80),
            fromA(w, 4000, w.own, PORT),
            fromA(w, 4000, w.external, 80),
            fromHost(w.client, 4000, w.nodePort(), PORT),
            fromHost(w.client, 4000, w.standIn(), 80),
            fromHost(w.own, 4000, w.vip, 80))) {
      assertThat(real.run(packet)).hasToString("agent 01");
    }
  }

  @ParameterizedTest
  @EnumSource(Family.class)
  void aClientKeepsItsEndpointByWhateverWayItComes(Family family) throws Exception {
    World w = World.of(family);
    serve(port(w, Policy.CLUSTER, OptionalInt.of(600), List.of(w.a, w.b, w.c), List.of()));
    Set<Ip> used = new TreeSet<>();
    for (int i = 0; i < 6; i++) {
      used.add(sent(fromHost(w.client, 8000 + i, w.nodePort(), PORT)).to());
      used.add(sent(fromHost(w.client, 8100 + i, w.standIn(), 80)).to());
      used.add(sent(fromHost(w.client, 8200 + i, w.vip, 80)).to());
    }
    assertThat(used).hasSize(1);
    assertThat(real.learned()).isEqualTo(1);

    // Others are spread as ever.
    Set<Ip> others = new TreeSet<>();
    for (int i = 1; i <= 30; i++) {
      others.add(sent(fromHost(w.client.plus(i), 8000, w.vip, 80)).to());
    }
    assertThat(others).hasSize(3);
    assertThat(real.learned()).isEqualTo(31);
  }

  @ParameterizedTest
  @EnumSource(Family.class)
  void anEndpointThatGoesTakesItsClientsWithIt(Family family) throws Exception {
    World w = World.of(family);
    Port both = port(w, Policy.CLUSTER, OptionalInt.of(600), List.of(w.a, w.b), List.of());
    FlowSet before = serve(both);
    Ip first = sent(fromHost(w.client, 8000, w.vip, 80)).to();
    Ip other = first.equals(w.a) ? w.b : w.a;
    FlowSet after =
        ServiceCompiler.compile(
            ServiceCases.service(
                port(w, Policy.CLUSTER, OptionalInt.of(600), List.of(other), List.of())),
            ids);

    List<Change> changes = new ArrayList<>();
    after.groups().forEach(group -> changes.add(new Change.ModifyGroup(group)));
    before.flows().stream()
        .filter(flow -> !after.flows().contains(flow))
        .forEach(flow -> changes.add(new Change.DeleteFlow(flow.key())));
    assertThat(changes).hasSize(2);
    real.commit(changes.toArray(Change[]::new));

    assertThat(real.learned()).isZero();
    assertThat(sent(fromHost(w.client, 8001, w.vip, 80)).to()).isEqualTo(other);
    assertThat(real.learned()).isEqualTo(1);
  }

  @ParameterizedTest
  @EnumSource(Family.class)
  void aClientIsForgottenWhenItsTimeIsUp(Family family) throws Exception {
    World w = World.of(family);
    serve(port(w, Policy.CLUSTER, OptionalInt.of(2), List.of(w.a, w.b), List.of()));
    sent(fromHost(w.client, 8000, w.vip, 80));
    assertThat(real.learned()).isEqualTo(1);
    await().atMost(Duration.ofSeconds(15)).until(() -> real.learned() == 0);
  }
}
