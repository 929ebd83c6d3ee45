package io.seine.pipeline;

import io.seine.openflow.Ipv4;
import java.util.List;

/** A service and where it is served at the moment. */
public record ServiceFact(String namespace, String name, List<Port> ports) {
  /**
   * The most endpoints of one port. A group beyond 64 KiB cannot be shown: Open vSwitch 3.1 takes
   * it in pieces and ends itself when it is dumped.
   */
  public static final int MAX_ENDPOINTS = 800;

  public ServiceFact {
    ports = List.copyOf(ports);
  }

  public Owner owner() {
    return new Owner.Service(namespace, name);
  }

  public enum Protocol {
    TCP(6),
    UDP(17),
    SCTP(132);

    private final int number;

    Protocol(int number) {
      this.number = number;
    }

    /** The IP protocol number. */
    public int number() {
      return number;
    }
  }

  /**
   * One port of a service.
   *
   * @param name as the service has it; may be empty
   * @param port 1 to 65535
   * @param clusterIps the addresses it is served on
   * @param endpoints those that are ready; none means that connections are refused; at most {@link
   *     #MAX_ENDPOINTS}. Given twice counts once.
   */
  public record Port(
      String name, Protocol protocol, int port, List<Ipv4> clusterIps, List<Endpoint> endpoints) {
    public Port {
      checkPort(port);
      clusterIps = List.copyOf(clusterIps);
      endpoints = List.copyOf(endpoints);
      if (endpoints.size() > MAX_ENDPOINTS) {
        throw new IllegalArgumentException(
            "a port has at most %d endpoints, not %d".formatted(MAX_ENDPOINTS, endpoints.size()));
      }
    }
  }

  /** Where a connection can go. */
  public record Endpoint(Ipv4 address, int port) implements Comparable<Endpoint> {
    public Endpoint {
      checkPort(port);
    }

    @Override
    public int compareTo(Endpoint other) {
      int byAddress = address.compareTo(other.address);
      return byAddress != 0 ? byAddress : Integer.compare(port, other.port);
    }

    @Override
    public String toString() {
      return address + ":" + port;
    }
  }

  private static void checkPort(int port) {
    if (port < 1 || port > 65535) {
      throw new IllegalArgumentException("a port is 1 to 65535, not " + port);
    }
  }
}
