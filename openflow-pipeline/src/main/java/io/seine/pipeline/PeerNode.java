package io.seine.pipeline;

import io.seine.openflow.Ip;
import io.seine.openflow.IpPrefix;
import java.util.List;

/**
 * Another node of the cluster.
 *
 * @param nodeAddress where its end of the tunnel is
 * @param podCidrs the addresses of its pods, one block of a family at most
 */
public record PeerNode(String name, Ip nodeAddress, List<IpPrefix> podCidrs) {
  public PeerNode {
    podCidrs = List.copyOf(podCidrs);
    if (podCidrs.isEmpty()) {
      throw new IllegalArgumentException("node " + name + " has no pod CIDR");
    }
  }

  public PeerNode(String name, Ip nodeAddress, IpPrefix podCidr) {
    this(name, nodeAddress, List.of(podCidr));
  }

  /** The first of them. */
  public IpPrefix podCidr() {
    return podCidrs.getFirst();
  }

  public Owner owner() {
    return new Owner.Node(name);
  }
}
