package io.seine.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.seine.openflow.Action;
import io.seine.openflow.Bits;
import io.seine.openflow.Change;
import io.seine.openflow.Family;
import io.seine.openflow.Field;
import io.seine.openflow.FieldMatch;
import io.seine.openflow.Flow;
import io.seine.openflow.Ip;
import io.seine.openflow.Mac;
import io.seine.openflow.testing.Packets;
import io.seine.pipeline.RealPipeline.Packet;
import io.seine.pipeline.RealPipeline.Sent;
import io.seine.pipeline.ServiceFact.Endpoint;
import io.seine.pipeline.ServiceFact.Frontend;
import io.seine.pipeline.ServiceFact.Policy;
import io.seine.pipeline.ServiceFact.Port;
import io.seine.pipeline.ServiceFact.Protocol;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What becomes of connections when verdicts are reached, on a real Open vSwitch: which packets
 * pass, and what connection tracking remembers. The verdicts are those of two plain flows here, not
 * of policies.
 */
@Tag("system")
class VerdictsOnOvsTest {
  private static final LocalNode NODE = ServiceCases.NODE;
  private static final LocalPod A = ServiceCases.A;
  private static final LocalPod B = ServiceCases.B;
  private static final Mac GATEWAY = NODE.gatewayMac();
  private static final int EGRESS = 0x11;
  private static final int INGRESS = 0x22;

  private static final String DENIED = "0x80";

  private RealPipeline real;

  /** The addresses of one family. */
  private record World(Family family, Ip a, Ip b, Ip vip, Ip gateway, Ip own, Ip client) {
    static World of(Family family) {
      return family == Family.IPV4
          ? at(family, 0, "10.100.0.7", "192.0.2.1", "198.51.100.9")
          : at(family, 1, "fd00:100::7", "2001:db8::1", "2001:db8:9::9");
    }

    private static World at(Family family, int n, String vip, String own, String client) {
      return new World(
          family,
          A.addresses().get(n),
          B.addresses().get(n),
          Ip.parse(vip),
          NODE.networks().get(n).gateway(),
          Ip.parse(own),
          Ip.parse(client));
    }

    Packet there(int fromPort, int toPort) {
      return new Packet(A.ofport(), A.mac(), GATEWAY, a, fromPort, b, toPort);
    }

    Packet back(int fromPort, int toPort) {
      return new Packet(B.ofport(), B.mac(), GATEWAY, b, fromPort, a, toPort);
    }
  }

  @BeforeEach
  void installTheNode() throws Exception {
    real = new RealPipeline(2, 5, 6);
    real.install(Owner.Kind.BASE, BaseCompiler.compile(NODE));
    real.install(Owner.Kind.POD, PodCompiler.compile(NODE, A));
    real.install(Owner.Kind.POD, PodCompiler.compile(NODE, B));
    for (Family family : Family.values()) {
      // Everything between the two is judged, and allowed by a rule each way.
      add(
          Rule.in(Table.EGRESS_POLICY, Gates.JUDGED).port(A.ofport()).ip(family),
          Rule.goTo(Table.EGRESS_PEERS));
      add(
          Rule.in(Table.INGRESS_POLICY, Gates.JUDGED)
              .when(Registers.OUTPUT_PORT.is(B.ofport()))
              .ip(family),
          Rule.goTo(Table.INGRESS_PEERS));
      add(Rule.in(Table.EGRESS_NETWORK_POLICY, 100).ip(family), egress(false));
      add(Rule.in(Table.INGRESS_NETWORK_POLICY, 100).ip(family), ingress());
    }
  }

  @AfterEach
  void close() {
    real.close();
  }

  private static Action[] egress(boolean denied) {
    return denied
        ? new Action[] {
          Registers.EGRESS_RULE.set(0x99),
          Registers.LABELLED.set(1),
          Registers.DENIED.set(1),
          Rule.goTo(Table.COMMIT)
        }
        : new Action[] {
          Registers.EGRESS_RULE.set(EGRESS), Registers.LABELLED.set(1), Rule.goTo(Table.ROUTING)
        };
  }

  private static Action[] ingress() {
    return new Action[] {
      Registers.INGRESS_RULE.set(INGRESS), Registers.LABELLED.set(1), Rule.goTo(Table.COMMIT)
    };
  }

  private void add(Rule rule, Action... actions) throws Exception {
    real.commit(new Change.AddFlow(rule.then(actions), 0));
  }

  private static Flow denial(Family family, Protocol protocol, int port) {
    return Rule.in(Table.EGRESS_NETWORK_POLICY, 200)
        .ip(family)
        .protocol(protocol)
        .when(FieldMatch.exact(protocol == Protocol.TCP ? Field.TCP_DST : Field.UDP_DST, port))
        .then(egress(true));
  }

  private void forbid(Flow denial) throws Exception {
    real.commit(new Change.AddFlow(denial, 0));
  }

  private void permit(Flow denial) throws Exception {
    real.commit(new Change.DeleteFlow(denial.key()));
  }

  private String connection(int port) {
    List<String> all =
        real.connections().stream().filter(line -> line.contains("=" + port + ",")).toList();
    assertThat(all).as("connections of port %d", port).hasSize(1);
    return all.getFirst();
  }

  private boolean isDenied(int port) {
    String line = connection(port);
    int mark = line.indexOf("mark=");
    int value = Integer.parseInt(line.substring(mark + 5).split("[,\\s]", 2)[0]);
    return (value & Integer.decode(DENIED)) != 0;
  }

  private void passes(Packet packet) throws Exception {
    assertThat(real.run(packet).sent()).as("%s", packet).isPresent();
  }

  private void isDropped(Packet packet) throws Exception {
    assertThat(real.run(packet)).as("%s", packet).hasToString("dropped");
  }

  private void serve(World w, Ip endpoint) throws Exception {
    Port port =
        new Port(
            "dns",
            Protocol.UDP,
            w.family,
            80,
            List.of(Frontend.clusterIp(w.vip, 80, Policy.CLUSTER)),
            List.of(new Endpoint(endpoint, 8080)),
            List.of(),
            OptionalInt.empty());
    real.install(
        Owner.Kind.SERVICE, ServiceCompiler.compile(ServiceCases.service(port), new GroupIds()));
  }

  @ParameterizedTest
  @EnumSource(Family.class)
  void aConnectionIsRecordedWithTheRulesThatAllowedIt(Family family) throws Exception {
    World w = World.of(family);
    passes(w.there(4000, 9000));
    assertThat(connection(4000)).contains("mark=256,labels=0x1100000022");
  }

  @ParameterizedTest
  @EnumSource(Family.class)
  void aConnectionToAServiceIsToo(Family family) throws Exception {
    World w = World.of(family);
    serve(w, w.b);
    Packet request = new Packet(A.ofport(), A.mac(), GATEWAY, w.a, 4000, w.vip, 80);
    for (int i = 0; i < 2; i++) {
      Sent sent = real.run(request).sent().orElseThrow();
      assertThat(sent.to()).isEqualTo(w.b);
      assertThat(connection(4000)).contains("mark=272,labels=0x1100000022");
    }
    passes(w.back(8080, 4000));
    passes(request);
  }

  @ParameterizedTest
  @EnumSource(Family.class)
  void aConnectionThatIsDeniedFromTheStartIsNotRecorded(Family family) throws Exception {
    World w = World.of(family);
    forbid(denial(family, Protocol.UDP, 9000));
    isDropped(w.there(4000, 9000));
    isDropped(w.there(4000, 9000));
    assertThat(real.connections()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(Family.class)
  void aConnectionToAServiceIsJudgedByItsEndpointAndMarkedWhenItIsDenied(Family family)
      throws Exception {
    World w = World.of(family);
    serve(w, w.b);
    Flow denial = denial(family, Protocol.UDP, 8080);
    forbid(denial);
    Packet request = new Packet(A.ofport(), A.mac(), GATEWAY, w.a, 4000, w.vip, 80);
    isDropped(request);
    isDropped(request);
    assertThat(isDenied(4000)).isTrue();
    assertThat(connection(4000)).contains("labels=0x9900000000");
    isDropped(w.back(8080, 4000));

    permit(denial);
    passes(request);
    assertThat(isDenied(4000)).isFalse();
    passes(w.back(8080, 4000));
  }

  @ParameterizedTest
  @EnumSource(Family.class)
  void aConversationThatIsForbiddenStopsBothWaysAndGoesOnWhenItIsAllowed(Family family)
      throws Exception {
    World w = World.of(family);
    for (int i = 0; i < 3; i++) {
      passes(w.there(4000, 9000));
      passes(w.back(9000, 4000));
      passes(w.there(5000, 9001));
      passes(w.back(9001, 5000));
    }
    Flow denial = denial(family, Protocol.UDP, 9000);
    forbid(denial);
    isDropped(w.there(4000, 9000));
    for (int i = 0; i < 3; i++) {
      isDropped(w.back(9000, 4000));
      isDropped(w.there(4000, 9000));
      passes(w.there(5000, 9001));
      passes(w.back(9001, 5000));
    }
    assertThat(isDenied(4000)).isTrue();
    assertThat(connection(4000)).contains("labels=0x9900000000");
    assertThat(isDenied(5000)).isFalse();

    permit(denial);
    isDropped(w.back(9000, 4000));
    passes(w.there(4000, 9000));
    passes(w.back(9000, 4000));
    assertThat(isDenied(4000)).isFalse();
    assertThat(connection(4000)).contains("labels=0x1100000022");
  }

  @ParameterizedTest
  @EnumSource(Family.class)
  void whatNobodyAnsweredYetIsNotAnsweredOnceItIsForbidden(Family family) throws Exception {
    World w = World.of(family);
    passes(w.there(4000, 9000));
    forbid(denial(family, Protocol.UDP, 9000));
    isDropped(w.there(4000, 9000));
    isDropped(w.back(9000, 4000));
    assertThat(isDenied(4000)).isTrue();
  }

  private String tcp(World w, boolean back, int flags, int sequence, int acknowledged)
      throws Exception {
    LocalPod pod = back ? B : A;
    byte[] segment =
        back
            ? Packets.tcp(w.b.value(), 80, w.a.value(), 4000, flags, sequence, acknowledged)
            : Packets.tcp(w.a.value(), 4000, w.b.value(), 80, flags, sequence, acknowledged);
    return real.run(pod.ofport(), RealPipeline.withMacs(segment, pod.mac(), GATEWAY))
        .sent()
        .map(sent -> "passes")
        .orElse("dropped");
  }

  @ParameterizedTest
  @EnumSource(Family.class)
  void aTcpConnectionThatIsForbiddenStopsBothWaysAndGoesOnWhenItIsAllowed(Family family)
      throws Exception {
    World w = World.of(family);
    assertThat(tcp(w, false, Packets.SYN, 100, 0)).isEqualTo("passes");
    assertThat(tcp(w, true, Packets.SYN | Packets.ACK, 300, 101)).isEqualTo("passes");
    assertThat(tcp(w, false, Packets.ACK, 101, 301)).isEqualTo("passes");
    Flow denial = denial(family, Protocol.TCP, 80);
    forbid(denial);
    // What answers goes on until the client speaks, which it does at the latest to acknowledge it.
    assertThat(tcp(w, true, Packets.ACK, 301, 101)).isEqualTo("passes");
    assertThat(tcp(w, false, Packets.ACK, 101, 301)).isEqualTo("dropped");
    assertThat(tcp(w, true, Packets.ACK, 301, 101)).isEqualTo("dropped");
    assertThat(tcp(w, false, Packets.ACK, 101, 301)).isEqualTo("dropped");

    permit(denial);
    assertThat(tcp(w, false, Packets.ACK, 101, 301)).isEqualTo("passes");
    assertThat(tcp(w, true, Packets.ACK, 301, 101)).isEqualTo("passes");
  }

  @Test
  void anErrorAboutADeniedConnectionIsDroppedAndOneAboutAnAllowedConnectionIsNot()
      throws Exception {
    World w = World.of(Family.IPV4);
    passes(w.there(4000, 9000));
    passes(w.there(5000, 9001));
    forbid(denial(Family.IPV4, Protocol.UDP, 9000));
    isDropped(w.there(4000, 9000));

    assertThat(real.run(B.ofport(), unreachable(w, w.there(4000, 9000)))).hasToString("dropped");
    assertThat(real.run(B.ofport(), unreachable(w, w.there(5000, 9001))).sent()).isPresent();
  }

  /** "Port unreachable", which B sends about a packet of A's. */
  private static byte[] unreachable(World w, Packet about) {
    byte[] frame = about.frame();
    byte[] message = new byte[8 + 28];
    message[0] = 3;
    message[1] = 3;
    System.arraycopy(frame, 14, message, 8, 28);
    int sum = 0;
    for (int i = 0; i < message.length; i += 2) {
      sum += ((message[i] & 0xff) << 8) + (message[i + 1] & 0xff);
    }
    sum = (sum & 0xffff) + (sum >>> 16);
    sum = ~((sum & 0xffff) + (sum >>> 16));
    message[2] = (byte) (sum >> 8);
    message[3] = (byte) sum;
    Bits from = w.b.value();
    return RealPipeline.withMacs(Packets.ip(from, w.a.value(), 1, message), B.mac(), GATEWAY);
  }

  @ParameterizedTest
  @EnumSource(Family.class)
  void aPodsOwnNodeAndThePodItselfAreNeverJudged(Family family) throws Exception {
    World w = World.of(family);
    serve(w, w.b);
    // Nothing may come to B, nor leave A, as far as it is judged.
    real.commit(
        new Change.AddFlow(
            Rule.in(Table.INGRESS_NETWORK_POLICY, 300)
                .ip(family)
                .then(Registers.DENIED.set(1), Rule.goTo(Table.COMMIT)),
            0),
        new Change.AddFlow(
            Rule.in(Table.EGRESS_NETWORK_POLICY, 300)
                .ip(family)
                .then(Registers.DENIED.set(1), Rule.goTo(Table.COMMIT)),
            0));
    for (Ip own : List.of(w.gateway, w.own)) {
      passes(new Packet(2, GATEWAY, Addresses.ROUTER_MAC, own, 4000, w.b, 9000));
      passes(new Packet(A.ofport(), A.mac(), GATEWAY, w.a, 4001, own, 9000));
    }
    passes(new Packet(B.ofport(), B.mac(), GATEWAY, w.b, 4002, w.vip, 80));
    isDropped(new Packet(2, GATEWAY, Addresses.ROUTER_MAC, w.client, 4000, w.b, 9000));
    isDropped(new Packet(A.ofport(), A.mac(), GATEWAY, w.a, 4001, w.client, 9000));
  }

  @Test
  void whatComesFromOutsideIsJudgedByItsOwnAddressBeforeItIsTranslated() throws Exception {
    World w = World.of(Family.IPV4);
    serve(w, w.b);
    forbidFrom(w.client);
    Packet outside = new Packet(2, GATEWAY, Addresses.ROUTER_MAC, w.client, 4000, w.vip, 80);
    isDropped(outside);
    Packet other = new Packet(2, GATEWAY, Addresses.ROUTER_MAC, w.client.plus(1), 4000, w.vip, 80);
    assertThat(real.run(other).sent().orElseThrow().from()).isEqualTo(w.gateway);
  }

  private void forbidFrom(Ip source) throws Exception {
    add(
        Rule.in(Table.INGRESS_NETWORK_POLICY, 300).source(source),
        Registers.DENIED.set(1),
        Rule.goTo(Table.COMMIT));
  }
}
