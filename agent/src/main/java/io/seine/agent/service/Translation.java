package io.seine.agent.service;

import io.seine.agent.events.Problem;
import io.seine.pipeline.ServiceFact;
import java.util.List;
import java.util.Optional;

/**
 * A service as the switch should know it, and what had to be left out.
 *
 * @param fact empty if nothing of the service is served
 * @param healthCheck empty if the service has no port for it
 */
public record Translation(
    Optional<ServiceFact> fact, List<Problem> problems, Optional<HealthCheck> healthCheck) {
  /** Of a service that is others' to serve. */
  static final Translation NOTHING = new Translation(Optional.empty(), List.of(), Optional.empty());

  public Translation {
    problems = List.copyOf(problems);
  }

  /**
   * What load balancers ask this node about the service.
   *
   * @param port TCP, 1 to 65535
   * @param localEndpoints how many endpoints of this node are ready, each address counted once;
   *     those that terminate do not count (kube-proxy, {@code LocalReadyEndpoints})
   */
  public record HealthCheck(int port, int localEndpoints) {}
}
