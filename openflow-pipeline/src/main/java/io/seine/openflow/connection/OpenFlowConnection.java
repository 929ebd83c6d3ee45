package io.seine.openflow.connection;

import io.seine.openflow.Action;
import io.seine.openflow.Change;
import io.seine.openflow.CtFlush;
import io.seine.openflow.Group;
import io.seine.openflow.GroupCounts;
import io.seine.openflow.InstalledFlow;
import io.seine.openflow.PacketIn;
import io.seine.openflow.PortDescription;
import io.seine.openflow.RefusedException;
import io.seine.openflow.Switch;
import io.seine.openflow.SwitchException;
import io.seine.openflow.wire.DecodeException;
import io.seine.openflow.wire.Input;
import io.seine.openflow.wire.Messages;
import io.seine.openflow.wire.OpenFlowError;
import io.seine.openflow.wire.PacketInCodec;
import io.seine.openflow.wire.Standard;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An OpenFlow 1.5 connection to one bridge over its management socket ({@code NAME.mgmt}).
 *
 * <p>All methods block and may be called from any thread; bundles are committed one at a time. A
 * connection that has ended stays ended: every call then fails at once with the reason. A thread
 * that is interrupted while it sends ends the connection, since half a message cannot be taken
 * back.
 */
public final class OpenFlowConnection implements Switch, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(OpenFlowConnection.class);
  private static final int HEADER = 8;
  private static final int WHOLE_PACKET = 0xffff;

  // Each makes the switch look at all its connections, while it does nothing else.
  private static final int FLUSHES_AT_ONCE = 64;

  private static final Set<String> UNKNOWN_REQUEST =
      Set.of("OFPBRC_BAD_TYPE", "OFPBRC_BAD_EXP_TYPE", "OFPBRC_BAD_EXPERIMENTER");

  private final ConnectionOptions options;
  private final Link link;
  private final Requests requests;
  private final Bundles bundles;
  private final PacketInQueue packetIns;
  private long datapathId;

  private OpenFlowConnection(
      String name, SocketChannel channel, ConnectionOptions options, LongSupplier nanoTime) {
    this.options = options;
    this.packetIns = new PacketInQueue(name);
    this.link = new Link(name, channel, new Events(), nanoTime);
    this.requests = new Requests(link, options.requestTimeout());
    this.bundles = new Bundles(link, requests, options.commitTimeout());
  }

  /** Connects with {@link ConnectionOptions#DEFAULT}. */
  public static OpenFlowConnection connect(Path socket) throws SwitchException {
    return connect(socket, ConnectionOptions.DEFAULT);
  }

  /**
   * Connects and agrees on OpenFlow 1.5.
   *
   * @throws SwitchException if nothing listens there, or it does not speak OpenFlow 1.5
   */
  public static OpenFlowConnection connect(Path socket, ConnectionOptions options)
      throws SwitchException {
    return connect(socket, options, System::nanoTime);
  }

  static OpenFlowConnection connect(Path socket, ConnectionOptions options, LongSupplier nanoTime)
      throws SwitchException {
    SocketChannel channel;
    try {
      channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    } catch (IOException e) {
      throw new SwitchException("cannot make a Unix socket: " + e, e);
    }
    try {
      channel.connect(UnixDomainSocketAddress.of(socket));
    } catch (IOException e) {
      closeQuietly(channel, e);
      throw new SwitchException(
          "cannot connect to %s: %s; is ovs-vswitchd running, and does the bridge exist?"
              .formatted(socket, e.getMessage()),
          e);
    }
    String name = String.valueOf(socket.getFileName()).replaceFirst("\\.mgmt$", "");
    OpenFlowConnection connection = new OpenFlowConnection(name, channel, options, nanoTime);
    try {
      connection.handshake();
      return connection;
    } catch (SwitchException e) {
      connection.close();
      throw e;
    }
  }

  private static void closeQuietly(SocketChannel channel, IOException cause) {
    try {
      channel.close();
    } catch (IOException e) {
      cause.addSuppressed(e);
    }
  }

  private void handshake() throws SwitchException {
    // The hello of the switch has a transaction number of its own; Events recognises it by type.
    link.start(options.keepAlive());
    link.send("hello", (out, batch) -> Standard.hello(out, link.reserve(1)));
    datapathId =
        requests.ask(
            "the features request",
            Standard::featuresRequest,
            message -> Optional.of(Standard.datapathId(message)));
    for (ConnectionOptions.Meter meter : options.meters()) {
      install(meter);
    }
    if (options.controllerId().isPresent()) {
      int controllerId = options.controllerId().getAsInt();
      link.send(
          "the wish for packet-ins",
          (out, batch) -> {
            Messages.setControllerId(out, link.reserve(1), controllerId);
            Messages.setPacketInFormat(out, link.reserve(1));
            Standard.setConfig(out, link.reserve(1), WHOLE_PACKET);
          });
      barrier();
    }
  }

  // Flows may name a meter that is not there; then nothing is limited by it.
  private void install(ConnectionOptions.Meter meter) throws SwitchException {
    try {
      putMeter(meter.id(), meter.packetsPerSecond(), meter.burst());
    } catch (RefusedException e) {
      LOG.atWarn()
          .addKeyValue("switch", link.name())
          .addKeyValue("meter", meter.id())
          .addKeyValue("error", e.error())
          .log("The switch cannot limit the packets that it hands over; the agent does it alone");
    }
  }

  /** The name of the bridge, for messages. */
  public String name() {
    return link.name();
  }

  /** The datapath id of the bridge. */
  public long datapathId() {
    return datapathId;
  }

  @Override
  public List<InstalledFlow> dumpFlows() throws SwitchException {
    List<InstalledFlow> flows = new ArrayList<>();
    visitFlows(flows::add);
    return flows;
  }

  @Override
  public List<InstalledFlow> dumpFlows(int table, long cookie, long cookieMask)
      throws SwitchException {
    List<InstalledFlow> flows = new ArrayList<>();
    requests.visit(
        "the dump of the flows of table " + table,
        (out, xid) -> Messages.flowDumpRequest(out, xid, table, cookie, cookieMask),
        Messages::flows,
        flows::add);
    return flows;
  }

  @Override
  public void visitFlows(Consumer<InstalledFlow> visitor) throws SwitchException {
    requests.visit("the dump of its flows", Messages::flowDumpRequest, Messages::flows, visitor);
  }

  @Override
  public List<Group> dumpGroups() throws SwitchException {
    List<Group> groups = new ArrayList<>();
    visitGroups(groups::add);
    return groups;
  }

  @Override
  public void visitGroups(Consumer<Group> visitor) throws SwitchException {
    requests.visit("the dump of its groups", Messages::groupDumpRequest, Messages::groups, visitor);
  }

  /** How often every group and each of its buckets was used. */
  public List<GroupCounts> dumpGroupCounts() throws SwitchException {
    List<GroupCounts> counts = new ArrayList<>();
    requests.visit(
        "the dump of its groups' counts",
        Messages::groupCountsRequest,
        Messages::groupCounts,
        counts::add);
    return counts;
  }

  /** Every port, with its name and number. */
  public List<PortDescription> dumpPorts() throws SwitchException {
    List<PortDescription> ports = new ArrayList<>();
    return requests.ask(
        "the dump of its ports",
        Standard::portDescRequest,
        message -> {
          Standard.PortPart part = Standard.ports(message);
          ports.addAll(part.ports());
          return part.more() ? Optional.empty() : Optional.of(ports);
        });
  }

  /** Waits until the switch has done all that it was sent before. */
  public void barrier() throws SwitchException {
    requests.barrier(options.requestTimeout());
  }

  @Override
  public void flushConnections(List<CtFlush> flushes) throws SwitchException {
    try {
      for (int from = 0; from < flushes.size(); from += FLUSHES_AT_ONCE) {
        List<CtFlush> part =
            flushes.subList(from, Math.min(from + FLUSHES_AT_ONCE, flushes.size()));
        requests.order(
            "to forget connections, the first " + part.getFirst(),
            options.commitTimeout(),
            part.stream()
                .map(flush ->
                    (Requests.Encoder) (out, xid) -> Messages.flushConnections(out, xid, flush))
                .toList());
      }
    } catch (RefusedException e) {
      if (!UNKNOWN_REQUEST.contains(e.error())) {
        throw e;
      }
      throw new RefusedException(
          "%s cannot forget single connections (%s); that takes Open vSwitch 3.1 or later. Until then, UDP clients may go on sending to endpoints that are gone"
              .formatted(link.name(), e.error()),
          e.error(),
          Optional.empty());
    }
  }

  @Override
  public void commit(List<Change> changes) throws SwitchException {
    bundles.commit(changes);
  }

  /**
   * Sends a packet through {@code actions}.
   *
   * @param inPort the port it counts as received by; {@code Ports.CONTROLLER} for none
   * @param data the packet, from its Ethernet header on
   */
  public void packetOut(int inPort, List<Action> actions, byte[] data) throws SwitchException {
    int xid = link.reserve(1);
    link.send("a packet-out", (out, batch) -> Messages.packetOut(out, xid, inPort, actions, data));
  }

  /**
   * Sees to it that a meter for {@code controller(meter_id=...)} passes so many packets a second,
   * after a burst of so many, whether or not there is one with this number.
   */
  public void putMeter(int meterId, int packetsPerSecond, int burst) throws SwitchException {
    try {
      addMeter(meterId, packetsPerSecond, burst);
    } catch (RefusedException e) {
      if (!e.error().equals("OFPMMFC_METER_EXISTS")) {
        throw e;
      }
      order(
          "the new rate of meter " + meterId,
          (out, xid) -> Standard.modifyMeter(out, xid, meterId, packetsPerSecond, burst));
    }
  }

  /** As {@link #putMeter}, but one with this number must not exist. */
  public void addMeter(int meterId, int packetsPerSecond, int burst) throws SwitchException {
    order(
        "meter " + meterId,
        (out, xid) -> Standard.addMeter(out, xid, meterId, packetsPerSecond, burst));
  }

  /** Removes a meter; no such meter is no error. */
  public void deleteMeter(int meterId) throws SwitchException {
    order("the end of meter " + meterId, (out, xid) -> Standard.deleteMeter(out, xid, meterId));
  }

  private void order(String what, Requests.Encoder encoder) throws SwitchException {
    requests.order(what, options.requestTimeout(), List.of(encoder));
  }

  /**
   * Sets who gets the packet-ins of a connection with a controller id. They are handed over one at
   * a time, in order, by a thread of the connection; a slow listener loses the newest ones, which
   * {@link #droppedPacketIns} counts.
   */
  public void onPacketIn(Consumer<PacketIn> listener) {
    packetIns.listener(listener);
  }

  public long droppedPacketIns() {
    return packetIns.dropped();
  }

  /** Runs {@code listener} once, in a thread of its own, when the connection ends; or now. */
  public void onDisconnect(Consumer<SwitchException> listener) {
    Thread.ofVirtual()
        .name(link.name() + "-disconnect")
        .start(() -> {
          try {
            listener.accept(awaitDisconnect());
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
  }

  /** Waits for the end of the connection; returns its reason. */
  public SwitchException awaitDisconnect() throws InterruptedException {
    link.awaitEnd();
    return link.end().orElseThrow();
  }

  public boolean isOpen() {
    return link.end().isEmpty();
  }

  @Override
  public void close() {
    link.close(new SwitchException(link.name() + ": the connection was closed by its user"));
    packetIns.close();
  }

  /** What comes without having been asked for. Runs on the reading thread. */
  private final class Events implements Link.Receiver {
    @Override
    public void error(int xid, OpenFlowError error) {
      if (!bundles.refused(xid, error)) {
        LOG.atWarn()
            .addKeyValue("switch", link.name())
            .addKeyValue("error", error.name())
            .addKeyValue("offender", error.offender())
            .log("The switch refused a message that nobody waits for");
      }
    }

    @Override
    public void message(int type, byte[] message) {
      try {
        Input body = new Input(message, HEADER, message.length);
        switch (type) {
          case Messages.TYPE_HELLO -> hello(message);
          case Messages.TYPE_PACKET_IN -> packetIns.add(PacketInCodec.read(body));
          default -> PacketInCodec.readExperimenter(body).ifPresent(packetIns::add);
        }
      } catch (DecodeException e) {
        LOG.atWarn()
            .addKeyValue("switch", link.name())
            .addKeyValue("type", type)
            .addKeyValue("error", e.getMessage())
            .log("A message of the switch makes no sense and is left out");
      }
    }

    private void hello(byte[] message) throws DecodeException {
      if (!Standard.offersVersion(message)) {
        link.close(
            new SwitchException(
                "%s does not speak OpenFlow 1.5; set it with ovs-vsctl set bridge %s protocols=OpenFlow15"
                    .formatted(link.name(), link.name())));
      }
    }
  }
}
