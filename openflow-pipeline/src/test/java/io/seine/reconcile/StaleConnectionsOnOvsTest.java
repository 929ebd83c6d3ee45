package io.seine.reconcile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.seine.openflow.Action;
import io.seine.openflow.Family;
import io.seine.openflow.InstalledFlow;
import io.seine.openflow.Ip;
import io.seine.openflow.IpPrefix;
import io.seine.openflow.SwitchException;
import io.seine.openflow.connection.OpenFlowConnection;
import io.seine.openflow.testing.OvsInstance;
import io.seine.openflow.testing.Packets;
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
import io.seine.pipeline.ServiceFact.Endpoint;
import io.seine.pipeline.ServiceFact.Frontend;
import io.seine.pipeline.ServiceFact.Policy;
import io.seine.pipeline.ServiceFact.Protocol;
import io.seine.pipeline.Table;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The whole pipeline on a real switch, with a client that keeps sending while endpoints change. */
@Tag("system")
class StaleConnectionsOnOvsTest {
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final int TABLE = 0xfffffff9;
  private static final Ip VIP = Ip.parse("10.100.0.7");
  private static final LocalNode NODE =
      LocalNode.of(
          "n1",
          Ip.parse("192.0.2.1"),
          IpPrefix.parse("10.0.1.0/24"),
          List.of(IpPrefix.parse("10.100.0.0/16")));
  private static final PeerNode PEER =
      new PeerNode("n2", Ip.parse("192.0.2.2"), List.of(IpPrefix.parse("10.0.2.0/24")));
  private static final LocalPod POD =
      new LocalPod(
          "web", "a", List.of(Ip.parse("10.0.1.2")), Addresses.macOf(Ip.parse("10.0.1.2")), 5);

  private final String bridge = "sta" + UUID.randomUUID().toString().substring(0, 8);
  private final OvsInstance ovs = OvsInstance.start();
  private final GroupIds ids = new GroupIds();
  private final List<AutoCloseable> open = new ArrayList<>();

  @SuppressWarnings("NullAway.Init")
  private OpenFlowConnection connection;

  @SuppressWarnings("NullAway.Init")
  private Reconciler reconciler;

  @BeforeEach
  void start() throws Exception {
    ovs.addBridge(bridge);
    String port = bridge + "p";
    ovs.vsctl(
        "add-port",
        bridge,
        port,
        "--",
        "set",
        "interface",
        port,
        "type=internal",
        "ofport_request=5");
    connection =
        await()
            .atMost(SOON)
            .ignoreException(SwitchException.class)
            .until(() -> OpenFlowConnection.connect(ovs.mgmt(bridge)), OpenFlowConnection::isOpen);
    open.add(connection);
    reconciler = new Reconciler(ids, ReconcileListener.NONE);
    open.add(reconciler);
    reconciler.put(new Owner.Base(), () -> BaseCompiler.compile(NODE));
    reconciler.put(PEER.owner(), () -> NodeCompiler.compile(NODE, PEER));
    reconciler.put(POD.owner(), () -> PodCompiler.compile(NODE, POD));
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

  private void serve(Protocol protocol, OptionalInt affinity, String... endpoints)
      throws Exception {
    List<Endpoint> list =
        Arrays.stream(endpoints).map(a -> new Endpoint(Ip.parse(a), 5353)).toList();
    ServiceFact fact =
        new ServiceFact(
            "web",
            "dns",
            List.of(
                new ServiceFact.Port(
                    "dns",
                    protocol,
                    Family.IPV4,
                    53,
                    List.of(Frontend.clusterIp(VIP, 53, Policy.CLUSTER)),
                    list,
                    List.of(),
                    affinity)));
    reconciler.put(fact.owner(), () -> ServiceCompiler.compile(fact, ids));
    if (reconciler.status().connected()) {
      reconciler.awaitInstalled(fact.owner(), SOON);
    } else {
      reconciler.connected(connection);
      reconciler.initialSyncComplete();
      assertThat(reconciler.awaitConverged(SOON)).isTrue();
    }
  }

  private void send(int clientPort) {
    try {
      connection.packetOut(
          POD.ofport(),
          List.of(new Action.Output(TABLE)),
          Packets.between(
              POD.mac(),
              NODE.gatewayMac(),
              Packets.udp(POD.addresses().getFirst().value(), clientPort, VIP.value(), 53)));
    } catch (SwitchException e) {
      throw new AssertionError(e);
    }
  }

  /** Who answers each client, as connection tracking has it. */
  private Set<String> answered() {
    Set<String> chosen = new TreeSet<>();
    Pattern pattern =
        Pattern.compile("dst=10\\.100\\.0\\.7,sport=(\\d+).*reply=\\(src=([0-9.]+),.*zone=65520");
    ovs.appctl("dpctl/dump-conntrack")
        .lines()
        .map(pattern::matcher)
        .filter(m -> m.find())
        .forEach(m -> chosen.add(m.group(1) + " " + m.group(2)));
    return chosen;
  }

  @Test
  void aClientThatKeepsSendingGoesToAnEndpointThatIsThere() throws Exception {
    serve(Protocol.UDP, OptionalInt.empty(), "10.0.2.3");
    await()
        .atMost(SOON)
        .pollInterval(Duration.ofMillis(5))
        .until(() -> {
          send(4000);
          return answered().equals(Set.of("4000 10.0.2.3"));
        });
    for (String endpoint : List.of("10.0.2.4", "10.0.2.5", "10.0.2.6", "10.0.2.7")) {
      // Never a pause in which the old connection could time out.
      serve(Protocol.UDP, OptionalInt.empty(), endpoint);
      await()
          .atMost(SOON)
          .pollInterval(Duration.ofMillis(2))
          .until(() -> {
            send(4000);
            return answered().equals(Set.of("4000 " + endpoint));
          });
    }
    // and when nobody serves, nobody is sent to
    serve(Protocol.UDP, OptionalInt.empty());
    await()
        .atMost(SOON)
        .pollInterval(Duration.ofMillis(2))
        .until(() -> {
          send(4000);
          return answered().isEmpty();
        });
  }

  @Test
  void theOthersKeepTheirEndpoint() throws Exception {
    serve(Protocol.UDP, OptionalInt.empty(), "10.0.2.3", "10.0.2.4");
    for (int port = 4000; port < 4040; port++) {
      send(port);
    }
    await().atMost(SOON).until(() -> answered().size() == 40);
    Set<String> before = answered();
    Set<String> stay = new TreeSet<>(before);
    stay.removeIf(c -> c.endsWith("10.0.2.3"));
    assertThat(stay).hasSizeBetween(1, 39);

    serve(Protocol.UDP, OptionalInt.empty(), "10.0.2.4", "10.0.2.5");

    await().atMost(SOON).until(() -> answered().equals(stay));
  }

  @Test
  void whatIsLearntStaysWhileItsEndpointDoesAndIsNoDrift() throws Exception {
    serve(Protocol.UDP, OptionalInt.of(100), "10.0.2.3");
    send(4000);
    await().atMost(SOON).until(() -> learnt().size() == 1);
    assertThat(reconciler.audit(SOON).findings()).isEmpty();
    InstalledFlow flow = learnt().getFirst();
    assertThat(flow.idleTimeout()).isEqualTo(100);

    // when another endpoint comes, it stays; when its own goes, so does it
    serve(Protocol.UDP, OptionalInt.of(100), "10.0.2.3", "10.0.2.4");
    assertThat(learnt()).hasSize(1);
    serve(Protocol.UDP, OptionalInt.of(100), "10.0.2.4");
    assertThat(learnt()).isEmpty();
    assertThat(reconciler.audit(SOON).findings()).isEmpty();

    // and the client, which keeps sending, is remembered with the one that is left
    await()
        .atMost(SOON)
        .pollInterval(Duration.ofMillis(5))
        .until(() -> {
          send(4000);
          return learnt().size() == 1 && answered().equals(Set.of("4000 10.0.2.4"));
        });
    assertThat(reconciler.audit(SOON).findings()).isEmpty();
  }

  private List<InstalledFlow> learnt() throws SwitchException {
    return connection.dumpFlows(
        Table.AFFINITY.number(), 0x5e1f_0000_0000_0000L, 0xffff_0000_0000_0000L);
  }
}
