package io.seine.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.seine.openflow.Change;
import io.seine.openflow.Field;
import io.seine.openflow.Ip;
import io.seine.openflow.IpPrefix;
import io.seine.openflow.Mac;
import io.seine.openflow.testing.FakePacket;
import io.seine.openflow.testing.FakePipeline;
import io.seine.openflow.testing.FakeSwitch;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whole ways through the pipeline, each as a line: the tables met, the port, the packet. */
class LifeOfAPacketTest {
  static final Ip VIP = Ip.parse("10.100.0.7");
  static final LocalNode NODE =
      LocalNode.of(
          "n1",
          Ip.parse("192.0.2.1"),
          IpPrefix.parse("10.0.1.0/24"),
          List.of(IpPrefix.parse("10.100.0.0/16")));
  static final PeerNode PEER =
      new PeerNode("n2", Ip.parse("192.0.2.2"), IpPrefix.parse("10.0.2.0/24"));
  static final LocalPod A = pod("a", "10.0.1.2", 5);
  static final LocalPod B = pod("b", "10.0.1.3", 6);
  static final Ip REMOTE = Ip.parse("10.0.2.9");
  static final Mac GATEWAY = NODE.gatewayMac();

  private final FakeSwitch flows = new FakeSwitch();
  private final FakePipeline pipeline = new FakePipeline(flows);
  private final GroupIds ids = new GroupIds();

  static LocalPod pod(String name, String address, int ofport) {
    Ip ip = Ip.parse(address);
    return new LocalPod("web", name, ip, Addresses.macOf(ip), ofport);
  }

  static ServiceFact service(Ip clusterIp, String... endpoints) {
    List<ServiceFact.Endpoint> list = new ArrayList<>();
    for (String endpoint : endpoints) {
      list.add(new ServiceFact.Endpoint(Ip.parse(endpoint), 8080));
    }
    return new ServiceFact(
        "web",
        "front",
        List.of(
            ServiceFact.Port.clusterIp(
                "http", ServiceFact.Protocol.TCP, 80, List.of(clusterIp), list)));
  }

  @BeforeEach
  void installTheNode() {
    install(Owner.Kind.BASE, BaseCompiler.compile(NODE));
    install(Owner.Kind.NODE, NodeCompiler.compile(NODE, PEER));
    install(Owner.Kind.POD, PodCompiler.compile(NODE, A));
    install(Owner.Kind.POD, PodCompiler.compile(NODE, B));
  }

  private void install(Owner.Kind kind, FlowSet set) {
    List<Change> changes = new ArrayList<>();
    set.groups().forEach(g -> changes.add(new Change.AddGroup(g)));
    set.flows().forEach(f -> changes.add(new Change.AddFlow(f, Cookie.of(kind, f))));
    flows.meddle(changes.toArray(Change[]::new));
  }

  private void serve(String... endpoints) {
    install(Owner.Kind.SERVICE, ServiceCompiler.compile(service(VIP, endpoints), ids));
  }

  private String run(FakePacket packet) {
    return pipeline.run(packet).text();
  }

  private static FakePacket fromPod(LocalPod pod, Mac to, int port, Ip target, int targetPort) {
    return FakePacket.tcp(pod.ofport(), pod.mac(), to, pod.address(), port, target, targetPort);
  }

  private static FakePacket fromHost(Mac to, Ip from, int port, Ip target, int targetPort) {
    return FakePacket.tcp(2, GATEWAY, to, from, port, target, targetPort);
  }

  private static FakePacket fromPeer(Ip from, int port, Ip target, int targetPort) {
    return FakePacket.tcp(1, GATEWAY, Addresses.ROUTER_MAC, from, port, target, targetPort)
        .with(Field.TUN_SRC, PEER.nodeAddress().value().toLong());
  }

  @Test
  void aPodReachesAPodOfItsNodeWithoutARouter() {
    assertThat(run(fromPod(A, B.mac(), 4000, B.address(), 80)))
        .isEqualTo(
            "0 5 10 11 12 15 17 20 30 40 43 50 55 60 -> port 6: 10.0.1.2:4000 > 10.0.1.3:80 ttl 64");
    assertThat(run(fromPod(B, A.mac(), 80, A.address(), 4000)))
        .isEqualTo(
            "0 5 10 11 12 20 30 40 43 50 55 60 -> port 5: 10.0.1.3:80 > 10.0.1.2:4000 ttl 64");
  }

  @Test
  void aPodReachesAPodOfAPeerThroughTheTunnelOneHopAway() {
    var story = pipeline.run(fromPod(A, GATEWAY, 4000, REMOTE, 80));
    assertThat(story.text())
        .isEqualTo(
            "0 5 10 11 12 15 17 20 30 31 40 43 50 55 60 -> port 1: 10.0.1.2:4000 > 10.0.2.9:80 ttl 63");
    FakePacket sent = story.sent().getFirst().packet();
    assertThat(sent.address(Field.TUN_DST)).isEqualTo(PEER.nodeAddress());
    assertThat(sent.mac(Field.ETH_SRC)).isEqualTo(GATEWAY);
    assertThat(sent.mac(Field.ETH_DST)).isEqualTo(Addresses.ROUTER_MAC);

    var back = pipeline.run(fromPeer(REMOTE, 80, A.address(), 4000));
    assertThat(back.text())
        .isEqualTo(
            "0 5 10 11 12 20 30 31 40 43 50 55 60 -> port 5: 10.0.2.9:80 > 10.0.1.2:4000 ttl 64");
    assertThat(back.sent().getFirst().packet().mac(Field.ETH_DST)).isEqualTo(A.mac());
    assertThat(back.sent().getFirst().packet().mac(Field.ETH_SRC)).isEqualTo(GATEWAY);
  }

  @Test
  void aPodReachesTheWorldThroughTheHost() {
    assertThat(run(fromPod(A, GATEWAY, 4000, Ip.parse("198.51.100.1"), 443)))
        .isEqualTo(
            "0 5 10 11 12 15 17 20 30 40 43 50 55 60 -> port 2: 10.0.1.2:4000 > 198.51.100.1:443 ttl 64");
    assertThat(run(fromHost(A.mac(), Ip.parse("198.51.100.1"), 443, A.address(), 4000)))
        .endsWith("-> port 5: 198.51.100.1:443 > 10.0.1.2:4000 ttl 64");
  }

  @Test
  void theNodeReachesItsPodsAndThoseOfPeers() {
    assertThat(run(fromHost(A.mac(), NODE.gatewayAddress(), 40000, A.address(), 80)))
        .isEqualTo(
            "0 5 10 11 12 15 17 20 30 40 43 50 55 60 -> port 5: 10.0.1.1:40000 > 10.0.1.2:80 ttl 64");
    assertThat(run(fromPod(A, GATEWAY, 80, NODE.gatewayAddress(), 40000)))
        .endsWith("-> port 2: 10.0.1.2:80 > 10.0.1.1:40000 ttl 64");
    assertThat(run(fromHost(Addresses.ROUTER_MAC, NODE.gatewayAddress(), 40000, REMOTE, 80)))
        .endsWith("-> port 1: 10.0.1.1:40000 > 10.0.2.9:80 ttl 64");
    assertThat(run(fromPeer(REMOTE, 80, NODE.gatewayAddress(), 40000)))
        .endsWith("-> port 2: 10.0.2.9:80 > 10.0.1.1:40000 ttl 64");
  }

  @Test
  void aServiceTranslatesThereAndBack() {
    serve("10.0.1.3");
    assertThat(run(fromPod(A, GATEWAY, 4000, VIP, 80)))
        .isEqualTo(
            "0 5 10 11 12 15 17 20 30 31 40 43 50 55 60 -> port 6: 10.0.1.2:4000 > 10.0.1.3:8080 ttl 63");
    assertThat(run(fromPod(B, A.mac(), 8080, A.address(), 4000)))
        .isEqualTo(
            "0 5 10 11 12 20 30 40 43 50 55 60 -> port 5: 10.100.0.7:80 > 10.0.1.2:4000 ttl 64");
    // Established: the endpoint is not picked again.
    assertThat(run(fromPod(A, GATEWAY, 4000, VIP, 80)))
        .isEqualTo(
            "0 5 10 11 12 20 30 31 40 43 50 55 60 -> port 6: 10.0.1.2:4000 > 10.0.1.3:8080 ttl 63");
  }

  @Test
  void aServiceKeepsItsEndpointWhenTheFirstPacketIsRepeated() {
    serve("10.0.1.3", "10.0.2.9");
    String first = run(fromPod(A, GATEWAY, 4000, VIP, 80));
    String again = run(fromPod(A, GATEWAY, 4000, VIP, 80));
    assertThat(again.substring(again.indexOf("->")))
        .isEqualTo(first.substring(first.indexOf("->")));
  }

  @Test
  void aPodReachesItselfThroughItsService() {
    serve("10.0.1.2");
    var there = pipeline.run(fromPod(A, GATEWAY, 40000, VIP, 80));
    assertThat(there.text())
        .isEqualTo(
            "0 5 10 11 12 15 17 20 30 31 40 43 50 55 60 -> port 5: 169.254.0.253:40000 > 10.0.1.2:8080 ttl 63");
    assertThat(run(fromPod(A, GATEWAY, 8080, Addresses.ROUTER_ADDRESS, 40000)))
        .isEqualTo(
            "0 5 10 11 12 20 30 31 40 43 50 55 60 -> port 5: 10.100.0.7:80 > 10.0.1.2:40000 ttl 63");
    // And again, now that the connection is established.
    assertThat(run(fromPod(A, GATEWAY, 40000, VIP, 80)))
        .endsWith("-> port 5: 169.254.0.253:40000 > 10.0.1.2:8080 ttl 63");
  }

  @Test
  void theNodeAndAPodThatReachesItselfMayUseOnePortAtATime() {
    serve("10.0.1.2");
    run(fromPod(A, GATEWAY, 40000, VIP, 80));

    run(fromHost(Addresses.ROUTER_MAC, NODE.gatewayAddress(), 40000, VIP, 80));

    assertThat(run(fromPod(A, GATEWAY, 8080, NODE.gatewayAddress(), 40000)))
        .endsWith("-> port 2: 10.100.0.7:80 > 10.0.1.1:40000 ttl 64");
    assertThat(run(fromPod(A, GATEWAY, 8080, Addresses.ROUTER_ADDRESS, 40000)))
        .endsWith("-> port 5: 10.100.0.7:80 > 10.0.1.2:40000 ttl 63");
  }

  @Test
  void theNodeReachesAServiceWithTheGatewaysAddressAsItIs() {
    serve("10.0.2.9");
    assertThat(run(fromHost(Addresses.ROUTER_MAC, NODE.gatewayAddress(), 40000, VIP, 80)))
        .isEqualTo(
            "0 5 10 11 12 15 17 20 30 31 40 43 50 55 60 -> port 1: 10.0.1.1:40000 > 10.0.2.9:8080 ttl 64");
    assertThat(run(fromPeer(REMOTE, 8080, NODE.gatewayAddress(), 40000)))
        .endsWith("-> port 2: 10.100.0.7:80 > 10.0.1.1:40000 ttl 64");
  }

  @Test
  void theNodeReachesAServiceFromAnotherOfItsAddresses() {
    serve("10.0.2.9");
    assertThat(run(fromHost(Addresses.ROUTER_MAC, NODE.nodeAddress(), 2000, VIP, 80)))
        .endsWith("-> port 1: 10.0.1.1:2000 > 10.0.2.9:8080 ttl 64");
    assertThat(run(fromPeer(REMOTE, 8080, NODE.gatewayAddress(), 2000)))
        .endsWith("-> port 2: 10.100.0.7:80 > 192.0.2.1:2000 ttl 64");
  }

  @Test
  void theNodeReachesAServiceThatANodeServes() {
    serve("192.0.2.2");
    assertThat(run(fromHost(Addresses.ROUTER_MAC, NODE.gatewayAddress(), 2000, VIP, 80)))
        .endsWith("-> port 2: 169.254.0.253:2000 > 192.0.2.2:8080 ttl 64");
    assertThat(
            run(
                fromHost(
                    Addresses.ROUTER_MAC,
                    Ip.parse("192.0.2.2"),
                    8080,
                    Addresses.ROUTER_ADDRESS,
                    2000)))
        .endsWith("-> port 2: 10.100.0.7:80 > 10.0.1.1:2000 ttl 64");
  }

  @Test
  void aServiceWithoutEndpointsIsRefusedByTheAgent() {
    serve();
    assertThat(run(fromPod(A, GATEWAY, 4000, VIP, 80))).isEqualTo("0 5 10 11 12 15 17 -> agent 01");
  }

  @Test
  void whatNoServiceServesStaysOnTheNode() {
    assertThat(run(fromPod(A, GATEWAY, 4000, VIP, 81)))
        .isEqualTo("0 5 10 11 12 15 17 20 30 dropped");
    assertThat(run(fromPod(A, GATEWAY, 4000, Ip.parse("10.0.1.77"), 80)))
        .isEqualTo("0 5 10 11 12 15 17 20 30 dropped");
  }

  @Test
  void forgedSourcesGoNowhere() {
    assertThat(run(fromPod(A, GATEWAY, 4000, REMOTE, 80).with(Field.ETH_SRC, B.mac().bits())))
        .isEqualTo("0 5 dropped");
    assertThat(
            run(
                fromPod(A, GATEWAY, 4000, REMOTE, 80)
                    .with(Field.IPV4_SRC, B.address().value().toLong())))
        .isEqualTo("0 5 dropped");
    assertThat(run(fromPod(A, GATEWAY, 4000, REMOTE, 80).with(Field.ETH_TYPE, 0x86dd)))
        .isEqualTo("0 dropped");
    assertThat(run(fromPod(A, GATEWAY, 4000, REMOTE, 80).with(Field.IN_PORT, 9)))
        .isEqualTo("0 dropped");
  }

  @Test
  void theTunnelBringsOnlyWhatThatNodeMaySend() {
    assertThat(run(fromPeer(B.address(), 4000, A.address(), 80))).isEqualTo("0 5 dropped");
    assertThat(
            run(
                fromPeer(REMOTE, 4000, A.address(), 80)
                    .with(Field.TUN_SRC, Ip.parse("192.0.2.66").value().toLong())))
        .isEqualTo("0 5 dropped");
    // Nor does a node serve as a router for others.
    assertThat(run(fromPeer(REMOTE, 4000, Ip.parse("10.0.2.10"), 80)))
        .isEqualTo("0 5 10 11 12 15 17 20 30 dropped");
    assertThat(run(fromPeer(REMOTE, 4000, Ip.parse("198.51.100.1"), 80)))
        .isEqualTo("0 5 10 11 12 15 17 20 30 dropped");
  }

  @Test
  void arpIsAnsweredByFlows() {
    assertThat(run(FakePacket.arpRequest(5, A.mac(), A.address(), B.address())))
        .isEqualTo("0 1 2 -> port 5: arp reply 10.0.1.3 is at " + B.mac());
    assertThat(run(FakePacket.arpRequest(5, A.mac(), A.address(), NODE.gatewayAddress())))
        .isEqualTo("0 1 2 -> port 5: arp reply 10.0.1.1 is at " + GATEWAY);
    assertThat(run(FakePacket.arpRequest(2, GATEWAY, NODE.gatewayAddress(), A.address())))
        .isEqualTo("0 1 2 -> port 2: arp reply 10.0.1.2 is at " + A.mac());
    assertThat(run(FakePacket.arpRequest(2, GATEWAY, NODE.nodeAddress(), Addresses.ROUTER_ADDRESS)))
        .isEqualTo("0 1 2 -> port 2: arp reply 169.254.0.253 is at " + Addresses.ROUTER_MAC);
    assertThat(run(FakePacket.arpRequest(5, A.mac(), A.address(), Ip.parse("10.0.1.88"))))
        .isEqualTo("0 1 2 dropped");
  }

  @Test
  void forgedArpIsDropped() {
    assertThat(run(FakePacket.arpRequest(5, A.mac(), B.address(), NODE.gatewayAddress())))
        .isEqualTo("0 1 dropped");
    assertThat(run(FakePacket.arpRequest(5, B.mac(), A.address(), NODE.gatewayAddress())))
        .isEqualTo("0 1 dropped");
    assertThat(
            run(
                FakePacket.arpRequest(5, A.mac(), A.address(), NODE.gatewayAddress())
                    .with(Field.ARP_OP, 2)))
        .isEqualTo("0 1 dropped");
    // Its own announcement is true, but there is no one to answer it.
    assertThat(run(FakePacket.arpRequest(5, A.mac(), A.address(), A.address())))
        .isEqualTo("0 1 dropped");
  }
}
