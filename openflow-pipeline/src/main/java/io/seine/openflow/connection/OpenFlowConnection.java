package io.seine.openflow.connection;

import io.seine.openflow.Action;
import io.seine.openflow.Change;
import io.seine.openflow.Group;
import io.seine.openflow.InstalledFlow;
import io.seine.openflow.PacketIn;
import io.seine.openflow.PortDescription;
import io.seine.openflow.RefusedException;
import io.seine.openflow.Switch;
import io.seine.openflow.SwitchException;
import io.seine.openflow.wire.DecodeException;
import io.seine.openflow.wire.Input;
import io.seine.openflow.wire.Messages;
import io.seine.openflow.wire.Messages.Part;
import io.seine.openflow.wire.OpenFlowError;
import io.seine.openflow.wire.PacketInCodec;
import io.seine.openflow.wire.Standard;
import io.seine.openflow.wire.Standard.BundleStep;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
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

  private final ConnectionOptions options;
  private final Link link;
  private final PacketInQueue packetIns;
  private final ReentrantLock commitLock = new ReentrantLock(true);
  private volatile @Nullable Bundle bundle;
  private long datapathId;
  private int nextBundle = 1;

  private OpenFlowConnection(
      String name, SocketChannel channel, ConnectionOptions options, LongSupplier nanoTime) {
    this.options = options;
    this.packetIns = new PacketInQueue(name);
    this.link = new Link(name, channel, new Events(), nanoTime);
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
        request(
            "the features request",
            Standard::featuresRequest,
            message -> Optional.of(Standard.datapathId(message)));
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
    return dump("the dump of its flows", Messages::flowDumpRequest, Messages::flows);
  }

  @Override
  public List<Group> dumpGroups() throws SwitchException {
    return dump("the dump of its groups", Messages::groupDumpRequest, Messages::groups);
  }

  /** Every port, with its name and number. */
  public List<PortDescription> dumpPorts() throws SwitchException {
    List<PortDescription> ports = new ArrayList<>();
    return request(
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
    request("a barrier", Standard::barrierRequest, message -> Optional.of(true));
  }

  @Override
  public void commit(List<Change> changes) throws SwitchException {
    if (changes.isEmpty()) {
      return;
    }
    List<Change> steps = Bundle.steps(changes);
    commitLock.lock();
    try {
      int id = nextBundle++;
      Bundle current = Bundle.of(id, link.reserve(steps.size()), steps, changes);
      bundle = current;
      try {
        commit(id, current);
      } finally {
        bundle = null;
      }
    } finally {
      commitLock.unlock();
    }
  }

  private void commit(int id, Bundle current) throws SwitchException {
    int openXid = link.reserve(1);
    int barrierXid = link.reserve(1);
    var opened = link.expect(openXid, "a bundle", message -> Optional.of(true));
    var added = link.expect(barrierXid, "the content of a bundle", message -> Optional.of(true));
    try {
      link.send(
          "a bundle",
          (out, batch) -> {
            Standard.bundleControl(out, openXid, id, BundleStep.OPEN);
            current.appendTo(out, batch);
            // Behind it, every error that a message of the bundle causes by itself has come.
            Standard.barrierRequest(out, barrierXid);
          });
      link.await(opened, options.commitTimeout());
      link.await(added, options.commitTimeout());
    } catch (SwitchException e) {
      link.close(e); // whether the bundle still stands open is not known
      throw e;
    } catch (RuntimeException e) {
      // A change that does not fit a message: parts of the bundle may be out already.
      link.close(new SwitchException(link.name() + ": a bundle could not be encoded: " + e, e));
      throw e;
    } finally {
      link.forget(openXid);
      link.forget(barrierXid);
    }
    Optional<RefusedException> refusal = current.refusal(link.name());
    if (refusal.isPresent()) {
      control(id, BundleStep.DISCARD);
      throw refusal.get();
    }
    try {
      control(id, BundleStep.COMMIT);
    } catch (RefusedException e) {
      throw current.refusal(link.name()).orElse(e);
    } catch (SwitchException e) {
      link.close(e); // whether it was applied is not known; a new connection finds out
      throw e;
    }
  }

  private void control(int id, BundleStep step) throws SwitchException {
    request(
        step == BundleStep.COMMIT ? "the commit of a bundle" : "to discard a bundle",
        options.commitTimeout(),
        (out, xid) -> Standard.bundleControl(out, xid, id, step),
        message -> Optional.of(true));
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
   * Adds a meter for {@code controller(meter_id=...)}: so many packets a second, after a burst of
   * so many. One with this number must not exist.
   */
  public void addMeter(int meterId, int packetsPerSecond, int burst) throws SwitchException {
    mod(
        "meter " + meterId,
        (out, xid) -> Standard.addMeter(out, xid, meterId, packetsPerSecond, burst));
  }

  /** Removes a meter; no such meter is no error. */
  public void deleteMeter(int meterId) throws SwitchException {
    mod("the end of meter " + meterId, (out, xid) -> Standard.deleteMeter(out, xid, meterId));
  }

  /** Sends a message that is answered only if it fails, and waits until it is done. */
  private void mod(String what, Encoder encoder) throws SwitchException {
    int xid = link.reserve(1);
    Exchange<Boolean> refusal = link.expect(xid, what, message -> Optional.of(true));
    try {
      link.send(what, (out, batch) -> encoder.encode(out, xid));
      barrier();
      if (refusal.result().isDone()) {
        link.await(refusal, options.requestTimeout());
      }
    } finally {
      link.forget(xid);
    }
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

  private interface Encoder {
    void encode(io.netty.buffer.ByteBuf out, int xid);
  }

  private interface PartReader<T> {
    Part<T> read(Input body) throws DecodeException;
  }

  private <T> List<T> dump(String what, Encoder encoder, PartReader<T> reader)
      throws SwitchException {
    List<T> entries = new ArrayList<>();
    return request(
        what,
        encoder,
        message -> {
          Part<T> part = reader.read(new Input(message, HEADER, message.length));
          entries.addAll(part.entries());
          return part.more() ? Optional.empty() : Optional.of(entries);
        });
  }

  private <T> T request(String what, Encoder encoder, Exchange.ReplyReader<T> reader)
      throws SwitchException {
    return request(what, options.requestTimeout(), encoder, reader);
  }

  private <T> T request(
      String what, Duration timeout, Encoder encoder, Exchange.ReplyReader<T> reader)
      throws SwitchException {
    int xid = link.reserve(1);
    Exchange<T> exchange = link.expect(xid, what, reader);
    try {
      link.send(what, (out, batch) -> encoder.encode(out, xid));
      return link.await(exchange, timeout);
    } finally {
      link.forget(xid);
    }
  }

  /** What comes without having been asked for. Runs on the reading thread. */
  private final class Events implements Link.Receiver {
    @Override
    public void error(int xid, OpenFlowError error) {
      Bundle current = bundle;
      if (current != null && current.covers(xid)) {
        current.refused(xid, error);
      } else {
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
