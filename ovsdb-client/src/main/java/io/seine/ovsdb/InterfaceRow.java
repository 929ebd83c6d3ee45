package io.seine.ovsdb;

import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;

/**
 * A row of table Interface (ovs-vswitchd.conf.db(5)).
 *
 * @param type the kind of device; empty for one that exists in the system
 * @param ofport what ovs-vswitchd gave: the OpenFlow port, or -1 when it could not open the device
 *     (then {@code error} says why)
 * @param ofportRequest the OpenFlow port asked for
 * @param mac the MAC address asked for (of an internal port)
 * @param mtu bytes, as it is
 * @param mtuRequest bytes, as asked for
 * @param linkState "up" or "down"
 */
public record InterfaceRow(
    UUID uuid,
    String name,
    String type,
    Map<String, String> options,
    OptionalInt ofport,
    OptionalInt ofportRequest,
    Optional<String> mac,
    Optional<String> macInUse,
    OptionalInt mtu,
    OptionalInt mtuRequest,
    Optional<String> linkState,
    Optional<String> error,
    Map<String, String> externalIds) {

  /** Whether ovs-vswitchd has the device in its datapath. */
  public boolean attached() {
    return ofport.orElse(-1) > 0;
  }

  static InterfaceRow read(RowReader row) {
    return new InterfaceRow(
        row.uuid(),
        row.requiredText("name"),
        row.requiredText("type"),
        row.map("options"),
        row.integer("ofport"),
        row.integer("ofport_request"),
        row.text("mac"),
        row.text("mac_in_use"),
        row.integer("mtu"),
        row.integer("mtu_request"),
        row.text("link_state"),
        row.text("error"),
        row.map("external_ids"));
  }
}
