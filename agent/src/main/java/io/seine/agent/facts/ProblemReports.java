package io.seine.agent.facts;

import io.seine.agent.events.Events;
import io.seine.agent.events.Problem;
import io.seine.pipeline.Owner;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What is wrong with which object now. Each problem is told of when it comes, not each time the
 * object changes: one that all nodes find by the agent whose turn it is, one of this node by this
 * agent. Reported to by one thread; any may ask.
 */
final class ProblemReports {
  private final String node;
  private final Events events;
  private final Speakers speakers;
  private final Map<Owner, List<Problem>> problems = new ConcurrentHashMap<>();

  /** Those of the problems that this agent has told of. Used by the one thread. */
  private final Map<Owner, Set<Problem>> told = new HashMap<>();

  /**
   * @param node this one
   * @param speakers whose turn it is; used by the one thread too
   */
  ProblemReports(String node, Events events, Speakers speakers) {
    this.node = node;
    this.events = events;
    this.speakers = speakers;
  }

  /** These, and no others, are the owner's problems from now on. */
  void report(Owner owner, List<Problem> now) {
    if (!now.isEmpty()) {
      problems.put(owner, List.copyOf(now));
      told.computeIfPresent(owner, (_, before) -> left(before, now));
      tell(owner, now);
      return;
    }
    told.remove(owner);
    List<Problem> before = problems.remove(owner);
    if (before != null) {
      before.forEach(problem -> speakers.forget(problem.object()));
    }
  }

  private static Set<Problem> left(Set<Problem> before, List<Problem> now) {
    Set<Problem> left = new HashSet<>(now);
    left.retainAll(before);
    return left;
  }

  /** Tells what another agent has told of so far, or would have to, and does no more. */
  void speakerMoved() {
    problems.forEach(this::tell);
  }

  private void tell(Owner owner, List<Problem> now) {
    for (Problem problem : now) {
      Set<Problem> before = told.getOrDefault(owner, Set.of());
      if (!before.contains(problem) && isMine(problem)) {
        told.computeIfAbsent(owner, _ -> new HashSet<>(2)).add(problem);
        events.warning(problem.object(), problem.reason(), text(problem));
      }
    }
  }

  private boolean isMine(Problem problem) {
    return problem.cause() == Problem.Cause.NODE || speakers.isMine(problem.object());
  }

  private String text(Problem problem) {
    return problem.cause() == Problem.Cause.NODE ? here(problem.message()) : problem.message();
  }

  /** Says of which node it speaks. */
  String here(String message) {
    return "on node %s: %s".formatted(node, message);
  }

  int size() {
    return problems.size();
  }

  Map<Owner, List<Problem>> all() {
    return new TreeMap<>(problems);
  }
}
