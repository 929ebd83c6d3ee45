package io.seine.pipeline;

import static java.util.concurrent.TimeUnit.SECONDS;

import io.seine.openflow.Action;
import io.seine.openflow.Bits;
import io.seine.openflow.Change;
import io.seine.openflow.Field;
import io.seine.openflow.FieldMatch;
import io.seine.openflow.Flow;
import io.seine.openflow.Ip;
import io.seine.openflow.Mac;
import io.seine.openflow.Match;
import io.seine.openflow.PacketIn;
import io.seine.openflow.Ports;
import io.seine.openflow.SwitchException;
import io.seine.openflow.connection.ConnectionOptions;
import io.seine.openflow.connection.OpenFlowConnection;
import io.seine.openflow.testing.OvsInstance;
import io.seine.openflow.testing.Packets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.awaitility.Awaitility;

/**
 * A real Open vSwitch with our flows, into which UDP packets are put one at a time. Instead of
 * being sent out, a packet that gets to Output comes back here, as it would have left. Connections
 * are tracked for real, from one packet to the next.
 */
final class RealPipeline implements AutoCloseable {
  private static final String BRIDGE = "real0";

  /** User data of what would have left, and of the packet that says that nothing more comes. */
  private static final Bits LEAVES = Bits.of(0xf0, 1);

  private static final Bits END = Bits.of(0xf1, 1);
  private static final int END_TYPE = 0x88b5;

  private final OvsInstance ovs = OvsInstance.start();
  private final OpenFlowConnection connection;
  private final BlockingQueue<PacketIn> seen = new LinkedBlockingQueue<>();

  RealPipeline(int... ports) throws SwitchException {
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
      for (int port : ports) {
        String name = "p" + port;
        ovs.vsctl(
            "add-port",
            BRIDGE,
            name,
            "--",
            "set",
            "interface",
            name,
            "type=internal",
            "ofport_request=" + port);
      }
      connection =
          Awaitility.await()
              .atMost(30, SECONDS)
              .ignoreException(SwitchException.class)
              .until(
                  () ->
                      OpenFlowConnection.connect(
                          ovs.mgmt(BRIDGE), ConnectionOptions.DEFAULT.withControllerId(0)),
                  OpenFlowConnection::isOpen);
      connection.onPacketIn(seen::add);
      commit(
          new Change.AddFlow(
              new Flow(
                  Table.OUTPUT.number(), 1000, Match.ANY, List.of(Action.Controller.of(0, LEAVES))),
              0),
          new Change.AddFlow(
              new Flow(
                  Table.CLASSIFIER.number(),
                  65535,
                  Match.of(FieldMatch.exact(Field.ETH_TYPE, END_TYPE)),
                  List.of(Action.Controller.of(0, END))),
              0));
    } catch (RuntimeException | SwitchException e) {
      ovs.close();
      throw e;
    }
  }

  @Override
  public void close() {
    connection.close();
    ovs.close();
  }

  void commit(Change... changes) throws SwitchException {
    connection.commit(List.of(changes));
  }

  void install(Owner.Kind kind, FlowSet set) throws SwitchException {
    List<Change> changes = new ArrayList<>();
    set.groups().forEach(group -> changes.add(new Change.AddGroup(group)));
    set.flows().forEach(flow -> changes.add(new Change.AddFlow(flow, Cookie.of(kind, flow))));
    connection.commit(changes);
  }

  /** What connection tracking has in the main zone, as Open vSwitch writes it, one a line. */
  List<String> connections() {
    return ovs.appctl("dpctl/dump-conntrack", "zone=" + Zones.MAIN.number())
        .lines()
        .filter(line -> line.contains("orig="))
        .toList();
  }

  void packetOut(int port, List<Action> actions, byte[] frame) throws SwitchException {
    connection.packetOut(port, actions, frame);
  }

  /** What Affinity has learnt. */
  long learned() throws SwitchException {
    return connection.dumpFlows().stream()
        .filter(f -> f.flow().table() == Table.AFFINITY.number())
        .filter(f -> Cookie.kind(f.cookie()).equals(Optional.of(Owner.Kind.LEARNED)))
        .count();
  }

  /** A UDP packet as it comes in. */
  record Packet(int port, Mac source, Mac target, Ip from, int fromPort, Ip to, int toPort) {
    byte[] frame() {
      return withMacs(Packets.udp(from.value(), fromPort, to.value(), toPort), source, target);
    }
  }

  static byte[] withMacs(byte[] frame, Mac source, Mac target) {
    System.arraycopy(Bits.of(target.bits(), 6).toByteArray(), 0, frame, 0, 6);
    System.arraycopy(Bits.of(source.bits(), 6).toByteArray(), 0, frame, 6, 6);
    return frame;
  }

  /**
   * A UDP packet as it would leave.
   *
   * @param port by which; {@link Ports#IN_PORT} for back by the one it came by
   * @param tunnel the far end, when it leaves by the tunnel
   */
  record Sent(
      int port,
      Mac target,
      Ip from,
      int fromPort,
      Ip to,
      int toPort,
      int hops,
      Optional<Ip> tunnel) {
    @Override
    public String toString() {
      return "port %s: %s:%d > %s:%d hops %d%s"
          .formatted(
              port == Ports.IN_PORT ? "in" : port,
              from.bracketed(),
              fromPort,
              to.bracketed(),
              toPort,
              hops,
              tunnel.map(end -> " by " + end).orElse(""));
    }

    /** The answer to it, from the same port that it left by. */
    Packet answer(int inPort, Mac source, Mac router) {
      return new Packet(inPort, source, router, to, toPort, from, fromPort);
    }
  }

  /**
   * What became of a packet: what left, or the user data that the agent got it with, or neither.
   */
  record Fate(Optional<Sent> sent, Optional<Bits> agent) {
    @Override
    public String toString() {
      return sent.map(Sent::toString)
          .or(() -> agent.map(userdata -> "agent " + userdata))
          .orElse("dropped");
    }
  }

  Fate run(Packet packet, Action... before) throws Exception {
    return run(packet.port, packet.frame(), before);
  }

  Fate run(int port, byte[] frame, Action... before) throws Exception {
    List<Action> actions = new ArrayList<>(Arrays.asList(before));
    actions.add(new Action.Resubmit(0, OptionalInt.empty()));
    connection.packetOut(port, actions, frame);
    byte[] end = new byte[60];
    end[12] = (byte) (END_TYPE >> 8);
    end[13] = (byte) END_TYPE;
    connection.packetOut(Ports.LOCAL, List.of(Action.Resubmit.to(0)), end);
    List<PacketIn> came = new ArrayList<>();
    while (true) {
      PacketIn next =
          Optional.ofNullable(seen.poll(20, SECONDS))
              .orElseThrow(() -> new AssertionError("the switch is silent"));
      if (next.userdata().equals(END)) {
        break;
      }
      came.add(next);
    }
    if (came.size() > 1) {
      throw new AssertionError("one packet became " + came.size());
    }
    return came.isEmpty() ? new Fate(Optional.empty(), Optional.empty()) : fate(came.getFirst());
  }

  private static Fate fate(PacketIn packet) {
    if (!packet.userdata().equals(LEAVES)) {
      return new Fate(Optional.empty(), Optional.of(packet.userdata()));
    }
    byte[] frame = packet.data().toByteArray();
    boolean v4 = frame[12] == 0x08;
    int size = v4 ? 4 : 16;
    int addresses = v4 ? 26 : 22;
    int udp = v4 ? 34 : 54;
    long bits = register(packet, Field.REG0);
    boolean hairpin = (bits & Registers.HAIRPIN.mask()) != 0;
    boolean tunnel = (bits & 0xf0) >> 4 == Side.TUNNEL.code();
    return new Fate(
        Optional.of(
            new Sent(
                hairpin ? Ports.IN_PORT : (int) register(packet, Field.REG1),
                new Mac(Bits.of(frame, 0, 6).toLong()),
                Ip.of(Bits.of(frame, addresses, size)),
                (int) Bits.of(frame, udp, 2).toLong(),
                Ip.of(Bits.of(frame, addresses + size, size)),
                (int) Bits.of(frame, udp + 2, 2).toLong(),
                frame[v4 ? 22 : 21] & 0xff,
                tunnel ? end(packet) : Optional.empty())),
        Optional.empty());
  }

  private static long register(PacketIn packet, Field register) {
    return packet.metadata().get(register).map(match -> match.value().toLong()).orElse(0L);
  }

  private static Optional<Ip> end(PacketIn packet) {
    return packet
        .metadata()
        .get(Field.TUN_DST)
        .or(() -> packet.metadata().get(Field.TUN_IPV6_DST))
        .map(match -> Ip.of(match.value()));
  }
}
