package io.seine.pipeline;

import io.seine.openflow.Family;
import io.seine.openflow.Ip;
import io.seine.openflow.IpPrefix;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** A service, the addresses it is reached by, and where it is served at the moment. */
public record ServiceFact(String namespace, String name, List<Port> ports) {
  /**
   * The most endpoints of one port. Twice what is tested on a real switch; it has no limit of its
   * own, since no group has more than {@link GroupSelection#MOST_IN_ONE} of them.
   */
  public static final int MAX_ENDPOINTS = 10_000;

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
   * One port of a service in one family; a dual-stack service has two of each.
   *
   * @param name as the service has it; may be empty
   * @param port 1 to 65535, the service's own; identifies the port together with protocol and
   *     family
   * @param frontends what clients connect to
   * @param endpoints those that connections go to by default, wherever they are; none means that
   *     connections are refused; at most {@link #MAX_ENDPOINTS}. Given twice counts once.
   * @param localEndpoints those of this node, for frontends with {@link Policy#LOCAL}; the same
   *     endpoints may be in both lists or in one
   * @param affinitySeconds how long a client stays with its endpoint after its last new connection,
   *     1 to 86400; empty without session affinity
   */
  public record Port(
      String name,
      Protocol protocol,
      Family family,
      int port,
      List<Frontend> frontends,
      List<Endpoint> endpoints,
      List<Endpoint> localEndpoints,
      OptionalInt affinitySeconds) {
    public Port {
      checkPort(port);
      frontends = List.copyOf(frontends);
      endpoints = List.copyOf(endpoints);
      localEndpoints = List.copyOf(localEndpoints);
      if (endpoints.size() > MAX_ENDPOINTS) {
        throw new IllegalArgumentException(
            "a port has at most %d endpoints, not %d".formatted(MAX_ENDPOINTS, endpoints.size()));
      }
    }

    /** An IPv4 port that is reached by cluster IPs only, by every endpoint. */
    public static Port clusterIp(
        String name, Protocol protocol, int port, List<Ip> addresses, List<Endpoint> endpoints) {
      return new Port(
          name,
          protocol,
          Family.IPV4,
          port,
          addresses.stream().map(ip -> Frontend.clusterIp(ip, port, Policy.CLUSTER)).toList(),
          endpoints,
          List.of(),
          OptionalInt.empty());
    }
  }

  /** Why there is such a frontend. */
  public enum Kind {
    CLUSTER_IP,
    NODE_PORT,
    EXTERNAL_IP,
    LOAD_BALANCER
  }

  /** Which endpoints take connections. */
  public enum Policy {
    /** Any, on whatever node. */
    CLUSTER,
    /** Those of the node the connection comes in on; without one it is dropped. */
    LOCAL
  }

  /**
   * What clients connect to.
   *
   * @param address for a node port {@link Addresses#nodePort}
   * @param port 1 to 65535
   * @param standIn what packets from outside have in its place when they come through gw0; empty
   *     for cluster IPs and node ports
   * @param inside for connections of pods and of the node's own processes
   * @param outside for connections of others
   * @param sources who may connect; empty for everyone
   */
  public record Frontend(
      Kind kind,
      Ip address,
      int port,
      Optional<Ip> standIn,
      Policy inside,
      Policy outside,
      List<IpPrefix> sources) {
    public Frontend {
      checkPort(port);
      sources = List.copyOf(sources);
    }

    public static Frontend clusterIp(Ip address, int port, Policy policy) {
      return new Frontend(
          Kind.CLUSTER_IP, address, port, Optional.empty(), policy, policy, List.of());
    }
  }

  /** Where a connection can go. */
  public record Endpoint(Ip address, int port) implements Comparable<Endpoint> {
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
      return address.bracketed() + ":" + port;
    }
  }

  private static void checkPort(int port) {
    if (port < 1 || port > 65535) {
      throw new IllegalArgumentException("a port is 1 to 65535, not " + port);
    }
  }
}
