package io.seine.sandbox.replay;

import java.util.List;

/**
 * A step of a case.
 *
 * @param say what it is about; may be empty
 * @param changes in the order in which they are made
 * @param scene the cluster after them
 * @param probes who is asked then, with the expected answers
 */
public record Step(String say, List<Change> changes, Scene scene, List<Probe> probes) {
  public Step {
    changes = List.copyOf(changes);
    probes = List.copyOf(probes);
  }

  Step expecting(List<Probe> newProbes) {
    return new Step(say, changes, scene, newProbes);
  }
}
