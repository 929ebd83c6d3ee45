package io.seine.agent.facts;

import io.seine.agent.events.Events;
import io.seine.agent.events.Problem;
import io.seine.pipeline.Owner;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What is wrong with which object now. Each problem is told of when it comes, not each time the
 * object changes. Reported to by one thread; any may ask.
 */
final class ProblemReports {
  private final Events events;
  private final Map<Owner, List<Problem>> problems = new ConcurrentHashMap<>();

  ProblemReports(Events events) {
    this.events = events;
  }

  /** These, and no others, are the owner's problems from now on. */
  void report(Owner owner, List<Problem> now) {
    Set<Problem> before = new HashSet<>(problems.getOrDefault(owner, List.of()));
    now.stream().filter(p -> !before.contains(p)).forEach(events::warning);
    if (now.isEmpty()) {
      problems.remove(owner);
    } else {
      problems.put(owner, List.copyOf(now));
    }
  }

  int size() {
    return problems.size();
  }

  Map<Owner, List<Problem>> all() {
    return new TreeMap<>(problems);
  }
}
