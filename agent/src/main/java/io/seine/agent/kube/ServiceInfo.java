package io.seine.agent.kube;

import java.util.List;

/**
 * What the agent keeps of a Service. Nothing is validated here.
 *
 * @param clusterIps empty for headless and ExternalName services
 */
public record ServiceInfo(
    ObjectRef ref, String created, List<String> clusterIps, List<Port> ports) {
  public ServiceInfo {
    clusterIps = List.copyOf(clusterIps);
    ports = List.copyOf(ports);
  }

  /**
   * @param name what EndpointSlices call the port; may be empty
   * @param protocol TCP, UDP or SCTP, as the API writes it
   */
  public record Port(String name, String protocol, int port) {}

  public ObjectKey key() {
    return ref.key();
  }
}
