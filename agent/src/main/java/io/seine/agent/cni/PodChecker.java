package io.seine.agent.cni;

import com.fasterxml.jackson.databind.JsonNode;
import io.seine.agent.cni.PodLinks.PodAddress;
import io.seine.pipeline.LocalPod;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** CHECK: whether an attachment is still what ADD made and reported. */
final class PodChecker {
  private final CniNode node;

  PodChecker(CniNode node) {
    this.node = node;
  }

  /**
   * Compares; the attachment's lock is held.
   *
   * @throws CniError 3 if there is no such attachment, 7 without a previous result, 101 with every
   *     difference found
   */
  void check(Attachment attachment, String netns, NetworkConfig config)
      throws CniError, IOException {
    if (!config.previous().isObject()) {
      throw new CniError(
          CniError.INVALID_CONFIG, "CHECK came without prevResult", "the runtime must pass it");
    }
    Optional<PodPort> row = node.ports().find(attachment);
    if (row.isEmpty()) {
      throw new CniError(
          CniError.UNKNOWN_CONTAINER,
          "there is no port for container "
              + attachment.containerId()
              + " and interface "
              + attachment.ifname(),
          "the pod must be made anew");
    }
    List<String> differences = new ArrayList<>();
    PodPort port = row.get();
    compareResult(config.previous(), port, differences);
    compareDevice(port, netns, differences);
    compareSwitch(port, differences);
    if (!differences.isEmpty()) {
      throw new CniError(
          CniError.BROKEN_ATTACHMENT,
          port.owner() + " is not connected as it was: " + String.join("; ", differences),
          "the pod must be made anew");
    }
  }

  private void compareResult(JsonNode previous, PodPort port, List<String> differences) {
    Set<String> listed = new HashSet<>();
    for (JsonNode ip : previous.path("ips")) {
      listed.add(ip.path("address").asText());
    }
    for (PodAddress address : node.addresses(port)) {
      if (!listed.contains(address.onInterface().toString())) {
        differences.add(
            "its address is " + address.onInterface() + ", which prevResult does not have");
      }
    }
    for (JsonNode device : previous.path("interfaces")) {
      String mac = device.path("mac").asText("");
      boolean ours =
          device.path("name").asText().equals(port.attachment().ifname())
              && device.path("sandbox").asText().equals(port.netns());
      if (ours && !mac.isEmpty() && !mac.equalsIgnoreCase(port.mac().toString())) {
        differences.add("its MAC is " + port.mac() + ", but prevResult has " + mac);
      }
    }
  }

  private void compareDevice(PodPort port, String netns, List<String> differences)
      throws IOException {
    if (!node.links().exists(port.portName())) {
      differences.add("the host's device " + port.portName() + " is gone");
    }
    String name = port.attachment().ifname();
    Optional<PodLinks.Found> device =
        node.links().inspect(netns.isEmpty() ? port.netns() : netns, name);
    if (device.isEmpty()) {
      differences.add("interface " + name + " is not in " + port.netns());
      return;
    }
    PodLinks.Found found = device.get();
    if (!found.up()) {
      differences.add("interface " + name + " is down");
    }
    if (!found.mac().equals(Optional.of(port.mac()))) {
      differences.add(
          "interface %s has MAC %s, not %s"
              .formatted(name, found.mac().map(Object::toString).orElse("none"), port.mac()));
    }
    if (found.mtu() != port.mtu()) {
      differences.add("interface %s has MTU %d, not %d".formatted(name, found.mtu(), port.mtu()));
    }
    node.addresses(port).forEach(address -> compareAddress(address, found, name, differences));
  }

  private static void compareAddress(
      PodAddress address, PodLinks.Found found, String name, List<String> differences) {
    if (!found.addresses().contains(address.onInterface())) {
      differences.add("interface " + name + " lacks address " + address.onInterface());
    }
    boolean routed =
        found.routes().stream()
            .filter(r -> r.destination().length() == 0)
            .anyMatch(r -> r.gateway().equals(Optional.of(address.gateway())));
    if (!routed) {
      differences.add("the default route through " + address.gateway() + " is missing");
    }
  }

  private void compareSwitch(PodPort port, List<String> differences) throws IOException {
    Optional<Integer> ofport = node.ports().ofport(port.portName());
    if (ofport.isEmpty()) {
      differences.add("the switch has not opened port " + port.portName());
      return;
    }
    LocalPod pod = port.localPod(ofport.get());
    if (!node.network().isConnected(pod)) {
      differences.add("its flows are not in the switch");
    }
  }
}
