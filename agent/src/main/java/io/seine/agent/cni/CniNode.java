package io.seine.agent.cni;

import io.seine.agent.ipam.AddressPool;
import io.seine.agent.netlink.InterfaceAddress;
import java.time.Duration;

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
    AddressPool pool,
    Readiness readiness,
    NodeEvents events,
    int podMtu,
    Duration stepTimeout) {
  PodLinks.PodSide podSide(PodPort port) {
    return new PodLinks.PodSide(address(port), pool.gateway());
  }

  InterfaceAddress address(PodPort port) {
    return new InterfaceAddress(port.address(), pool.cidr().length());
  }
}
