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

  /**
   * The agent's bridge: no hidden in-band flows, and OpenFlow 1.5; 1.0 too, because that is the
   * only version ovs-ofctl speaks without being told, and "ovs-ofctl dump-flows br-int" should just
   * work for whoever looks into the switch.
   */
  public static BridgeSpec of(String name, String datapathType) {
    return new BridgeSpec(
        name,
        datapathType,
        Set.of("OpenFlow10", "OpenFlow15"),
        Map.of("disable-in-band", "true"),
        Map.of());
  }
}
