package io.seine.agent.service;

import io.seine.pipeline.ServiceFact;
import io.seine.pipeline.ServiceFact.Endpoint;
import io.seine.pipeline.ServiceFact.Frontend;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * What of an SCTP port can be served by a switch that rewrites addresses in SCTP packets but not
 * ports, as Open vSwitch's userspace datapath before 3.5.
 */
final class SctpPorts {
  private SctpPorts() {}

  /**
   * The port with the frontends whose number is also its endpoints'; the others, if there are any,
   * as a second port without endpoints, so that connections to them are refused at once.
   *
   * @param problem told of what is refused
   */
  static List<ServiceFact.Port> kept(ServiceFact.Port port, Consumer<String> problem) {
    List<Frontend> served = new ArrayList<>();
    List<Frontend> refused = new ArrayList<>();
    for (Frontend frontend : port.frontends()) {
      boolean same =
          Stream.concat(port.endpoints().stream(), port.localEndpoints().stream())
              .allMatch(e -> e.port() == frontend.port());
      (same ? served : refused).add(frontend);
    }
    List<ServiceFact.Port> ports = new ArrayList<>();
    if (!served.isEmpty()) {
      ports.add(with(port, served, port.endpoints(), port.localEndpoints()));
    }
    if (!refused.isEmpty()) {
      ports.add(with(port, refused, List.of(), List.of()));
      for (int number : refused.stream().mapToInt(Frontend::port).distinct().toArray()) {
        problem.accept(
            "port %d/SCTP is refused: this node's Open vSwitch cannot change the port of SCTP packets, and the endpoints listen on another one; use Open vSwitch 3.5, or one number for both"
                .formatted(number));
      }
    }
    return ports;
  }

  private static ServiceFact.Port with(
      ServiceFact.Port port,
      List<Frontend> frontends,
      List<Endpoint> endpoints,
      List<Endpoint> localEndpoints) {
    return new ServiceFact.Port(
        port.name(),
        port.protocol(),
        port.family(),
        port.port(),
        frontends,
        endpoints,
        localEndpoints,
        endpoints.isEmpty() ? OptionalInt.empty() : port.affinitySeconds());
  }
}
