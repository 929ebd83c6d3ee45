package io.seine.agent;

import io.seine.agent.events.Problem;
import io.seine.agent.facts.FactLoop;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The part of {@code /status} about services: how many, and what is refused to whom, and why. */
final class ServiceStatus {
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
    map.put("refused", Shown.counts(problems));
    map.put("problems", Shown.first(problems));
    return map;
  }

  /** Of everything that the API describes but policies, nodes included. */
  private static List<Problem> problems(NodeAgent agent) {
    List<Problem> all = Shown.problems(agent, owner -> !PolicyStatus.isPolicy(owner));
    all.addAll(agent.services().problems());
    return all;
  }

  /** For the metrics. */
  static int count(NodeAgent agent, String reason) {
    return Shown.counts(problems(agent)).getOrDefault(reason, 0);
  }
}
