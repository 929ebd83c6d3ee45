package io.seine.agent;

import io.seine.agent.cni.Readiness;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What is missing for this node to be ready, by part. A part says itself when it is well; all that
 * are known must be. Safe for any thread.
 */
final class Health implements Readiness {
  /** The parts, in the order they become well at a start. */
  enum Part {
    OVSDB,
    NODE,
    PORTS,
    HOST,
    SWITCH,
    API,
    FLOWS,
    TUNNELS
  }

  static final String TUNNELS_NOT_TRIED = "the tunnels to the peers have not been tried yet";

  private final Map<Part, String> missing = new LinkedHashMap<>();
  private boolean wellOnce;

  Health() {
    missing.put(Part.OVSDB, "not connected to OVSDB yet");
    missing.put(Part.NODE, "the Node object has not been read yet");
    missing.put(Part.PORTS, "the bridge's own ports are not there yet");
    missing.put(Part.HOST, "the host's routes and rules are not set up yet");
    missing.put(Part.SWITCH, "not connected to the switch yet");
    missing.put(Part.API, "the API has not been read yet");
    missing.put(Part.FLOWS, "the switch's flows are not as wanted yet");
    missing.put(Part.TUNNELS, TUNNELS_NOT_TRIED);
  }

  synchronized void well(Part part) {
    missing.remove(part);
    wellOnce = wellOnce || missing.isEmpty();
  }

  synchronized void ill(Part part, String reason) {
    missing.put(part, reason);
  }

  /** What is missing; empty when the node is ready. */
  synchronized List<String> missing() {
    List<String> all = new ArrayList<>();
    for (Part part : Part.values()) {
      Optional.ofNullable(missing.get(part)).ifPresent(all::add);
    }
    return all;
  }

  @Override
  public synchronized Optional<NotReady> notReady() {
    List<String> all = missing();
    return all.isEmpty()
        ? Optional.empty()
        : Optional.of(new NotReady(String.join("; ", all), wellOnce));
  }
}
