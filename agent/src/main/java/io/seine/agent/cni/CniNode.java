package io.seine.agent.cni;

import io.seine.agent.cni.PodLinks.PodAddress;
import io.seine.agent.ipam.AddressPool;
import io.seine.agent.ipam.AddressPools;
import io.seine.openflow.Family;
import io.seine.openflow.Ip;
import io.seine.pipeline.Addresses;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What CNI operations work on.
 *
 * @param podMtu what a pod's interface gets, bytes; less if the network configuration says so
 * @param stepTimeout the longest that one step (a lock, the port's number, the flows) may take,
 *     within the request's own deadline
 */
public record CniNode(
    PodPorts ports,
    PodLinks links,
    PodNetwork network,
    AddressPools pools,
    Readiness readiness,
    NodeEvents events,
    int podMtu,
    Duration stepTimeout) {
  /** How the pod's end is to be set up. */
  PodLinks.PodSide podSide(PodPort port) {
    return new PodLinks.PodSide(addresses(port), Addresses.macOf(pools.primary().gateway()));
  }

  /**
   * The addresses with what the pod needs for each. One of a family that the node has no pod
   * network of any more, since it was adopted, is left out: there is no gateway for it.
   */
  List<PodAddress> addresses(PodPort port) {
    List<PodAddress> addresses = new ArrayList<>();
    for (Ip ip : port.addresses()) {
      Optional<AddressPool> pool = pools.of(ip.family());
      if (pool.isPresent()) {
        int length = ip.family() == Family.IPV4 ? pool.get().cidr().length() : ip.family().bits();
        addresses.add(new PodAddress(ip, length, pool.get().gateway()));
      }
    }
    return List.copyOf(addresses);
  }
}
