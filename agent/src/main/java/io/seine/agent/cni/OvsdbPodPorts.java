package io.seine.agent.cni;

import io.seine.openflow.Bits;
import io.seine.openflow.Ip;
import io.seine.openflow.Mac;
import io.seine.ovsdb.BridgeManager;
import io.seine.ovsdb.InterfaceRow;
import io.seine.ovsdb.OvsdbException;
import io.seine.ovsdb.OvsdbSession;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Supplier;

/** {@link PodPorts} in OVSDB: reads come from the monitored cache, writes are transactions. */
public final class OvsdbPodPorts implements PodPorts {
  private final OvsdbSession session;
  private final BridgeManager bridge;

  public OvsdbPodPorts(OvsdbSession session, BridgeManager bridge) {
    this.session = session;
    this.bridge = bridge;
  }

  @Override
  public List<PodPort> list() throws IOException {
    return guarded(() -> bridge.podPorts().stream().flatMap(row -> fromRow(row).stream()).toList());
  }

  @Override
  public Optional<PodPort> find(Attachment attachment) throws IOException {
    return list().stream().filter(p -> p.attachment().equals(attachment)).findFirst();
  }

  @Override
  public int add(PodPort port, Duration timeout) throws IOException, InterruptedException {
    InterfaceRow row =
        guarded(() -> {
          bridge.addPodPort(toRow(port));
          return session.cache().awaitAttached(port.portName(), timeout);
        });
    if (Thread.interrupted()) {
      throw new InterruptedException("while waiting for port " + port.portName());
    }
    return ofport(row)
        .orElseThrow(() -> new IOException("port " + port.portName() + " got no number"));
  }

  @Override
  public Optional<Integer> ofport(String portName) throws IOException {
    return guarded(
        () -> session.cache().snapshot().interfaceNamed(portName).flatMap(OvsdbPodPorts::ofport));
  }

  @Override
  public boolean remove(String portName) throws IOException {
    return guarded(() -> bridge.deletePort(portName));
  }

  private static Optional<Integer> ofport(InterfaceRow row) {
    OptionalInt ofport = row.ofport();
    return ofport.isPresent() && ofport.getAsInt() > 0
        ? Optional.of(ofport.getAsInt())
        : Optional.empty();
  }

  private static io.seine.ovsdb.PodPort toRow(PodPort port) {
    return new io.seine.ovsdb.PodPort(
        port.portName(),
        port.attachment().containerId(),
        port.attachment().ifname(),
        port.namespace(),
        port.pod(),
        "",
        port.mac().toString(),
        port.addresses().stream().map(ip -> InetAddress.ofLiteral(ip.toString())).toList(),
        port.netns(),
        port.network(),
        port.mtu());
  }

  /** The port that a row is; empty if it is none of this version. */
  public static Optional<PodPort> fromRow(io.seine.ovsdb.PodPort row) {
    try {
      return Optional.of(
          new PodPort(
              row.name(),
              new Attachment(row.containerId(), row.ifname()),
              row.network(),
              row.netns(),
              row.podNamespace(),
              row.podName(),
              row.addresses().stream().map(ip -> Ip.of(Bits.of(ip.getAddress()))).toList(),
              Mac.parse(row.mac()),
              row.mtu()));
    } catch (IllegalArgumentException e) {
      return Optional.empty(); // a MAC that is none
    }
  }

  /** The client's failures are unchecked; here they are expected, and part of the contract. */
  private static <T> T guarded(Supplier<T> call) throws IOException {
    try {
      return call.get();
    } catch (OvsdbException e) {
      throw new IOException("the OVS database: " + e.getMessage(), e);
    }
  }
}
