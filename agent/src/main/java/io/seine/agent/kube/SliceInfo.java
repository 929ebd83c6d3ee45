package io.seine.agent.kube;

import java.util.List;

/**
 * What the agent keeps of an EndpointSlice of IP addresses. Nothing is validated here. Slices of
 * other address types are kept with neither ports nor endpoints.
 *
 * @param service the service that the slice belongs to; its name is empty if none is named
 */
public record SliceInfo(
    ObjectRef ref, ObjectKey service, List<Port> ports, List<Endpoint> endpoints) {
  public SliceInfo {
    ports = List.copyOf(ports);
    endpoints = List.copyOf(endpoints);
  }

  /**
   * @param name of the service's port that this is the target of
   * @param port where the endpoints listen
   */
  public record Port(String name, String protocol, int port) {}

  /**
   * One backend. Its zone is not kept: only hints decide who uses it (KEP-2433).
   *
   * @param node empty if unknown, as with slices that people write
   */
  public record Endpoint(String address, String node, Condition condition, Hints hints) {
    /** One that is ready, with no more said of it. */
    public static Endpoint ready(String address) {
      return new Endpoint(address, "", Condition.READY, Hints.NONE);
    }
  }

  /** What of the conditions ready, serving and terminating matters. */
  public enum Condition {
    /**
     * For new connections. With {@code publishNotReadyAddresses} every endpoint is, those that
     * terminate too.
     */
    READY,
    /** Serving and terminating: for new connections where none is ready (KEP-1669). */
    DRAINING,
    /** Not for new connections. */
    UNUSED
  }

  /**
   * Whom an endpoint is meant for, by {@code hints.forZones} and {@code hints.forNodes}; an empty
   * list says nothing.
   */
  public record Hints(List<String> zones, List<String> nodes) {
    /** No hints. */
    public static final Hints NONE = new Hints(List.of(), List.of());

    public Hints {
      zones = List.copyOf(zones);
      nodes = List.copyOf(nodes);
    }
  }

  public ObjectKey key() {
    return ref.key();
  }
}
