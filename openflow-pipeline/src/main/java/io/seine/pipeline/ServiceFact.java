package io.seine.pipeline;

import io.seine.openflow.Ipv4;
import java.util.List;

/** A service and where it is served at the moment. */
public record ServiceFact(String namespace, String name, List<Port> ports) {
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
   * @param endpoints those that are ready; none means that connections are refused. Given twice
   *     counts once.
   */
  public record Port(
      String name, Protocol protocol, int port, List<Ipv4> clusterIps, List<Endpoint> endpoints) {
    public Port {
      checkPort(port);
      clusterIps = List.copyOf(clusterIps);
      endpoints = List.copyOf(endpoints);
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
