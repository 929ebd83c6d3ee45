package io.seine.sandbox.replay;

import io.seine.agent.kube.ObjectKey;
import io.seine.agent.verdict.Transport;
import java.util.List;
import java.util.Map;

/** A service of a case, with a cluster IP. */
public record ServiceSpec(ObjectKey key, Map<String, String> selector, List<Port> ports) {
  public ServiceSpec {
    selector = Map.copyOf(selector);
    ports = List.copyOf(ports);
  }

  /** A port, and that of the endpoints which it leads to. */
  public record Port(Transport transport, int port, int target) {}

  /** As a case file has it. */
  String text() {
    return "{selector: %s, ports: %s}"
        .formatted(
            PodSpec.labels(selector),
            ports.stream().map(p -> p.transport() + "/" + p.port() + "->" + p.target()).toList());
  }
}
