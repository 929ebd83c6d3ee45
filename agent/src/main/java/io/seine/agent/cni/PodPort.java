package io.seine.agent.cni;

import io.seine.openflow.Ip;
import io.seine.openflow.Mac;
import io.seine.pipeline.LocalPod;
import java.util.List;

/**
 * A pod's port in the switch: the row in OVSDB that is also the lease of its addresses.
 *
 * @param portName name of the port and of the host's end of the veth pair
 * @param network name of the CNI network that it belongs to, for GC
 * @param netns path of the pod's network namespace as the runtime gave it
 * @param namespace Kubernetes namespace of the pod; empty if the runtime did not say
 * @param pod name of the pod; empty if the runtime did not say
 * @param addresses one of a family at most; the first is the primary one
 * @param mtu bytes
 */
public record PodPort(
    String portName,
    Attachment attachment,
    String network,
    String netns,
    String namespace,
    String pod,
    List<Ip> addresses,
    Mac mac,
    int mtu) {
  public PodPort {
    addresses = List.copyOf(addresses);
  }

  /** The pod as Kubernetes names it, or the container where there is no pod. */
  public String owner() {
    return pod.isEmpty() ? "container " + attachment.containerId() : namespace + "/" + pod;
  }

  /**
   * The pod as its flows are made from. They need a name for their owner also where the runtime
   * gave no pod.
   *
   * @param ofport the number that OVS gave the port
   */
  public LocalPod localPod(int ofport) {
    return new LocalPod(
        namespace.isEmpty() ? "-" : namespace,
        pod.isEmpty() ? portName : pod,
        addresses,
        mac,
        ofport);
  }
}
