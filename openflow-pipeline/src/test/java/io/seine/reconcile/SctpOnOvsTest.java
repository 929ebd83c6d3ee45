package io.seine.reconcile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.seine.openflow.Family;
import io.seine.openflow.Ip;
import io.seine.openflow.IpPrefix;
import io.seine.openflow.PacketIn;
import io.seine.openflow.SwitchException;
import io.seine.openflow.connection.ConnectionOptions;
import io.seine.openflow.connection.OpenFlowConnection;
import io.seine.openflow.testing.FrameSocket;
import io.seine.openflow.testing.OvsInstance;
import io.seine.openflow.testing.OvsRelease;
import io.seine.openflow.testing.Packets;
import io.seine.openflow.testing.Sctp;
import io.seine.openflow.testing.Sctp.Chunk;
import io.seine.openflow.testing.Sctp.Segment;
import io.seine.pipeline.Addresses;
import io.seine.pipeline.BaseCompiler;
import io.seine.pipeline.GroupIds;
import io.seine.pipeline.LocalNode;
import io.seine.pipeline.LocalPod;
import io.seine.pipeline.Owner;
import io.seine.pipeline.PodCompiler;
import io.seine.pipeline.ServiceCompiler;
import io.seine.pipeline.ServiceFact;
import io.seine.pipeline.ServiceFact.Endpoint;
import io.seine.pipeline.ServiceFact.Frontend;
import io.seine.pipeline.ServiceFact.Policy;
import io.seine.pipeline.ServiceFact.Port;
import io.seine.pipeline.ServiceFact.Protocol;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Associations of SCTP through a service, packet by packet between the devices of two pods, on the
 * installed Open vSwitch and on one that translates the ports of SCTP.
 */
@Tag("system")
class SctpOnOvsTest {
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final String BRIDGE = "sctp0";
  private static final LocalNode NODE =
      new LocalNode(
          "n1",
          Ip.parse("192.0.2.1"),
          List.of(network("10.0.1.0/24"), network("fd00:10:0:1::/64")),
          List.of(IpPrefix.parse("10.100.0.0/16"), IpPrefix.parse("fd00:100::/112")),
          List.of(),
          1,
          2);
  private static final LocalPod CLIENT = pod("client", 5, "10.0.1.2", "fd00:10:0:1::2");
  private static final LocalPod SERVER = pod("server", 6, "10.0.1.3", "fd00:10:0:1::3");

  static Stream<Arguments> releasesAndFamilies() {
    return OvsRelease.available().stream()
        .flatMap(
            release -> Stream.of(Family.values()).map(family -> Arguments.of(release, family)));
  }

  private static LocalNode.Network network(String cidr) {
    return LocalNode.Network.of(IpPrefix.parse(cidr));
  }

  private static LocalPod pod(String name, int ofport, String... addresses) {
    List<Ip> ips = Stream.of(addresses).map(Ip::parse).toList();
    return new LocalPod("web", name, ips, Addresses.macOf(ips.getFirst()), ofport);
  }

  @ParameterizedTest
  @MethodSource("releasesAndFamilies")
  void anEndpointWithTheServicesNumberIsReachedThroughEverySwitch(OvsRelease release, Family family)
      throws Exception {
    try (World world = new World(release, family)) {
      world.serve(9999, List.of(9999));
      world.associate(9999, 9999);
    }
  }

  @ParameterizedTest
  @MethodSource("releasesAndFamilies")
  void anEndpointWithAnotherNumberIsReachedThroughASwitchThatTranslatesPorts(
      OvsRelease release, Family family) throws Exception {
    try (World world = new World(release, family)) {
      world.serve(80, List.of(8080));
      if (release.translatesSctpPorts()) {
        world.associate(80, 8080);
      } else {
        // This is why the agent refuses such a port: what arrives is meant for another.
        Segment init = world.init(80);
        world.client.send(frame(CLIENT, init));
        assertThat(world.arrives(world.server))
            .isEqualTo(new Segment(init.from(), 4000, world.endpoint(), 80, Chunk.INIT));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("releasesAndFamilies")
  void whatIsRefusedComesToTheAgentOnly(OvsRelease release, Family family) throws Exception {
    try (World world = new World(release, family)) {
      world.serve(80, List.of());
      Segment init = world.init(80);
      world.client.send(frame(CLIENT, init));
      PacketIn refused = world.agent.poll(SOON.toSeconds(), TimeUnit.SECONDS);
      assertThat(refused).isNotNull();
      assertThat(Sctp.read(refused.data().toByteArray())).contains(init);
      assertThat(next(world.server, Duration.ZERO)).isEmpty();
    }
  }

  private static byte[] frame(LocalPod from, Segment segment) {
    return Packets.between(from.mac(), NODE.gatewayMac(), segment.frame());
  }

  /** The next that is SCTP: devices of the kernel send of their own accord, too. */
  private static Optional<Segment> next(FrameSocket socket, Duration patience) {
    long deadline = System.nanoTime() + patience.toNanos();
    while (true) {
      long left = Math.max(0, deadline - System.nanoTime());
      Optional<byte[]> frame = socket.receive(Duration.ofNanos(left));
      Optional<Segment> segment = frame.flatMap(Sctp::read);
      if (frame.isEmpty() || segment.isPresent()) {
        return segment;
      }
    }
  }

  /** A switch with the flows of a node and the devices of two pods. */
  private static final class World implements AutoCloseable {
    private final List<Runnable> open = new ArrayList<>();
    private final GroupIds ids = new GroupIds();
    private final Family family;
    private final Reconciler reconciler;
    final BlockingQueue<PacketIn> agent = new LinkedBlockingQueue<>();
    final FrameSocket client;
    final FrameSocket server;

    World(OvsRelease release, Family family) throws Exception {
      this.family = family;
      OvsInstance ovs = OvsInstance.start(release);
      open.add(ovs::close);
      try {
        ovs.addBridge(BRIDGE);
        client = device(ovs, CLIENT);
        server = device(ovs, SERVER);
        OpenFlowConnection connection =
            await()
                .atMost(SOON)
                .ignoreException(SwitchException.class)
                .until(
                    () ->
                        OpenFlowConnection.connect(
                            ovs.mgmt(BRIDGE), ConnectionOptions.DEFAULT.withControllerId(0)),
                    OpenFlowConnection::isOpen);
        open.add(connection::close);
        connection.onPacketIn(agent::add);
        reconciler = new Reconciler(ids, ReconcileListener.NONE);
        open.add(reconciler::close);
        reconciler.put(new Owner.Base(), () -> BaseCompiler.compile(NODE));
        reconciler.put(CLIENT.owner(), () -> PodCompiler.compile(NODE, CLIENT));
        reconciler.put(SERVER.owner(), () -> PodCompiler.compile(NODE, SERVER));
        reconciler.connected(connection);
      } catch (Exception | Error e) {
        close();
        throw e;
      }
    }

    private FrameSocket device(OvsInstance ovs, LocalPod pod) {
      ovs.vsctl(
          "add-port",
          BRIDGE,
          pod.name(),
          "--",
          "set",
          "interface",
          pod.name(),
          "type=internal",
          "ofport_request=" + pod.ofport());
      ovs.inNamespace("ip", "link", "set", pod.name(), "up");
      FrameSocket socket = FrameSocket.open(ovs.namespace(), pod.name());
      open.add(socket::close);
      return socket;
    }

    /** Installs a service with this port, and the server's pod as its endpoint with these. */
    void serve(int port, List<Integer> endpointPorts) throws Exception {
      ServiceFact fact =
          new ServiceFact(
              "web",
              "signals",
              List.of(
                  new Port(
                      "",
                      Protocol.SCTP,
                      family,
                      port,
                      List.of(Frontend.clusterIp(service(), port, Policy.CLUSTER)),
                      endpointPorts.stream().map(p -> new Endpoint(endpoint(), p)).toList(),
                      List.of(),
                      OptionalInt.empty())));
      reconciler.put(fact.owner(), () -> ServiceCompiler.compile(fact, ids));
      reconciler.initialSyncComplete();
      assertThat(reconciler.awaitConverged(SOON)).isTrue();
    }

    private Ip service() {
      return Ip.parse(family == Family.IPV4 ? "10.100.0.7" : "fd00:100::7");
    }

    Ip endpoint() {
      return addressOf(SERVER);
    }

    private Ip addressOf(LocalPod pod) {
      return pod.addresses().stream().filter(ip -> ip.family() == family).findFirst().orElseThrow();
    }

    /** The first packet of the client, to the service. */
    Segment init(int port) {
      return new Segment(addressOf(CLIENT), 4000, service(), port, Chunk.INIT);
    }

    /** The four packets that start an association, and the one that ends it. */
    void associate(int port, int endpointPort) {
      Segment there = init(port);
      Segment arrived =
          new Segment(there.from(), there.fromPort(), endpoint(), endpointPort, Chunk.INIT);
      for (Chunk[] pair :
          new Chunk[][] {{Chunk.INIT, Chunk.INIT_ACK}, {Chunk.COOKIE_ECHO, Chunk.COOKIE_ACK}}) {
        client.send(frame(CLIENT, there.then(pair[0])));
        assertThat(arrives(server)).isEqualTo(arrived.then(pair[0]));
        server.send(frame(SERVER, arrived.answer(pair[1])));
        assertThat(arrives(client)).isEqualTo(there.answer(pair[1]));
      }
      server.send(frame(SERVER, arrived.answer(Chunk.ABORT)));
      assertThat(arrives(client)).isEqualTo(there.answer(Chunk.ABORT));
    }

    Segment arrives(FrameSocket at) {
      return next(at, SOON).orElseThrow(() -> new AssertionError("nothing arrives"));
    }

    @Override
    public void close() {
      open.reversed().forEach(Runnable::run);
    }
  }
}
