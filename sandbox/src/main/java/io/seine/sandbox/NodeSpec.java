package io.seine.sandbox;

import java.util.List;

/**
 * One node to be made.
 *
 * @param name its name in the cluster, for example {@code node-1}
 * @param podCidrs its shares of the pod network, one of each family, for example {@code
 *     10.96.0.0/24}
 * @param zone where it stands, which becomes its label topology.kubernetes.io/zone; empty: nowhere
 */
public record NodeSpec(String name, List<String> podCidrs, String zone) {
  public NodeSpec {
    if (podCidrs.isEmpty() || podCidrs.size() > 2) {
      throw new SandboxException("a node has one or two pod networks, not " + podCidrs);
    }
    podCidrs = List.copyOf(podCidrs);
  }

  /** A node of one family, in no zone. */
  public NodeSpec(String name, String podCidr) {
    this(name, List.of(podCidr), "");
  }

  /** The same node in a zone. */
  public NodeSpec inZone(String other) {
    return new NodeSpec(name, podCidrs, other);
  }
}
