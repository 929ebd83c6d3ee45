package io.seine.agent.cni;

import io.seine.openflow.Ip;
import io.seine.pipeline.LocalPod;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What earlier runs of the agent left: rows to adopt, rows and devices to remove. */
final class PodInventory {
  private static final Logger LOG = LoggerFactory.getLogger(PodInventory.class);

  private final CniNode node;
  private final PodTable table;

  PodInventory(CniNode node, PodTable table) {
    this.node = node;
    this.table = table;
  }

  /**
   * Takes over the port rows, before the first request is served. A row whose device is gone (the
   * node was restarted, or the namespace was removed behind our back) is removed, and so is a
   * device of ours that no row knows.
   *
   * @return the pods whose flows belong in the switch; where two containers have one pod name, the
   *     one whose port is newer comes later
   */
  List<LocalPod> adopt() throws IOException {
    Set<String> devices = new HashSet<>(node.links().all());
    Set<Ip> leased = new HashSet<>();
    for (PodPort port : node.ports().list()) {
      if (!devices.remove(port.portName())) {
        LOG.info("removing the port of {}: its device {} is gone", port.owner(), port.portName());
        node.ports().remove(port.portName());
        continue;
      }
      leased.addAll(port.addresses());
      pod(port).ifPresent(pod -> table.connected(port.attachment(), pod));
    }
    for (Ip stranger : node.pools().adopt(leased)) {
      LOG.warn(
          "a pod has address {}, which is not one of {}: it keeps it until it ends",
          stranger,
          node.pools().cidrs());
    }
    for (String orphan : devices) {
      LOG.info("removing device {}: no port knows it", orphan);
      node.links().delete(orphan);
    }
    return table.pods().stream().sorted(Comparator.comparingInt(LocalPod::ofport)).toList();
  }

  /** The pod of a row as the flows want it; empty while OVS has not numbered its port. */
  Optional<LocalPod> pod(PodPort port) throws IOException {
    return node.ports().ofport(port.portName()).map(port::localPod);
  }

  /**
   * Rows whose pod is not in the flows as it should be: the port's number is new or has changed.
   */
  List<PodPort> changed() throws IOException {
    List<PodPort> changed = new ArrayList<>();
    for (PodPort port : node.ports().list()) {
      Optional<LocalPod> now = pod(port);
      if (now.isPresent() && !now.equals(table.pod(port.attachment()))) {
        changed.add(port);
      }
    }
    return changed;
  }

  /** Devices of ours without a row that no ADD is making just now. */
  Set<String> orphans() throws IOException {
    // Devices first: one that is made after this is not in the set, whatever its row.
    Set<String> devices = new HashSet<>(node.links().all());
    devices.removeIf(table::isMaking);
    devices.removeAll(
        node.ports().list().stream().map(PodPort::portName).collect(Collectors.toSet()));
    return devices;
  }
}
