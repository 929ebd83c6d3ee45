package io.seine.sandbox.replay;

import io.seine.openflow.Family;
import io.seine.openflow.Ip;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A case.
 *
 * @param name a few words
 * @param about what is shown
 * @param reference where the API's documents say so
 * @param isolateNamespaces the agents' option
 * @param outside hosts that are no nodes, with their addresses; none: the executor chooses
 * @param start the cluster before the first step
 */
public record Case(
    String name,
    String about,
    String reference,
    boolean isolateNamespaces,
    List<Family> families,
    Map<String, List<Ip>> outside,
    Scene start,
    List<Step> steps) {
  public Case {
    families = List.copyOf(families);
    outside = Collections.unmodifiableMap(new LinkedHashMap<>(outside));
    steps = List.copyOf(steps);
  }

  /** The same with other steps. */
  public Case withSteps(List<Step> newSteps) {
    return new Case(name, about, reference, isolateNamespaces, families, outside, start, newSteps);
  }

  @Override
  public String toString() {
    return name;
  }
}
