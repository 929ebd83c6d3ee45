package io.seine.ovsdb;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * A row of table Bridge (ovs-vswitchd.conf.db(5)). {@code datapathId}: 16 hex digits, set by
 * ovs-vswitchd once it has made the bridge.
 */
public record BridgeRow(
    UUID uuid,
    String name,
    String datapathType,
    Optional<String> failMode,
    Set<String> protocols,
    Set<UUID> ports,
    Map<String, String> externalIds,
    Map<String, String> otherConfig,
    Optional<String> datapathId) {

  static BridgeRow read(RowReader row) {
    return new BridgeRow(
        row.uuid(),
        row.requiredText("name"),
        row.requiredText("datapath_type"),
        row.text("fail_mode"),
        row.texts("protocols"),
        row.uuids("ports"),
        row.map("external_ids"),
        row.map("other_config"),
        row.text("datapath_id"));
  }
}
