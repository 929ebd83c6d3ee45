package io.seine.reconcile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.seine.openflow.Action;
import io.seine.openflow.Flow;
import io.seine.openflow.InstalledFlow;
import io.seine.openflow.Ip;
import io.seine.openflow.IpPrefix;
import io.seine.openflow.Match;
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
import io.seine.pipeline.ServiceCompiler;
import io.seine.pipeline.ServiceFact;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The whole pipeline and the reconciler on a real Open vSwitch. */
@Tag("system")
class ReconcilerOnOvsTest {
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final Ip VIP = Ip.parse("10.100.0.7");
  private static final LocalNode NODE =
      LocalNode.of(
          "n1",
          Ip.parse("192.0.2.1"),
          IpPrefix.parse("10.0.1.0/24"),
          List.of(IpPrefix.parse("10.100.0.0/16")));
  private static final PeerNode PEER =
      new PeerNode("n2", Ip.parse("192.0.2.2"), IpPrefix.parse("10.0.2.0/24"));
  private static final LocalPod A = pod("a", "10.0.1.2", 5);
  private static final LocalPod B = pod("b", "10.0.1.3", 6);

  private final String bridge = "rec" + UUID.randomUUID().toString().substring(0, 8);
  private final List<AutoCloseable> open = new ArrayList<>();
  private final OvsInstance ovs = OvsInstance.start();

  private static LocalPod pod(String name, String address, int ofport) {
    Ip ip = Ip.parse(address);
    return new LocalPod("web", name, ip, Addresses.macOf(ip), ofport);
  }

  @BeforeEach
  void makeTheBridge() {
    ovs.addBridge(bridge);
  }

  @AfterEach
  void stop() throws Exception {
    try {
      for (AutoCloseable closeable : open.reversed()) {
        closeable.close();
      }
      ovs.vsctl("del-br", bridge);
    } finally {
      ovs.close();
    }
  }

  private OpenFlowConnection connect() throws Exception {
    // While vswitchd configures a bridge it may close what has just connected.
    OpenFlowConnection connection =
        await()
            .atMost(SOON)
            .ignoreException(SwitchException.class)
            .until(() -> OpenFlowConnection.connect(ovs.mgmt(bridge)), OpenFlowConnection::isOpen);
    open.add(connection);
    return connection;
  }

  private Reconciler start(ServiceFact.Protocol protocol, int endpoints) throws Exception {
    GroupIds ids = new GroupIds();
    Reconciler reconciler = new Reconciler(ids, ReconcileListener.NONE);
    open.add(reconciler);
    reconciler.put(new Owner.Base(), () -> BaseCompiler.compile(NODE));
    reconciler.put(PEER.owner(), () -> NodeCompiler.compile(NODE, PEER));
    reconciler.put(A.owner(), () -> PodCompiler.compile(NODE, A));
    reconciler.put(B.owner(), () -> PodCompiler.compile(NODE, B));
    put(reconciler, ids, protocol, endpoints);
    reconciler.put(
        new Owner.Service("web", "nothing"),
        () ->
            ServiceCompiler.compile(service("nothing", protocol, Ip.parse("10.100.0.9"), 0), ids));
    reconciler.connected(connect());
    reconciler.initialSyncComplete();
    assertThat(reconciler.awaitConverged(SOON)).isTrue();
    return reconciler;
  }

  private static void put(
      Reconciler reconciler, GroupIds ids, ServiceFact.Protocol protocol, int endpoints) {
    ServiceFact fact = service("front", protocol, VIP, endpoints);
    reconciler.put(fact.owner(), () -> ServiceCompiler.compile(fact, ids));
  }

  private static ServiceFact service(
      String name, ServiceFact.Protocol protocol, Ip vip, int endpoints) {
    List<ServiceFact.Endpoint> list = new ArrayList<>();
    for (int i = 0; i < endpoints; i++) {
      list.add(new ServiceFact.Endpoint(Ip.parse("10.0.2.0").plus(3 + i), 8080));
    }
    return new ServiceFact(
        "web", name, List.of(ServiceFact.Port.clusterIp("p", protocol, 80, List.of(vip), list)));
  }

  private static Map<Flow.Key, Long> ages(List<InstalledFlow> flows) {
    return flows.stream().collect(Collectors.toMap(f -> f.flow().key(), f -> f.age().toMillis()));
  }

  @Test
  void whatIsWrittenIsReadBackEqualAndAdopted() throws Exception {
    Reconciler first = start(ServiceFact.Protocol.TCP, 4);
    assertThat(first.audit(SOON).findings()).isEmpty();
    var before = ages(connect().dumpFlows());
    first.close();

    Reconciler second = start(ServiceFact.Protocol.TCP, 4);

    assertThat(second.audit(SOON).findings()).isEmpty();
    var after = ages(connect().dumpFlows());
    assertThat(after.keySet()).isEqualTo(before.keySet());
    assertThat(after)
        .allSatisfy((key, age) -> assertThat(age).isGreaterThanOrEqualTo(before.get(key)));
  }

  @Test
  void whatSomeoneDidByHandIsNamedAndRepaired() throws Exception {
    Reconciler reconciler = start(ServiceFact.Protocol.TCP, 4);
    int wanted = connect().dumpFlows().size();
    ovs.ofctl("del-flows", bridge, "table=5");
    int deleted = wanted - connect().dumpFlows().size();
    ovs.ofctl("add-flow", bridge, "table=0,priority=9,udp,actions=NORMAL");
    ovs.ofctl("add-flow", bridge, "table=3,priority=9,ip,actions=drop");
    ovs.ofctl("mod-flows", bridge, "table=60,actions=drop");

    DriftReport report = reconciler.audit(SOON);

    assertThat(report.count(DriftReport.Kind.MISSING)).isEqualTo(deleted).isPositive();
    assertThat(report.count(DriftReport.Kind.FOREIGN)).isEqualTo(2);
    assertThat(report.count(DriftReport.Kind.ALTERED)).isEqualTo(2);
    assertThat(report.repaired()).isTrue();
    assertThat(reconciler.audit(SOON).findings()).isEmpty();
    assertThat(ovs.ofctl("dump-flows", bridge)).doesNotContainIgnoringCase("normal", "flood");
  }

  @Test
  void endpointsComeAndGoWithoutTouchingAnyFlow() throws Exception {
    Reconciler reconciler = start(ServiceFact.Protocol.TCP, 4);
    GroupIds ids = new GroupIds();
    for (int endpoints : List.of(5, 3, 600, 1, 0, 2)) {
      put(reconciler, ids, ServiceFact.Protocol.TCP, endpoints);
      reconciler.awaitInstalled(new Owner.Service("web", "front"), SOON);
      assertThat(reconciler.audit(SOON).findings()).isEmpty();
      // An endpoint may have two buckets, and a bucket may lead to another group.
      var buckets = connect().dumpGroups().stream().flatMap(g -> g.buckets().stream());
      assertThat(
              buckets
                  .flatMap(bucket -> bucket.actions().stream())
                  .filter(Action.Ct.class::isInstance)
                  .distinct())
          .hasSize(endpoints);
    }
  }

  @Test
  void aSwitchThatRestartedIsFilledAgain() throws Exception {
    Reconciler reconciler = start(ServiceFact.Protocol.TCP, 4);
    int wanted = connect().dumpFlows().size();
    ovs.killVswitchd();
    reconciler.disconnected();
    ovs.startVswitchd();
    reconciler.connected(connect());
    assertThat(reconciler.awaitConverged(SOON)).isTrue();
    assertThat(connect().dumpFlows()).hasSize(wanted);
  }

  @Test
  void aBundleWithAMissingGroupIsRefusedAndNamesTheOwner() throws Exception {
    Reconciler reconciler = start(ServiceFact.Protocol.TCP, 1);
    Owner bad = new Owner.Service("web", "bad");
    Flow dangling = new Flow(17, 7, Match.ANY, List.of(new Action.Group(4711)));
    reconciler.put(bad, new io.seine.pipeline.FlowSet(List.of(dangling), List.of()));
    await().atMost(SOON).until(() -> reconciler.status().refused().containsKey(bad));
    assertThat(reconciler.status().refused().get(bad)).contains("GROUP");
    assertThat(reconciler.audit(SOON).findings()).hasSize(1);
  }

  @Test
  void tracesAgreeWithTheFake() throws Exception {
    assertThat(start(ServiceFact.Protocol.TCP, 4).ready()).isTrue();
    String pod = "in_port=5,tcp,dl_src=%s,nw_src=10.0.1.2,".formatted(A.mac());
    String toB = "dl_dst=%s,nw_dst=10.0.1.3,tcp_dst=80".formatted(B.mac());
    assertThat(trace(pod + toB)).contains("output:NXM_NX_REG1");
    assertThat(trace("in_port=5,tcp,dl_src=%s,nw_src=10.0.1.3,%s".formatted(A.mac(), toB)))
        .contains("Datapath actions: drop");
    assertThat(trace("in_port=5,tcp,dl_src=%s,nw_src=10.0.1.2,%s".formatted(B.mac(), toB)))
        .contains("Datapath actions: drop");
    assertThat(trace(pod + "dl_dst=" + NODE.gatewayMac() + ",nw_dst=10.0.1.99,tcp_dst=80"))
        .doesNotContain("output:");
    assertThat(trace(pod + "dl_dst=" + NODE.gatewayMac() + ",nw_dst=10.100.0.9,tcp_dst=80"))
        .contains("controller");
    assertThat(trace(pod + "dl_dst=" + NODE.gatewayMac() + ",nw_dst=10.0.2.9,tcp_dst=80"))
        .contains("192.0.2.2->tun_dst", "dec_ttl");
    assertThat(
            trace(
                "in_port=5,arp,dl_src=%s,arp_op=1,arp_spa=10.0.1.2,arp_sha=%s,arp_tpa=10.0.1.1"
                    .formatted(A.mac(), A.mac())))
        .contains("IN_PORT");
  }

  private String trace(String flow) {
    return ovs.appctl(
        "ofproto/trace", bridge, flow, "--ct-next", "trk,new", "--ct-next", "trk,new");
  }
}
