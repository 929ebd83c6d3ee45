package io.seine.ovsdb;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * The operations that bring bridge and port rows to what a spec says. Pure: adds to a transaction,
 * nothing else.
 */
final class BridgeTransactions {
  private BridgeTransactions() {}

  /** Makes a bridge with its local port, as {@code ovs-vsctl add-br} does. */
  static void create(Transaction transaction, OpenVSwitchRow root, BridgeSpec spec) {
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

  /** Puts right what differs from the spec; keys of others stay. */
  static void repair(Transaction transaction, BridgeRow row, BridgeSpec spec) {
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

  /** Adds a port with one interface of its name to the bridge. */
  static RowRef.Named addPort(
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

  /** The interface's columns as the spec says, all of those it speaks of. */
  static Map<String, Value> columns(PortSpec spec) {
    return Map.of(
        "type", Value.of(spec.type()),
        "options", Value.map(spec.options()),
        "ofport_request", Value.of(spec.ofport()),
        "mac", spec.mac().map(Value::of).orElse(Value.none()),
        "mtu_request", spec.mtu().isPresent() ? Value.of(spec.mtu().getAsInt()) : Value.none());
  }

  /** Whether the interface is configured as the spec says. */
  static boolean isAs(InterfaceRow row, PortSpec spec) {
    return row.type().equals(spec.type())
        && row.options().equals(spec.options())
        && row.ofportRequest().equals(OptionalInt.of(spec.ofport()))
        && row.mac().equals(spec.mac())
        && row.mtuRequest().equals(spec.mtu());
  }

  private static Map<String, Value> columns(BridgeSpec spec) {
    return Map.of(
        "datapath_type", Value.of(spec.datapathType()),
        "fail_mode", Value.of("secure"),
        "protocols", Value.strings(spec.protocols()));
  }
}
