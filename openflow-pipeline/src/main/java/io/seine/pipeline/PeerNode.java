package io.seine.pipeline;

import io.seine.openflow.Ipv4;
import io.seine.openflow.Ipv4Prefix;

/**
 * Another node of the cluster.
 *
 * @param nodeAddress where its end of the tunnel is
 * @param podCidr the addresses of its pods
 */
public record PeerNode(String name, Ipv4 nodeAddress, Ipv4Prefix podCidr) {
  public Owner owner() {
    return new Owner.Node(name);
  }
}
