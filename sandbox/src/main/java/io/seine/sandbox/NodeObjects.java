package io.seine.sandbox;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.seine.sandbox.node.SandboxNode;

/** The Node objects of the API, as a kubelet and a cloud's controllers would write them. */
final class NodeObjects {
  /** Where a kubelet serves the API server by default. */
  private static final int KUBELET_PORT = 10_250;

  private NodeObjects() {}

  /**
   * The object of a node that is ready.
   *
   * @param zone empty when it is in none
   */
  static Node of(SandboxNode node, String zone) {
    NodeBuilder object =
        new NodeBuilder()
            .withNewMetadata()
            .withName(node.name())
            .addToLabels("kubernetes.io/hostname", node.name())
            .addToLabels("kubernetes.io/os", "linux")
            .endMetadata()
            .withNewSpec()
            .withPodCIDR(node.podCidr())
            .withPodCIDRs(node.podCidrs())
            .endSpec()
            .withNewStatus()
            .withNewDaemonEndpoints()
            .withNewKubeletEndpoint(KUBELET_PORT)
            .endDaemonEndpoints()
            .addNewCondition()
            .withType("Ready")
            .withStatus("True")
            .endCondition()
            .endStatus();
    if (!zone.isEmpty()) {
      object.editMetadata().addToLabels("topology.kubernetes.io/zone", zone).endMetadata();
    }
    for (String address : node.addresses()) {
      object.editStatus().addNewAddress(address, "InternalIP").endStatus();
    }
    return object.editStatus().addNewAddress(node.name(), "Hostname").endStatus().build();
  }
}
