package io.seine.agent.netlink;

import io.seine.openflow.Mac;

/**
 * A veth pair to be made in one step: one end here, the other directly inside a pod's namespace.
 *
 * @param hostName name of the end in the caller's namespace, 1 to 15 characters
 * @param podName name of the end in the pod's namespace
 * @param podMac Ethernet address of the pod's end
 * @param mtu of both ends, bytes
 * @param group device group of the host's end, by which it is recognised later
 */
public record VethPair(String hostName, String podName, Mac podMac, int mtu, int group) {
  public VethPair {
    if (hostName.isEmpty() || hostName.length() > 15) {
      throw new IllegalArgumentException("'" + hostName + "' is not a device name");
    }
  }
}
