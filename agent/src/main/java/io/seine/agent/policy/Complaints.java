package io.seine.agent.policy;

import io.seine.agent.events.Problem;
import io.seine.agent.kube.ObjectRef;
import java.util.ArrayList;
import java.util.List;

/** Collects what is wrong with one object, each time with the place in it. */
final class Complaints {
  private final ObjectRef object;
  private final String place;
  private final List<Problem> all;

  Complaints(ObjectRef object) {
    this(object, "", new ArrayList<>());
  }

  private Complaints(ObjectRef object, String place, List<Problem> all) {
    this.object = object;
    this.place = place;
    this.all = all;
  }

  /** For what is further inside: {@code ingress rule 0, peer 1}. */
  Complaints at(String within) {
    return new Complaints(object, place.isEmpty() ? within : place + ", " + within, all);
  }

  void say(String reason, String message) {
    Problem problem =
        new Problem(object, reason, place.isEmpty() ? message : place + ": " + message);
    if (!all.contains(problem)) {
      all.add(problem);
    }
  }

  List<Problem> all() {
    return List.copyOf(all);
  }
}
