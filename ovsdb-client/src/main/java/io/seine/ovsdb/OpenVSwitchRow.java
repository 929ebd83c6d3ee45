package io.seine.ovsdb;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** The one row of table Open_vSwitch (ovs-vswitchd.conf.db(5)). */
public record OpenVSwitchRow(
    UUID uuid,
    Set<UUID> bridges,
    Map<String, String> otherConfig,
    Map<String, String> externalIds,
    Optional<String> ovsVersion,
    Set<String> datapathTypes) {

  /**
   * The key of {@code other_config} by which ovs-vswitchd, at its start, forwards nothing until its
   * flows are back.
   */
  public static final String FLOW_RESTORE_WAIT = "flow-restore-wait";

  /** Whether ovs-vswitchd has been told to wait for its flows. */
  public boolean flowRestoreWait() {
    return "true".equals(otherConfig.get(FLOW_RESTORE_WAIT));
  }

  static OpenVSwitchRow read(RowReader row) {
    return new OpenVSwitchRow(
        row.uuid(),
        row.uuids("bridges"),
        row.map("other_config"),
        row.map("external_ids"),
        row.text("ovs_version"),
        row.texts("datapath_types"));
  }
}
