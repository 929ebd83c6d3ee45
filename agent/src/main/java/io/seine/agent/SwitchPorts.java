package io.seine.agent;

import io.seine.agent.config.AgentConfig;
import io.seine.ovsdb.BridgeManager;
import io.seine.ovsdb.BridgeSpec;
import io.seine.ovsdb.PortSpec;
import io.seine.pipeline.LocalNode;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The bridge and the agent's own two ports on it, as they should be in OVSDB. */
final class SwitchPorts {
  static final String TUNNEL = "tun0";
  static final String GATEWAY = "gw0";

  private final BridgeManager bridge;
  private final BridgeSpec spec;
  private final PortSpec tunnel;
  private final PortSpec gateway;

  /**
   * @param datapathType {@code system} or {@code netdev}
   * @param mtu of gw0 and pods, bytes
   */
  SwitchPorts(
      BridgeManager bridge, AgentConfig config, String datapathType, LocalNode node, int mtu) {
    this.bridge = bridge;
    this.spec = BridgeSpec.of(config.bridge(), datapathType);
    String type = config.tunnelType().name().toLowerCase(Locale.ROOT);
    this.tunnel =
        PortSpec.tunnel(
            TUNNEL,
            type,
            node.tunnelPort(),
            Map.of("dst_port", String.valueOf(config.tunnelPort())));
    this.gateway =
        PortSpec.internal(GATEWAY, node.gatewayPort(), node.gatewayMac().toString(), mtu);
  }

  /**
   * Makes what is missing, and nothing if all is there; waits for ovs-vswitchd.
   *
   * @throws io.seine.ovsdb.OvsdbException if it cannot, and why
   */
  void ensure() {
    bridge.ensureBridge(spec);
    bridge.ensurePort(tunnel);
    bridge.ensurePort(gateway);
  }

  /** What the database says is wrong with one of the ports, if anything. */
  static Optional<String> problem(io.seine.ovsdb.Snapshot database) {
    for (String name : new String[] {TUNNEL, GATEWAY}) {
      Optional<String> error =
          database.interfaceNamed(name).flatMap(io.seine.ovsdb.InterfaceRow::error);
      if (error.isPresent()) {
        return Optional.of("port " + name + ": " + error.get());
      }
    }
    return Optional.empty();
  }
}
