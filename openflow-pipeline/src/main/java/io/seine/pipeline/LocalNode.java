package io.seine.pipeline;

import io.seine.openflow.Ipv4;
import io.seine.openflow.Ipv4Prefix;
import io.seine.openflow.Mac;
import java.util.List;

/**
 * The node whose switch this is.
 *
 * @param nodeAddress its address on the network that the tunnels run over
 * @param podCidr the addresses of its pods
 * @param gatewayAddress the address of the gateway port, in {@code podCidr}
 * @param tunnelPort and {@code gatewayPort} OpenFlow port numbers
 */
public record LocalNode(
    String name,
    Ipv4 nodeAddress,
    Ipv4Prefix podCidr,
    Ipv4 gatewayAddress,
    List<Ipv4Prefix> serviceCidrs,
    int tunnelPort,
    int gatewayPort) {
  public LocalNode {
    serviceCidrs = List.copyOf(serviceCidrs);
    if (!podCidr.contains(gatewayAddress)) {
      throw new IllegalArgumentException(
          "the gateway %s of node %s is not in its pod CIDR %s"
              .formatted(gatewayAddress, name, podCidr));
    }
  }

  /** A node with the ports numbered as Seine asks OVS for them, and the first address for gw0. */
  public static LocalNode of(
      String name, Ipv4 nodeAddress, Ipv4Prefix podCidr, List<Ipv4Prefix> serviceCidrs) {
    return new LocalNode(name, nodeAddress, podCidr, podCidr.network().plus(1), serviceCidrs, 1, 2);
  }

  public Mac gatewayMac() {
    return Addresses.macOf(gatewayAddress);
  }
}
