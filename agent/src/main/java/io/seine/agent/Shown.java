package io.seine.agent;

import io.seine.agent.events.Problem;
import io.seine.pipeline.Owner;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;

/** Problems as {@code /status} shows them. */
final class Shown {
  /** A page is to be read; the counts say how many there are beyond. */
  private static final int MOST = 200;

  private Shown() {}

  /** Those of the facts about some owners. */
  static List<Problem> problems(NodeAgent agent, Predicate<Owner> of) {
    List<Problem> all = new ArrayList<>();
    agent
        .facts()
        .problems()
        .forEach((owner, problems) -> {
          if (of.test(owner)) {
            all.addAll(problems);
          }
        });
    return all;
  }

  /** How many problems there are of each reason. */
  static Map<String, Integer> counts(List<Problem> problems) {
    Map<String, Integer> counts = new TreeMap<>();
    problems.forEach(p -> counts.merge(p.reason(), 1, Integer::sum));
    return counts;
  }

  /** The first, sorted by what they are about. */
  static List<Map<String, String>> first(List<Problem> problems) {
    return problems.stream()
        .sorted(
            Comparator.comparing((Problem p) -> p.object().kind())
                .thenComparing(p -> p.object().key())
                .thenComparing(Problem::reason)
                .thenComparing(Problem::message))
        .limit(MOST)
        .map(Shown::shown)
        .toList();
  }

  private static Map<String, String> shown(Problem problem) {
    Map<String, String> map = new LinkedHashMap<>();
    map.put("object", problem.object().toString());
    map.put("reason", problem.reason());
    map.put("message", problem.message());
    return map;
  }
}
