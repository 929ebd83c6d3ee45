package io.seine.sandbox.kubelet;

import io.seine.sandbox.netns.Namespace;
import java.util.List;

/**
 * What the kubelet knows of a node.
 *
 * @param name in the cluster
 * @param addresses its own, the first being what its Pods report as hostIP
 * @param namespace where its host-network Pods run
 * @param cni how its other Pods are connected
 */
public record KubeletNode(
    String name, List<String> addresses, Namespace namespace, CniRuntime cni) {
  public KubeletNode {
    addresses = List.copyOf(addresses);
  }
}
