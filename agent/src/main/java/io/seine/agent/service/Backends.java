package io.seine.agent.service;

import io.seine.agent.config.Networks;
import io.seine.agent.events.Problem;
import io.seine.agent.kube.ServiceInfo;
import io.seine.agent.kube.SliceInfo;
import io.seine.openflow.Family;
import io.seine.openflow.Ip;
import io.seine.pipeline.ServiceFact.Endpoint;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The backends of a service's port, from all of its slices. */
final class Backends {
  private Backends() {}

  /**
   * Those of one family. Slices say for each port by name where it is: a target port that the
   * service names has its number there, which may differ from slice to slice.
   *
   * @param problems gets those that cannot be used
   */
  static List<EndpointChoice.Candidate> of(
      ServiceInfo.Port port,
      Family family,
      List<SliceInfo> slices,
      String node,
      List<Problem> problems) {
    List<EndpointChoice.Candidate> found = new ArrayList<>();
    for (SliceInfo slice : slices) {
      for (SliceInfo.Port target : slice.ports()) {
        if (target.name().equals(port.name()) && target.protocol().equals(port.protocol())) {
          of(slice, target.port(), family, node, found, problems);
        }
      }
    }
    return found;
  }

  private static void of(
      SliceInfo slice,
      int port,
      Family family,
      String node,
      List<EndpointChoice.Candidate> found,
      List<Problem> problems) {
    for (SliceInfo.Endpoint endpoint : slice.endpoints()) {
      Optional<Ip> address = Networks.ip(endpoint.address());
      if (address.filter(a -> a.family() != family).isPresent()) {
        continue;
      }
      if (address.filter(Networks::isUnicast).isPresent() && Wishes.isPort(port)) {
        found.add(
            new EndpointChoice.Candidate(
                new Endpoint(address.get(), port),
                endpoint.node().equals(node),
                endpoint.condition(),
                endpoint.hints()));
      } else {
        problems.add(
            new Problem(
                slice.ref(),
                "InvalidEndpoint",
                "endpoint %s, port %d is left out: it is no usable IP address and port"
                    .formatted(endpoint.address(), port)));
      }
    }
  }
}
