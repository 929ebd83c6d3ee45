package io.seine.agent.kube;

import java.util.List;

/**
 * What the agent keeps of an EndpointSlice of IPv4 addresses. Slices of other address types are
 * kept with neither ports nor addresses.
 *
 * @param service the service that the slice belongs to; its name is empty if none is named
 * @param ready the addresses that are ready, those of unknown readiness included
 */
public record SliceInfo(ObjectRef ref, ObjectKey service, List<Port> ports, List<String> ready) {
  public SliceInfo {
    ports = List.copyOf(ports);
    ready = List.copyOf(ready);
  }

  /**
   * @param name of the service's port that this is the target of
   * @param port where the endpoints listen
   */
  public record Port(String name, String protocol, int port) {}

  public ObjectKey key() {
    return ref.key();
  }
}
