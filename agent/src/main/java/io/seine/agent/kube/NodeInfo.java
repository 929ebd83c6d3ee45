package io.seine.agent.kube;

import java.util.List;

/**
 * What the agent keeps of a Node. Nothing is validated here.
 *
 * @param created the creation time as the API gives it, which sorts by time as text
 * @param internalAddresses of {@code status.addresses}, those of type InternalIP, either family
 * @param podCidrs {@code spec.podCIDRs}, or {@code spec.podCIDR} where only that is set
 */
public record NodeInfo(
    ObjectRef ref, String created, List<String> internalAddresses, List<String> podCidrs) {
  public NodeInfo {
    internalAddresses = List.copyOf(internalAddresses);
    podCidrs = List.copyOf(podCidrs);
  }

  public String name() {
    return ref.key().name();
  }
}
