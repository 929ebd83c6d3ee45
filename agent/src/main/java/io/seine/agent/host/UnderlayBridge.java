package io.seine.agent.host;

import io.seine.agent.netlink.Link;
import io.seine.ovsdb.BridgeRow;
import io.seine.ovsdb.Snapshot;
import java.util.Optional;

/**
 * What the userspace datapath asks of the underlay: tunnel packets leave through a bridge of the
 * same switch, so the node's address must be on the own port of a {@code netdev} bridge that has
 * the network card as a port. The agent checks it; whoever sets up the node makes it, as
 *
 * <pre>
 * ovs-vsctl add-br br-underlay -- set bridge br-underlay datapath_type=netdev \
 *     -- add-port br-underlay eth0
 * ip address add NODE-ADDRESS dev br-underlay; ip link set br-underlay up
 * </pre>
 */
public final class UnderlayBridge {
  private UnderlayBridge() {}

  /**
   * What is wrong and what to do about it; empty if tunnels can work.
   *
   * @param device that has the node's address
   */
  public static Optional<String> problem(Snapshot ovsdb, Link device) {
    Optional<BridgeRow> bridge = ovsdb.bridge(device.name());
    if (bridge.isEmpty()) {
      return Optional.of(
          "the switch runs in user space, but the node's address is on %s, which is not the port of"
                  .formatted(device.name())
              + " an OVS bridge: put the network card on a netdev bridge of its own and the"
              + " address on that bridge's port");
    }
    if (!bridge.get().datapathType().equals(Datapaths.USERSPACE)) {
      return Optional.of(
          "bridge %s has datapath_type '%s': it must be netdev, as br-int is"
              .formatted(device.name(), bridge.get().datapathType()));
    }
    return Optional.empty();
  }
}
