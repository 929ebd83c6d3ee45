package io.seine.ovsdb;

import io.seine.ovsdb.OvsdbException.Reason;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * The agent's bridge and its ports. Every method reads the cache, commits what is missing in one
 * transaction, and waits for ovs-vswitchd where it says so; called again with the same arguments it
 * changes nothing.
 *
 * <p>Threads: any. Methods throw {@link OvsdbException}; after {@link Reason#DISCONNECTED} or
 * {@link Reason#TIMEOUT} the change may or may not have been made, and the cache, once connected
 * again, says which.
 */
public final class BridgeManager {
  private final OvsdbSession session;
  private final String bridge;
  private final Duration timeout;

  /**
   * Creates a manager.
   *
   * @param bridge the bridge's name
   * @param timeout for each transaction, and for each wait for ovs-vswitchd
   */
  public BridgeManager(OvsdbSession session, String bridge, Duration timeout) {
    this.session = session;
    this.bridge = bridge;
    this.timeout = timeout;
  }

  /**
   * Makes the bridge, with its local port, as the spec says and fail_mode secure, and waits until
   * ovs-vswitchd has it.
   */
  public BridgeRow ensureBridge(BridgeSpec spec) {
    if (!spec.name().equals(bridge)) {
      throw new IllegalArgumentException("this manages " + bridge + ", not " + spec.name());
    }
    Snapshot now = session.cache().snapshot();
    Optional<BridgeRow> present = now.bridge(bridge);
    Transaction transaction = session.transaction();
    if (present.isPresent()) {
      BridgeTransactions.repair(transaction, present.get(), spec);
    } else {
      BridgeTransactions.create(transaction, root(now), spec);
    }
    if (!transaction.isEmpty()) {
      transaction.comment("seine: bridge " + bridge).commit(timeout);
    }
    return session
        .cache()
        .awaitValue(
            "ovs-vswitchd to make bridge " + bridge,
            s -> s.bridge(bridge).filter(row -> row.datapathId().isPresent()),
            timeout);
  }

  /**
   * Makes a port of the agent's own and waits until ovs-vswitchd has it on the OpenFlow port asked
   * for.
   */
  public InterfaceRow ensurePort(PortSpec spec) {
    Snapshot now = session.cache().snapshot();
    Transaction transaction = session.transaction();
    Optional<InterfaceRow> present =
        now.port(spec.name()).flatMap(port -> now.interfaceNamed(port.name()));
    Map<String, Value> columns = BridgeTransactions.columns(spec);
    if (present.isPresent()) {
      portHere(now, spec.name());
      if (!BridgeTransactions.isAs(present.get(), spec)) {
        transaction.update("Interface", Condition.uuid(present.get().uuid()), columns);
      }
    } else {
      BridgeTransactions.addPort(transaction, bridgeRow(now), spec.name(), Map.of(), columns);
    }
    boolean changed = !transaction.isEmpty();
    if (changed) {
      transaction.comment("seine: port " + spec.name()).commit(timeout);
    }
    // An error from before the change says nothing about the change.
    Optional<String> oldError = changed ? present.flatMap(InterfaceRow::error) : Optional.empty();
    InterfaceRow row = session.cache().awaitAttached(spec.name(), oldError, timeout);
    if (row.ofport().orElse(-1) == spec.ofport()) {
      return row;
    }
    // The request is honoured when the number is free; after a change of the request the old number
    // shows first.
    return session
        .cache()
        .awaitValue(
            "port "
                + spec.name()
                + " to move to OpenFlow port "
                + spec.ofport()
                + " (another port may hold it)",
            s -> s.interfaceNamed(spec.name()).filter(r -> r.ofport().orElse(-1) == spec.ofport()),
            timeout);
  }

  /**
   * Creates a pod's port, and with it the lease of its addresses, in one transaction that fails if
   * an address, or the container's interface, has a port already, whoever made it.
   *
   * <p>Does not wait for ovs-vswitchd: {@link #awaitAttached} does. The device should be there
   * before: ovs-vswitchd reports a missing one at once.
   *
   * @return the port row's identity
   * @throws OvsdbException with {@link Reason#GUARD} when an address, the container's interface or
   *     the port's name is taken
   */
  public UUID addPodPort(PodPort port) {
    Snapshot now = session.cache().snapshot();
    Transaction transaction = session.transaction();
    for (InetAddress each : port.addresses()) {
      String address = each.getHostAddress();
      for (String key : List.of(PodPort.ADDRESS, PodPort.SECOND_ADDRESS)) {
        transaction.requireNone(
            "Port",
            Condition.has("external_ids", Map.of(key, address)),
            "address " + address + " is leased to another port");
      }
    }
    transaction.requireNone(
        "Port",
        Condition.has(
            "external_ids",
            Map.of(PodPort.CONTAINER, port.containerId(), PodPort.IFNAME, port.ifname())),
        "container "
            + port.containerId()
            + " has a port for its interface "
            + port.ifname()
            + " already");
    transaction.requireNone(
        "Interface",
        Condition.name(port.name()),
        "interface " + port.name() + " is in use by another port");
    RowRef.Named row =
        BridgeTransactions.addPort(
            transaction,
            bridgeRow(now),
            port.name(),
            port.externalIds(),
            Map.of("external_ids", Value.map(port.interfaceIds())));
    return transaction.commit(timeout).uuid(row);
  }

  /**
   * Waits until ovs-vswitchd has the interface in its datapath; its error, for example that there
   * is no such device, is thrown as soon as it is known.
   */
  public InterfaceRow awaitAttached(String name) {
    return session.cache().awaitAttached(name, timeout);
  }

  /**
   * Removes a port, its interface and, for a pod's, its lease.
   *
   * @return whether there was one
   */
  public boolean deletePort(String name) {
    Snapshot now = session.cache().snapshot();
    if (now.port(name).isEmpty()) {
      // Without a connection the cache may lack a port that is there, so "nothing to delete" would
      // be a guess.
      requireConnection();
      return false;
    }
    // Nothing else refers to the port, so the server collects its row and the interface's.
    session
        .transaction()
        .deleteFrom(
            "Bridge",
            Condition.uuid(bridgeRow(now).uuid()),
            "ports",
            Value.rows(Set.of(RowRef.of(portHere(now, name).uuid()))))
        .commit(timeout);
    return true;
  }

  /** The pods connected, which are also the addresses in use. */
  public List<PodPort> podPorts() {
    return session.cache().snapshot().podPorts();
  }

  /** The port of a container's interface. */
  public Optional<PodPort> podPort(String containerId, String ifname) {
    return podPorts().stream()
        .filter(port -> port.containerId().equals(containerId) && port.ifname().equals(ifname))
        .findAny();
  }

  /**
   * Tells ovs-vswitchd that, when it starts, it is to forward nothing until {@link
   * #clearRestoreWait}. Without effect on one that runs.
   */
  public void restoreWait() {
    OpenVSwitchRow root = root(session.cache().snapshot());
    if (!root.flowRestoreWait()) {
      session
          .transaction()
          .putInto(
              "Open_vSwitch",
              Condition.uuid(root.uuid()),
              "other_config",
              Map.of(OpenVSwitchRow.FLOW_RESTORE_WAIT, "true"))
          .commit(timeout);
    }
  }

  /** Whether ovs-vswitchd forwards nothing yet, because it has been told {@link #restoreWait}. */
  public boolean waitsForFlows() {
    return root(session.cache().snapshot()).flowRestoreWait();
  }

  /** Tells ovs-vswitchd that its flows are back. */
  public void clearRestoreWait() {
    OpenVSwitchRow root = root(session.cache().snapshot());
    if (root.otherConfig().containsKey(OpenVSwitchRow.FLOW_RESTORE_WAIT)) {
      session
          .transaction()
          .deleteFrom(
              "Open_vSwitch",
              Condition.uuid(root.uuid()),
              "other_config",
              Value.strings(Set.of(OpenVSwitchRow.FLOW_RESTORE_WAIT)))
          .commit(timeout);
    }
  }

  private PortRow portHere(Snapshot now, String name) {
    PortRow port = now.port(name).orElseThrow();
    Optional<String> holder = now.bridgeOf(port).map(BridgeRow::name);
    if (!holder.equals(Optional.of(bridge))) {
      throw new OvsdbException(
          Reason.STATE,
          "port "
              + name
              + " is on bridge "
              + holder.orElse("(none)")
              + ", not on "
              + bridge
              + "; remove it there first");
    }
    return port;
  }

  private OpenVSwitchRow root(Snapshot now) {
    return now.openVSwitch()
        .orElseThrow(
            () -> missing("the database has no Open_vSwitch row; run: ovs-vsctl --no-wait init"));
  }

  private BridgeRow bridgeRow(Snapshot now) {
    return now.bridge(bridge)
        .orElseThrow(
            () -> missing("there is no bridge " + bridge + "; the agent makes it when it starts"));
  }

  private OvsdbException missing(String what) {
    requireConnection();
    return new OvsdbException(Reason.STATE, what);
  }

  private void requireConnection() {
    if (!session.connected()) {
      throw session.notConnected();
    }
  }
}
