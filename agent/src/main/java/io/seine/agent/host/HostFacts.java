package io.seine.agent.host;

import io.seine.openflow.Ip;
import io.seine.openflow.IpPrefix;
import java.util.List;

/**
 * What the node's own network is made from.
 *
 * @param podCidr of this node
 * @param podMtu of pods and of the gateway port, bytes
 * @param peerCidrs the pod CIDRs of all other nodes
 * @param clusterPodCidrs where pod CIDRs come from, if that is known: masquerade leaves them out
 * @param serviceCidrs where cluster addresses of services are; they are routed to the switch
 * @param masquerade whether pods that talk to the outside do it with the node's address
 */
public record HostFacts(
    IpPrefix podCidr,
    int podMtu,
    List<IpPrefix> peerCidrs,
    List<IpPrefix> clusterPodCidrs,
    List<IpPrefix> serviceCidrs,
    boolean masquerade) {
  public HostFacts {
    peerCidrs = peerCidrs.stream().distinct().sorted(HostFacts::compare).toList();
    clusterPodCidrs = clusterPodCidrs.stream().distinct().sorted(HostFacts::compare).toList();
    serviceCidrs = serviceCidrs.stream().distinct().sorted(HostFacts::compare).toList();
  }

  /** Facts of a cluster whose pod CIDRs come from anywhere. */
  public HostFacts(
      IpPrefix podCidr,
      int podMtu,
      List<IpPrefix> peerCidrs,
      List<IpPrefix> serviceCidrs,
      boolean masquerade) {
    this(podCidr, podMtu, peerCidrs, List.of(), serviceCidrs, masquerade);
  }

  /** The gateway port's address: the first of the pod CIDR. */
  public Ip gateway() {
    return podCidr.network().plus(1);
  }

  private static int compare(IpPrefix a, IpPrefix b) {
    int network = a.network().compareTo(b.network());
    return network != 0 ? network : Integer.compare(a.length(), b.length());
  }
}
