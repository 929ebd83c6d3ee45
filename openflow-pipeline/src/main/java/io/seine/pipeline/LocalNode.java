package io.seine.pipeline;

import io.seine.openflow.Family;
import io.seine.openflow.Ip;
import io.seine.openflow.IpPrefix;
import io.seine.openflow.Mac;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The node whose switch this is.
 *
 * @param nodeAddress its address on the network that the tunnels run over, of either family
 * @param networks of its pods: one of a family at most, the first is the primary one
 * @param serviceCidrs where cluster IPs come from, of either family
 * @param addresses the node's own, of either family: who has one of them is the node itself
 * @param nodePortAddresses those that node ports are served on
 * @param tunnelPort and {@code gatewayPort} OpenFlow port numbers
 */
public record LocalNode(
    String name,
    Ip nodeAddress,
    List<Network> networks,
    List<IpPrefix> serviceCidrs,
    List<Ip> addresses,
    List<Ip> nodePortAddresses,
    int tunnelPort,
    int gatewayPort) {
  /**
   * The node's part of the pod network.
   *
   * @param podCidr the addresses of its pods
   * @param gateway the address of the gateway port, in {@code podCidr}
   */
  public record Network(IpPrefix podCidr, Ip gateway) {
    public Network {
      if (!podCidr.contains(gateway)) {
        throw new IllegalArgumentException(
            "the gateway %s is not in the pod CIDR %s".formatted(gateway, podCidr));
      }
    }

    /** The network with the first address for the gateway. */
    public static Network of(IpPrefix podCidr) {
      return new Network(podCidr, podCidr.network().plus(1));
    }

    public Family family() {
      return podCidr.family();
    }
  }

  public LocalNode {
    networks = List.copyOf(networks);
    serviceCidrs = List.copyOf(serviceCidrs);
    addresses = List.copyOf(addresses);
    nodePortAddresses = List.copyOf(nodePortAddresses);
    if (networks.isEmpty()
        || networks.stream().map(Network::family).distinct().count() < networks.size()) {
      throw new IllegalArgumentException(
          "node %s needs one pod network of each family it serves, not %s"
              .formatted(name, networks));
    }
  }

  /**
   * A node of one family with the ports numbered as Seine asks OVS for them, the first address for
   * gw0, and no address of its own for node ports but the tunnel's.
   */
  public static LocalNode of(
      String name, Ip nodeAddress, IpPrefix podCidr, List<IpPrefix> serviceCidrs) {
    return new LocalNode(
        name, nodeAddress, List.of(Network.of(podCidr)), serviceCidrs, List.of(nodeAddress), 1, 2);
  }

  /** A node that serves node ports on all of its addresses. */
  public LocalNode(
      String name,
      Ip nodeAddress,
      List<Network> networks,
      List<IpPrefix> serviceCidrs,
      List<Ip> addresses,
      int tunnelPort,
      int gatewayPort) {
    this(name, nodeAddress, networks, serviceCidrs, addresses, addresses, tunnelPort, gatewayPort);
  }

  /** The same node, with these addresses of its own, and node ports on all of them. */
  public LocalNode withAddresses(List<Ip> own) {
    return withAddresses(own, own);
  }

  /** The same node, with these addresses of its own, and node ports on some of them. */
  public LocalNode withAddresses(List<Ip> own, List<Ip> nodePorts) {
    return new LocalNode(
        name, nodeAddress, networks, serviceCidrs, own, nodePorts, tunnelPort, gatewayPort);
  }

  public Optional<Network> network(Family family) {
    return networks.stream().filter(n -> n.family() == family).findFirst();
  }

  /** The addresses of one family that the node's own processes may have. */
  public Set<Ip> own(Family family) {
    Set<Ip> own = new LinkedHashSet<>();
    network(family).map(Network::gateway).ifPresent(own::add);
    own.add(nodeAddress);
    own.addAll(addresses);
    own.removeIf(ip -> ip.family() != family);
    return own;
  }

  /** The pod CIDR of the primary network. */
  public IpPrefix podCidr() {
    return networks.getFirst().podCidr();
  }

  /** The gateway of the primary network. */
  public Ip gatewayAddress() {
    return networks.getFirst().gateway();
  }

  /** The gateway port's, whatever the family. */
  public Mac gatewayMac() {
    return Addresses.macOf(gatewayAddress());
  }
}
