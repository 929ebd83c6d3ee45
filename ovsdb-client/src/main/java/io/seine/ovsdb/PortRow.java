package io.seine.ovsdb;

import java.util.Map;
import java.util.Set;
import java.util.UUID;

/** A row of table Port (ovs-vswitchd.conf.db(5)). */
public record PortRow(
    UUID uuid, String name, Set<UUID> interfaces, Map<String, String> externalIds) {

  static PortRow read(RowReader row) {
    return new PortRow(
        row.uuid(), row.requiredText("name"), row.uuids("interfaces"), row.map("external_ids"));
  }
}
