package io.seine.ovsdb;

import java.util.Map;
import java.util.Set;

/**
 * How a bridge shall be.
 *
 * @param datapathType "system" (kernel) or "netdev" (userspace)
 * @param protocols the OpenFlow versions accepted, as OVS names them ("OpenFlow15")
 * @param otherConfig keys that shall be so; others stay as they are
 * @param externalIds likewise
 */
public record BridgeSpec(
    String name,
    String datapathType,
    Set<String> protocols,
    Map<String, String> otherConfig,
    Map<String, String> externalIds) {

  public BridgeSpec {
    protocols = Set.copyOf(protocols);
    otherConfig = Map.copyOf(otherConfig);
    externalIds = Map.copyOf(externalIds);
  }

  /** The agent's bridge: OpenFlow 1.5 only, no hidden in-band flows. */
  public static BridgeSpec of(String name, String datapathType) {
    return new BridgeSpec(
        name, datapathType, Set.of("OpenFlow15"), Map.of("disable-in-band", "true"), Map.of());
  }
}
