package io.seine.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.seine.openflow.Action;
import io.seine.openflow.Bits;
import io.seine.openflow.Field;
import io.seine.openflow.Ip;
import io.seine.openflow.IpPrefix;
import io.seine.openflow.Mac;
import io.seine.openflow.testing.Packets;
import io.seine.pipeline.RealPipeline.Packet;
import java.io.ByteArrayOutputStream;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pods with IPv6 only on a real Open vSwitch, nodes whose tunnels run over IPv6. */
@Tag("system")
class Ipv6OnOvsTest {
  private static final LocalNode NODE =
      LocalNode.of(
          "n1",
          Ip.parse("2001:db8::1"),
          IpPrefix.parse("fd00:10:0:1::/64"),
          List.of(IpPrefix.parse("fd00:100::/112")));
  private static final PeerNode PEER =
      new PeerNode("n2", Ip.parse("2001:db8::2"), IpPrefix.parse("fd00:10:0:2::/64"));
  private static final LocalPod A = pod("a", "fd00:10:0:1::2", 5);
  private static final LocalPod B = pod("b", "fd00:10:0:1::3", 6);
  private static final Ip REMOTE = Ip.parse("fd00:10:0:2::9");
  private static final Ip LINK_LOCAL = Ip.parse("fe80::858:aff:fe00:102");
  private static final Mac GATEWAY = NODE.gatewayMac();
  private static final int ICMPV6 = 58;
  private static final int ECHO = 128;
  private static final int SOLICITATION = 135;
  private static final int HOP_BY_HOP = 0;
  private static final int DESTINATION_OPTIONS = 60;

  private RealPipeline real;

  private static LocalPod pod(String name, String address, int ofport) {
    Ip ip = Ip.parse(address);
    return new LocalPod("web", name, ip, Addresses.macOf(ip), ofport);
  }

  @BeforeEach
  void installTheNode() throws Exception {
    real = new RealPipeline(2, 5, 6);
    real.install(Owner.Kind.BASE, BaseCompiler.compile(NODE));
    real.install(Owner.Kind.NODE, NodeCompiler.compile(NODE, PEER));
    real.install(Owner.Kind.POD, PodCompiler.compile(NODE, A));
    real.install(Owner.Kind.POD, PodCompiler.compile(NODE, B));
  }

  @AfterEach
  void close() {
    real.close();
  }

  private String run(LocalPod from, Mac to, Ip source, Ip target, int next, byte[] payload)
      throws Exception {
    byte[] frame = Packets.ip(source.value(), target.value(), next, payload);
    frame[21] = (byte) 255;
    return real.run(from.ofport(), RealPipeline.withMacs(frame, from.mac(), to)).toString();
  }

  /** An ICMPv6 message with an address in it; nothing on the way looks at its checksum. */
  private static byte[] icmp(int type, Ip about) {
    byte[] message = new byte[24];
    message[0] = (byte) type;
    System.arraycopy(about.value().toByteArray(), 0, message, 8, 16);
    return message;
  }

  /** Behind extension headers of 8 bytes; the first is the one that the IPv6 header names. */
  private static byte[] behind(byte[] payload, int... headers) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int i = 1; i <= headers.length; i++) {
      bytes.writeBytes(
          new byte[] {(byte) (i < headers.length ? headers[i] : ICMPV6), 0, 1, 4, 0, 0, 0, 0});
    }
    bytes.writeBytes(payload);
    return bytes.toByteArray();
  }

  @Test
  void podsReachEachOtherByWayOfTheGatewayOnly() throws Exception {
    Packet routed = new Packet(5, A.mac(), GATEWAY, A.address(), 4000, B.address(), 80);
    assertThat(real.run(routed))
        .hasToString("port 6: [fd00:10:0:1::2]:4000 > [fd00:10:0:1::3]:80 hops 63");
    Packet straight = new Packet(5, A.mac(), B.mac(), A.address(), 4000, B.address(), 80);
    assertThat(real.run(straight)).hasToString("dropped");
  }

  @Test
  void podsReachThoseOfAPeerByATunnelOverIpv6() throws Exception {
    Packet there = new Packet(5, A.mac(), GATEWAY, A.address(), 4000, REMOTE, 80);
    assertThat(real.run(there))
        .hasToString("port 1: [fd00:10:0:1::2]:4000 > [fd00:10:0:2::9]:80 hops 63 by 2001:db8::2");

    Packet back = new Packet(1, GATEWAY, Addresses.ROUTER_MAC, REMOTE, 80, A.address(), 4000);
    Action fromPeer = Rule.set(Field.TUN_IPV6_SRC, PEER.nodeAddress());
    Action fromAnother = Rule.set(Field.TUN_IPV6_SRC, Ip.parse("2001:db8::66"));
    assertThat(real.run(back, fromAnother)).hasToString("dropped");
    assertThat(real.run(back, fromPeer))
        .hasToString("port 5: [fd00:10:0:2::9]:80 > [fd00:10:0:1::2]:4000 hops 64");
  }

  @Test
  void theNodeReachesItsPodsAndTheyIt() throws Exception {
    Ip gateway = NODE.gatewayAddress();
    Packet there = new Packet(2, GATEWAY, Addresses.ROUTER_MAC, gateway, 4000, A.address(), 80);
    RealPipeline.Sent sent = real.run(there).sent().orElseThrow();
    assertThat(sent).hasToString("port 5: [fd00:10:0:1::1]:4000 > [fd00:10:0:1::2]:80 hops 64");
    assertThat(real.run(sent.answer(5, A.mac(), GATEWAY)))
        .hasToString("port 2: [fd00:10:0:1::2]:80 > [fd00:10:0:1::1]:4000 hops 64");
  }

  @Test
  void forgedSourcesGoNowhere() throws Exception {
    Ip third = Ip.parse("fd00:10:0:1::4");
    byte[] echo = icmp(ECHO, third);
    assertThat(run(A, GATEWAY, third, B.address(), ICMPV6, echo)).isEqualTo("dropped");
    assertThat(run(A, GATEWAY, third, B.address(), HOP_BY_HOP, behind(echo, HOP_BY_HOP)))
        .isEqualTo("dropped");
    assertThat(run(A, GATEWAY, LINK_LOCAL, B.address(), ICMPV6, echo)).isEqualTo("dropped");
    assertThat(real.run(new Packet(5, A.mac(), GATEWAY, Ip.parse("10.0.1.2"), 1, REMOTE4, 2)))
        .hasToString("dropped");
  }

  private static final Ip REMOTE4 = Ip.parse("10.0.2.9");

  @Test
  void whoAsksForTheGatewayIsAnsweredByTheAgent() throws Exception {
    Ip gateway = NODE.gatewayAddress();
    Ip everyone = Ip.parse("ff02::1:ff00:1");
    Mac group = Mac.parse("33:33:ff:00:00:01");
    byte[] asks = icmp(SOLICITATION, gateway);
    String answered = "agent " + Bits.of(ToAgent.NEIGHBOUR, 1);
    assertThat(run(A, group, A.address(), everyone, ICMPV6, asks)).isEqualTo(answered);
    assertThat(run(A, GATEWAY, A.address(), gateway, ICMPV6, asks)).isEqualTo(answered);
    assertThat(run(A, GATEWAY, LINK_LOCAL, gateway, ICMPV6, asks)).isEqualTo(answered);

    assertThat(run(A, group, B.address(), everyone, ICMPV6, asks)).isEqualTo("dropped");
    assertThat(run(A, group, Ip.parse("::"), everyone, ICMPV6, asks)).isEqualTo("dropped");
    assertThat(run(A, group, A.address(), everyone, ICMPV6, icmp(SOLICITATION, B.address())))
        .isEqualTo("dropped");
  }

  /** Listeners' reports, router solicitation and advertisement, advertisement, redirect. */
  @ParameterizedTest
  @ValueSource(ints = {130, 131, 132, 133, 134, 136, 137, 143})
  void nothingElseOfNeighbourDiscoveryGoesAnywhere(int type) throws Exception {
    byte[] message = icmp(type, NODE.gatewayAddress());
    for (Mac to : List.of(GATEWAY, B.mac())) {
      assertThat(run(A, to, A.address(), B.address(), ICMPV6, message)).isEqualTo("dropped");
      assertThat(run(A, to, A.address(), B.address(), HOP_BY_HOP, behind(message, HOP_BY_HOP)))
          .isEqualTo("dropped");
      assertThat(
              run(
                  A,
                  to,
                  A.address(),
                  B.address(),
                  DESTINATION_OPTIONS,
                  behind(message, DESTINATION_OPTIONS, DESTINATION_OPTIONS)))
          .isEqualTo("dropped");
    }
  }
}
