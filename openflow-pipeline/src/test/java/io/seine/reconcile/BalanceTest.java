package io.seine.reconcile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.seine.openflow.Action;
import io.seine.openflow.Group;
import io.seine.openflow.Ip;
import io.seine.openflow.IpPrefix;
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
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.IntFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which endpoints new connections go to, for services of all sizes, on a real Open vSwitch. */
@Tag("system")
class BalanceTest {
  private static final Duration SOON = Duration.ofSeconds(60);

  /** OFPP_TABLE: through the tables, as if it had just come in. */
  private static final int TABLE = 0xfffffff9;

  /** One fair draw in a million has more standard deviations than this. */
  private static final double DEVIATIONS = 4.75;

  private static final int PER_ENDPOINT = 20;
  private static final int LEAST_CONNECTIONS = 4000;

  /** The even ones of the range that Linux takes ports from. */
  private static final int EVEN_PORTS = 14_000;

  private static final Ip VIP = Ip.parse("10.100.0.7");
  private static final LocalNode NODE =
      LocalNode.of(
          "n1",
          Ip.parse("192.0.2.1"),
          IpPrefix.parse("10.0.1.0/24"),
          List.of(IpPrefix.parse("10.100.0.0/16")));
  private static final PeerNode PEER =
      new PeerNode("n2", Ip.parse("192.0.2.2"), List.of(IpPrefix.parse("10.2.0.0/16")));
  private static final LocalPod POD = pod("10.0.1.2", 5);
  private static final Owner SERVICE = new Owner.Service("web", "front");

  private static final Pattern CHOSEN =
      Pattern.compile(
          "orig=\\(src=([0-9.]+),dst=10\\.100\\.0\\.7,sport=(\\d+).*reply=\\(src=([0-9.]+),");

  /** Where a connection of a client comes from. */
  private record Client(int inPort, Ip address, int port) {}

  private final String bridge = "bal" + UUID.randomUUID().toString().substring(0, 8);
  private final List<AutoCloseable> open = new ArrayList<>();
  private final GroupIds ids = new GroupIds();
  private final OvsInstance ovs = OvsInstance.start();

  private static LocalPod pod(String address, int ofport) {
    Ip ip = Ip.parse(address);
    return new LocalPod("web", "client", List.of(ip), Addresses.macOf(ip), ofport);
  }

  @BeforeEach
  void makeTheBridge() {
    ovs.addBridge(bridge);
    // What the datapath recirculates is lost if it came by no port.
    for (int ofport : List.of(NODE.gatewayPort(), POD.ofport())) {
      String port = bridge + ofport;
      ovs.vsctl(
          "add-port",
          bridge,
          port,
          "--",
          "set",
          "interface",
          port,
          "type=internal",
          "ofport_request=" + ofport);
    }
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

  private OpenFlowConnection connect() {
    // While vswitchd configures a bridge it may close what has just connected.
    OpenFlowConnection connection =
        await()
            .atMost(SOON)
            .ignoreException(SwitchException.class)
            .until(() -> OpenFlowConnection.connect(ovs.mgmt(bridge)), OpenFlowConnection::isOpen);
    open.add(connection);
    return connection;
  }

  private Reconciler start(List<ServiceFact.Endpoint> endpoints) throws Exception {
    Reconciler reconciler = new Reconciler(ids, ReconcileListener.NONE);
    open.add(reconciler);
    reconciler.put(new Owner.Base(), () -> BaseCompiler.compile(NODE));
    reconciler.put(PEER.owner(), () -> NodeCompiler.compile(NODE, PEER));
    reconciler.put(POD.owner(), () -> PodCompiler.compile(NODE, POD));
    put(reconciler, endpoints);
    reconciler.connected(connect());
    reconciler.initialSyncComplete();
    assertThat(reconciler.awaitConverged(SOON)).isTrue();
    return reconciler;
  }

  private void put(Reconciler reconciler, List<ServiceFact.Endpoint> endpoints) {
    ServiceFact.Port port =
        ServiceFact.Port.clusterIp("p", ServiceFact.Protocol.UDP, 80, List.of(VIP), endpoints);
    ServiceFact fact = new ServiceFact("web", "front", List.of(port));
    reconciler.put(SERVICE, () -> ServiceCompiler.compile(fact, ids));
  }

  private static List<ServiceFact.Endpoint> endpoints(int from, int to) {
    return IntStream.range(from, to)
        .mapToObj(i -> new ServiceFact.Endpoint(Ip.parse("10.2.0.1").plus(i), 8080))
        .toList();
  }

  /** From outside, by the gateway: as many addresses as there are connections to one endpoint. */
  private static IntFunction<Client> manyClients(int seed) {
    Random random = new Random(seed);
    return i ->
        new Client(
            NODE.gatewayPort(),
            Ip.parse("203.0.112.0").plus(random.nextInt(1024)),
            1024 + random.nextInt(64_000));
  }

  /** A pod that opens one connection after another: Linux gives them ports in steps of two. */
  private static Client onePod(int connection) {
    return new Client(POD.ofport(), POD.address(), 32_768 + 2 * connection);
  }

  private void send(OpenFlowConnection connection, List<Client> clients) throws Exception {
    for (Client client : clients) {
      connection.packetOut(client.inPort(), List.of(new Action.Output(TABLE)), udp(client));
    }
    connection.barrier();
  }

  private static List<Client> clients(int count, IntFunction<Client> make) {
    return IntStream.range(0, count).mapToObj(make).distinct().toList();
  }

  /** The endpoint of each connection that the switch knows of, by client. */
  private Map<String, String> chosen() {
    Map<String, String> chosen = new HashMap<>();
    Matcher matcher = CHOSEN.matcher(ovs.appctl("dpctl/dump-conntrack"));
    while (matcher.find()) {
      chosen.put(matcher.group(1) + ":" + matcher.group(2), matcher.group(3));
    }
    return chosen;
  }

  private Map<String, String> draw(OpenFlowConnection connection, List<Client> clients)
      throws Exception {
    ovs.appctl("dpctl/flush-conntrack");
    send(connection, clients);
    return await().atMost(SOON).until(this::chosen, chosen -> chosen.size() == clients.size());
  }

  private static void assertFair(Map<String, String> chosen, List<ServiceFact.Endpoint> endpoints) {
    Map<String, Integer> hits = new TreeMap<>();
    endpoints.forEach(e -> hits.put(e.address().toString(), 0));
    chosen
        .values()
        .forEach(endpoint -> {
          assertThat(hits).containsKey(endpoint);
          hits.merge(endpoint, 1, Integer::sum);
        });
    double expected = (double) chosen.size() / endpoints.size();
    double square =
        hits.values().stream().mapToDouble(n -> (n - expected) * (n - expected) / expected).sum();
    // Wilson and Hilferty: the cube root of chi square over its degrees of freedom is nearly
    // normal.
    double degrees = endpoints.size() - 1;
    double spread = 2 / (9 * degrees);
    double bound = degrees * Math.pow(1 - spread + DEVIATIONS * Math.sqrt(spread), 3);
    assertThat(square)
        .as(
            "chi square of %d connections to %d endpoints: %s",
            chosen.size(), endpoints.size(), hits)
        .isLessThan(bound);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 10, 100, 250, 1000, 5000})
  void newConnectionsSpreadAsAFairDrawWould(int count) throws Exception {
    List<ServiceFact.Endpoint> endpoints = endpoints(0, count);
    start(endpoints);
    OpenFlowConnection connection = connect();
    int connections = Math.max(LEAST_CONNECTIONS, PER_ENDPOINT * count);

    assertFair(draw(connection, clients(connections, manyClients(count))), endpoints);
    assertFair(
        draw(connection, clients(Math.min(connections, EVEN_PORTS), BalanceTest::onePod)),
        endpoints);
  }

  @ParameterizedTest
  @ValueSource(ints = {10, 100, 1000})
  void anEndpointThatComesOrGoesMovesNoConnectionOfAnother(int count) throws Exception {
    Reconciler reconciler = start(endpoints(0, count));
    OpenFlowConnection connection = connect();
    List<Client> clients = clients(2000, manyClients(count));
    Map<String, String> before = draw(connection, clients);

    put(reconciler, endpoints(0, count + 1));
    reconciler.awaitInstalled(SERVICE, SOON);
    send(connection, clients);
    assertThat(chosen()).isEqualTo(before);

    put(reconciler, endpoints(1, count + 1));
    reconciler.awaitInstalled(SERVICE, SOON);
    send(connection, clients);
    String gone = endpoints(0, 1).getFirst().address().toString();
    before.values().removeIf(gone::equals);
    assertThat(chosen()).containsAllEntriesOf(before);

    ovs.appctl("dpctl/flush-conntrack");
    send(connection, clients);
    assertThat(chosen().values()).hasSize(clients.size()).doesNotContain(gone);
  }

  @ParameterizedTest
  @ValueSource(ints = {1000, 5000})
  void manyEndpointsAreInstalledShownAdoptedAndGoAgain(int count) throws Exception {
    Reconciler first = start(endpoints(0, count));
    first.close();
    List<Group> groups = connect().dumpGroups();
    assertThat(groups.stream().mapToInt(g -> g.buckets().size()).sum())
        .isEqualTo(count + groups.size() - 1);
    assertThat(ovs.ofctl("dump-groups", bridge)).contains("10.2.0.1:8080", "10.2.3.232:8080");

    Reconciler second = start(endpoints(0, count));
    assertThat(connect().dumpGroups()).containsExactlyInAnyOrderElementsOf(groups);

    for (int endpoints : List.of(count + 1, count / 2, 3, 0)) {
      put(second, endpoints(0, endpoints));
      second.awaitInstalled(SERVICE, SOON);
      assertThat(second.audit(SOON).findings()).isEmpty();
    }
    assertThat(connect().dumpGroups()).isEmpty();
  }

  /** A UDP packet to the service, by way of the gateway's MAC. */
  private static byte[] udp(Client client) {
    ByteBuffer frame = ByteBuffer.allocate(46);
    frame.put(NODE.gatewayMac().toByteArray()).put(POD.mac().toByteArray());
    frame.putShort((short) 0x0800);
    frame.putShort((short) 0x4500).putShort((short) 32).putInt(0x00004000);
    frame.putShort((short) 0x4011).putShort((short) 0);
    frame.put(client.address().value().toByteArray()).put(VIP.value().toByteArray());
    frame
        .putShort((short) client.port())
        .putShort((short) 80)
        .putShort((short) 12)
        .putShort((short) 0);
    int sum = 0;
    for (int i = 14; i < 34; i += 2) {
      sum += frame.getShort(i) & 0xffff;
    }
    sum = (sum & 0xffff) + (sum >>> 16);
    sum = (sum & 0xffff) + (sum >>> 16);
    frame.putShort(24, (short) ~sum);
    return frame.array();
  }
}
