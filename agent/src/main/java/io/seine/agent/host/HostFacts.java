package io.seine.agent.host;

import io.seine.openflow.Family;
import io.seine.openflow.IpPrefix;
import io.seine.pipeline.LocalNode.Network;
import java.util.List;

/**
 * What the node's own network is made from. Blocks of a family in which the node has no pods are
 * passed over.
 *
 * @param networks of this node's pods, one of a family at most
 * @param podMtu of pods and of the gateway port, bytes
 * @param peerCidrs the pod CIDRs of all other nodes
 * @param clusterPodCidrs where pod CIDRs come from, if that is known: masquerade leaves them out
 * @param serviceCidrs where cluster addresses of services are; they are routed to the switch
 * @param masquerade whether pods that talk to the outside do it with the node's address
 */
public record HostFacts(
    List<Network> networks,
    int podMtu,
    List<IpPrefix> peerCidrs,
    List<IpPrefix> clusterPodCidrs,
    List<IpPrefix> serviceCidrs,
    boolean masquerade) {
  public HostFacts {
    networks = List.copyOf(networks);
    peerCidrs = peerCidrs.stream().distinct().sorted().toList();
    clusterPodCidrs = clusterPodCidrs.stream().distinct().sorted().toList();
    serviceCidrs = serviceCidrs.stream().distinct().sorted().toList();
  }

  /** The blocks of one family. */
  static List<IpPrefix> of(Family family, List<IpPrefix> blocks) {
    return blocks.stream().filter(block -> block.family() == family).toList();
  }
}
