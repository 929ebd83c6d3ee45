package io.seine.pipeline;

import io.seine.openflow.Ipv4;
import io.seine.openflow.Mac;

/**
 * A pod that is connected to this node's switch.
 *
 * @param ofport the number of its port, from 3
 */
public record LocalPod(String namespace, String name, Ipv4 address, Mac mac, int ofport) {
  public LocalPod {
    if (ofport <= 0 || ofport >= 0xff00) {
      throw new IllegalArgumentException(
          "pod %s/%s has no usable port number: %d".formatted(namespace, name, ofport));
    }
  }

  public Owner owner() {
    return new Owner.Pod(namespace, name);
  }
}
