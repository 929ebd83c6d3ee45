package io.seine.ovsdb;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;

/** The monitored tables as they were after one transaction of the server: never half of one. */
public record Snapshot(
    Optional<OpenVSwitchRow> openVSwitch,
    Map<UUID, BridgeRow> bridges,
    Map<UUID, PortRow> ports,
    Map<UUID, InterfaceRow> interfaces) {

  /** Before anything was read. */
  public static final Snapshot EMPTY = new Snapshot(Optional.empty(), Map.of(), Map.of(), Map.of());

  public Snapshot {
    bridges = Map.copyOf(bridges);
    ports = Map.copyOf(ports);
    interfaces = Map.copyOf(interfaces);
  }

  /** The bridge of this name. */
  public Optional<BridgeRow> bridge(String name) {
    return bridges.values().stream().filter(row -> row.name().equals(name)).findAny();
  }

  /** The port of this name, on whatever bridge. */
  public Optional<PortRow> port(String name) {
    return ports.values().stream().filter(row -> row.name().equals(name)).findAny();
  }

  /** The interface of this name. Our ports have one interface each, of the port's name. */
  public Optional<InterfaceRow> interfaceNamed(String name) {
    return interfaces.values().stream().filter(row -> row.name().equals(name)).findAny();
  }

  /** The ports of a bridge. */
  public List<PortRow> portsOf(BridgeRow bridge) {
    return bridge.ports().stream().map(ports::get).filter(Objects::nonNull).toList();
  }

  /** The bridge that a port is on. */
  public Optional<BridgeRow> bridgeOf(PortRow port) {
    return bridges.values().stream().filter(row -> row.ports().contains(port.uuid())).findAny();
  }

  /** The pods connected, which are also the addresses in use. */
  public List<PodPort> podPorts() {
    Collection<PortRow> rows = ports.values();
    return rows.stream().map(PodPort::read).flatMap(Optional::stream).toList();
  }
}
