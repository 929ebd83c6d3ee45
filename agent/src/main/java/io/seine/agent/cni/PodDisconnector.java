package io.seine.agent.cni;

import io.seine.pipeline.LocalPod;
import java.io.IOException;
import java.util.Optional;

/**
 * Takes a pod off the switch: flows, row, devices, and last the addresses, which rest from then on.
 * Every step may find nothing to do; when one fails the later ones are left for the next attempt,
 * so that the row, by which the rest is found, goes only when the flows are gone.
 */
final class PodDisconnector {
  private final CniNode node;
  private final PodTable table;

  PodDisconnector(CniNode node, PodTable table) {
    this.node = node;
    this.table = table;
  }

  /**
   * The attachment's lock is held.
   *
   * @param deviceName the name its host device would have, for when there is no row
   * @return whether there was anything to remove
   */
  boolean disconnect(Attachment attachment, Optional<String> deviceName)
      throws IOException, InterruptedException {
    Optional<LocalPod> pod = table.pod(attachment);
    if (pod.isPresent()) {
      node.network().disconnected(pod.get());
      table.disconnected(attachment);
    }
    Optional<PodPort> row = node.ports().find(attachment);
    if (row.isPresent()) {
      node.ports().remove(row.get().portName());
    }
    // From here on nothing holds the addresses: a failure below must not keep them.
    node.pools().release(table.takeAddresses(attachment));
    row.map(PodPort::addresses).ifPresent(node.pools()::release);
    Optional<String> device = row.map(PodPort::portName).or(() -> deviceName);
    boolean removed = device.isPresent() && node.links().delete(device.get());
    return pod.isPresent() || row.isPresent() || removed;
  }
}
