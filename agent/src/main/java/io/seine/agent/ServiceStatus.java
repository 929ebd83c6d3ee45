package io.seine.agent;

import io.seine.agent.events.Problem;
import io.seine.agent.facts.FactLoop;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The part of {@code /status} about services: how many, and what is refused to whom, and why. */
final class ServiceStatus {
  /** A page is to be read; the counts say how many there are beyond. */
  private static final int MOST_SHOWN = 200;

  /** All that a service may be told. */
  static final List<String> REASONS =
      List.of(
          "ClusterIPConflict",
          "NodePortConflict",
          "ExternalIPConflict",
          "LoadBalancerIPConflict",
          "NodePortRefused",
          "ExternalIPRefused",
          "LoadBalancerIPRefused",
          "SCTPPortNotServed",
          "TooManyEndpoints",
          "InvalidClusterIP",
          "InvalidEndpoint",
          "InvalidServicePort",
          "InvalidSessionAffinity",
          "InvalidSourceRange",
          "FailedToStartServiceHealthcheck");

  private ServiceStatus() {}

  static Map<String, Object> of(NodeAgent agent) {
    FactLoop.Counts counts = agent.counts();
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("known", counts.services());
    map.put("leftToOthers", counts.leftAlone());
    map.put("addresses", agent.node().nodePortAddresses().stream().map(Object::toString).toList());
    map.put("diverted", agent.services().diversions());
    agent.services().diversionProblem().ifPresent(p -> map.put("diversionProblem", p));
    agent.capabilities().known().ifPresent(c -> map.put("sctpPortsTranslated", c.sctpPorts()));
    map.put("healthChecks", agent.services().healthChecks());
    List<Problem> problems = problems(agent);
    map.put("refused", counts(problems));
    map.put("problems", problems.stream().limit(MOST_SHOWN).map(ServiceStatus::shown).toList());
    return map;
  }

  /** Of everything that the API describes, nodes included, sorted by what they are about. */
  private static List<Problem> problems(NodeAgent agent) {
    List<Problem> all = new ArrayList<>();
    agent.facts().problems().values().forEach(all::addAll);
    all.addAll(agent.services().problems());
    all.sort(
        Comparator.comparing((Problem p) -> p.object().kind())
            .thenComparing(p -> p.object().key())
            .thenComparing(Problem::reason)
            .thenComparing(Problem::message));
    return all;
  }

  /** How many problems there are of each reason. */
  static Map<String, Integer> counts(List<Problem> problems) {
    Map<String, Integer> counts = new TreeMap<>();
    problems.forEach(p -> counts.merge(p.reason(), 1, Integer::sum));
    return counts;
  }

  /** For the metrics. */
  static int count(NodeAgent agent, String reason) {
    return counts(problems(agent)).getOrDefault(reason, 0);
  }

  private static Map<String, String> shown(Problem problem) {
    Map<String, String> map = new LinkedHashMap<>();
    map.put("object", problem.object().toString());
    map.put("reason", problem.reason());
    map.put("message", problem.message());
    return map;
  }
}
