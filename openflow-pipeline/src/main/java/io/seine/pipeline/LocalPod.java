package io.seine.pipeline;

import io.seine.openflow.Ip;
import io.seine.openflow.Mac;
import java.util.List;

/**
 * A pod that is connected to this node's switch.
 *
 * @param addresses one of a family at most, the first is the primary one
 * @param ofport the number of its port, from 3
 */
public record LocalPod(String namespace, String name, List<Ip> addresses, Mac mac, int ofport) {
  public LocalPod {
    addresses = List.copyOf(addresses);
    if (addresses.isEmpty()) {
      throw new IllegalArgumentException("pod %s/%s has no address".formatted(namespace, name));
    }
    if (ofport <= 0 || ofport >= 0xff00) {
      throw new IllegalArgumentException(
          "pod %s/%s has no usable port number: %d".formatted(namespace, name, ofport));
    }
  }

  public LocalPod(String namespace, String name, Ip address, Mac mac, int ofport) {
    this(namespace, name, List.of(address), mac, ofport);
  }

  /** The primary one. */
  public Ip address() {
    return addresses.getFirst();
  }

  public Owner owner() {
    return new Owner.Pod(namespace, name);
  }
}
