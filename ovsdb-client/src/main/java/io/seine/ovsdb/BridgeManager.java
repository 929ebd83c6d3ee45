package io.seine.ovsdb;

import io.seine.ovsdb.OvsdbException.Reason;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
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
      repair(transaction, present.get(), spec);
    } else {
      create(transaction, root(now), spec);
    }
    if (!transaction.isEmpty()) {
      transaction.comment("seine: bridge " + bridge).commit(timeout);
    }
    return session
        .cache()
        .awaitValue(
            "ovs-vswitchd to make bridge " + bridge,
            s -> {
              s.interfaceNamed(bridge)
                  .flatMap(InterfaceRow::error)
                  .ifPresent(error -> fail("bridge " + bridge + ": " + error));
              return s.bridge(bridge).filter(row -> row.datapathId().isPresent());
            },
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
        now.port(spec.name()).isPresent() ? now.interfaceNamed(spec.name()) : Optional.empty();
    Map<String, Value> columns = columns(spec);
    if (present.isPresent()) {
      checkBridge(now, spec.name());
      if (!isAs(present.get(), spec)) {
        transaction.update("Interface", Condition.uuid(present.get().uuid()), columns);
      }
    } else {
      addPort(transaction, bridgeRow(now), spec.name(), Map.of(), columns);
    }
    if (!transaction.isEmpty()) {
      transaction.comment("seine: port " + spec.name()).commit(timeout);
    }
    InterfaceRow row = session.cache().awaitAttached(spec.name(), timeout);
    if (row.ofport().orElse(-1) == spec.ofport()) {
      return row;
    }
    // The request is honoured when the number is free; while another port leaves it, the old number
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
   * Creates a pod's port, and with it the lease of its address, in one transaction that fails if
   * the address, or the container's interface, has a port already, whoever made it.
   *
   * <p>Does not wait for ovs-vswitchd: {@link #awaitAttached} does.
   *
   * @return the port row's identity
   * @throws OvsdbException with {@link Reason#GUARD} when the address or the container has a port,
   *     {@link Reason#CONSTRAINT} when the name is taken
   */
  public UUID addPodPort(PodPort port) {
    Snapshot now = session.cache().snapshot();
    String address = port.address().getHostAddress();
    Transaction transaction = session.transaction();
    transaction.requireNone(
        "Port",
        Condition.has("external_ids", Map.of(PodPort.ADDRESS, address)),
        "address " + address + " is leased to another port");
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
        addPort(
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
    Optional<PortRow> port = session.cache().snapshot().port(name);
    if (port.isEmpty()) {
      return false;
    }
    // Nothing else refers to the port, so the server collects its row and the interface's.
    session
        .transaction()
        .deleteFrom(
            "Bridge",
            Condition.name(bridge),
            "ports",
            Value.rows(Set.of(RowRef.of(port.get().uuid()))))
        .commit(timeout);
    return true;
  }

  /** The pods connected, which are also the addresses in use. */
  public List<PodPort> podPorts() {
    return session.cache().snapshot().podPorts();
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

  private static void create(Transaction transaction, OpenVSwitchRow root, BridgeSpec spec) {
    RowRef iface =
        transaction.insert(
            "Interface", Map.of("name", Value.of(spec.name()), "type", Value.of("internal")));
    RowRef port =
        transaction.insert(
            "Port", Map.of("name", Value.of(spec.name()), "interfaces", Value.of(iface)));
    Map<String, Value> columns = new HashMap<>(columns(spec));
    columns.put("name", Value.of(spec.name()));
    columns.put("ports", Value.of(port));
    columns.put("other_config", Value.map(spec.otherConfig()));
    columns.put("external_ids", Value.map(spec.externalIds()));
    RowRef row = transaction.insert("Bridge", columns);
    transaction.insertInto(
        "Open_vSwitch", Condition.uuid(root.uuid()), "bridges", Value.rows(Set.of(row)));
  }

  private static void repair(Transaction transaction, BridgeRow row, BridgeSpec spec) {
    Condition where = Condition.uuid(row.uuid());
    boolean same =
        row.datapathType().equals(spec.datapathType())
            && row.protocols().equals(spec.protocols())
            && row.failMode().equals(Optional.of("secure"));
    if (!same) {
      transaction.update("Bridge", where, columns(spec));
    }
    if (!row.otherConfig().entrySet().containsAll(spec.otherConfig().entrySet())) {
      transaction.putInto("Bridge", where, "other_config", spec.otherConfig());
    }
    if (!row.externalIds().entrySet().containsAll(spec.externalIds().entrySet())) {
      transaction.putInto("Bridge", where, "external_ids", spec.externalIds());
    }
  }

  private static Map<String, Value> columns(BridgeSpec spec) {
    return Map.of(
        "datapath_type", Value.of(spec.datapathType()),
        "fail_mode", Value.of("secure"),
        "protocols", Value.strings(spec.protocols()));
  }

  private static Map<String, Value> columns(PortSpec spec) {
    return Map.of(
        "type", Value.of(spec.type()),
        "options", Value.map(spec.options()),
        "ofport_request", Value.of(spec.ofport()),
        "mac", spec.mac().map(Value::of).orElse(Value.none()),
        "mtu_request", spec.mtu().isPresent() ? Value.of(spec.mtu().getAsInt()) : Value.none());
  }

  private static boolean isAs(InterfaceRow row, PortSpec spec) {
    return row.type().equals(spec.type())
        && row.options().equals(spec.options())
        && row.ofportRequest().equals(OptionalInt.of(spec.ofport()))
        && row.mac().equals(spec.mac())
        && row.mtuRequest().equals(spec.mtu());
  }

  private static RowRef.Named addPort(
      Transaction transaction,
      BridgeRow bridge,
      String name,
      Map<String, String> portIds,
      Map<String, Value> interfaceColumns) {
    Map<String, Value> columns = new HashMap<>(interfaceColumns);
    columns.put("name", Value.of(name));
    RowRef iface = transaction.insert("Interface", columns);
    RowRef.Named port =
        transaction.insert(
            "Port",
            Map.of(
                "name",
                Value.of(name),
                "interfaces",
                Value.of(iface),
                "external_ids",
                Value.map(portIds)));
    // By the identity, and checked: a bridge deleted meanwhile would leave the new rows
    // unreferenced, and the server would drop them without a word.
    transaction.requireRow(
        "Bridge",
        Condition.uuid(bridge.uuid()),
        Map.of("name", Value.of(bridge.name())),
        "bridge " + bridge.name() + " is gone");
    transaction.insertInto(
        "Bridge", Condition.uuid(bridge.uuid()), "ports", Value.rows(Set.of(port)));
    return port;
  }

  private void checkBridge(Snapshot now, String port) {
    PortRow row = now.port(port).orElseThrow();
    Optional<String> holder = now.bridgeOf(row).map(BridgeRow::name);
    if (!Objects.equals(holder, Optional.of(bridge))) {
      throw new OvsdbException(
          Reason.STATE,
          "port "
              + port
              + " is on bridge "
              + holder.orElse("(none)")
              + ", not on "
              + bridge
              + "; remove it there first");
    }
  }

  private static OpenVSwitchRow root(Snapshot now) {
    return now.openVSwitch()
        .orElseThrow(() ->
            new OvsdbException(
                Reason.STATE,
                "the database has no Open_vSwitch row; run: ovs-vsctl --no-wait init"));
  }

  private BridgeRow bridgeRow(Snapshot now) {
    return now.bridge(bridge)
        .orElseThrow(() ->
            new OvsdbException(
                Reason.STATE,
                "there is no bridge " + bridge + "; the agent makes it when it starts"));
  }

  private static void fail(String text) {
    throw new OvsdbException(Reason.INTERFACE, "ovs-vswitchd cannot make " + text);
  }
}
