package io.seine.agent.service;

import io.seine.agent.config.Networks;
import io.seine.agent.kube.ServiceInfo;
import io.seine.openflow.Family;
import io.seine.openflow.Ip;
import io.seine.pipeline.Addresses;
import io.seine.pipeline.ServiceFact.Kind;
import io.seine.pipeline.ServiceFact.Protocol;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Which places a service asks for. Whether it may have them is not asked here. */
final class Wishes {
  private Wishes() {}

  /**
   * The places, in the order cluster IPs, node ports, load balancer addresses, external IPs. One
   * that a service asks for in several ways is its by the first of these: a load balancer's address
   * keeps its source ranges though it be an external IP as well.
   *
   * <p>As with kube-proxy, a service has places of the families only that it has a cluster IP of.
   */
  static Map<Place, Kind> of(ServiceInfo service) {
    Map<Place, Kind> places = new LinkedHashMap<>();
    List<Ip> clusterIps = addresses(service.clusterIps());
    Set<Family> families = clusterIps.stream().map(Ip::family).collect(Collectors.toSet());
    for (ServiceInfo.Port port : service.ports()) {
      Optional<Protocol> protocol = protocol(port.protocol());
      if (protocol.isPresent() && isPort(port.port())) {
        ofPort(service, port, protocol.get(), clusterIps, families, places);
      }
    }
    return places;
  }

  private static void ofPort(
      ServiceInfo service,
      ServiceInfo.Port port,
      Protocol protocol,
      List<Ip> clusterIps,
      Set<Family> families,
      Map<Place, Kind> places) {
    for (Ip address : clusterIps) {
      places.putIfAbsent(new Place(address, protocol, port.port()), Kind.CLUSTER_IP);
    }
    if (isPort(port.nodePort())) {
      for (Family family : families) {
        places.putIfAbsent(
            new Place(Addresses.nodePort(family), protocol, port.nodePort()), Kind.NODE_PORT);
      }
    }
    for (Ip address : addresses(service.external().loadBalancerIps())) {
      if (families.contains(address.family())) {
        places.putIfAbsent(new Place(address, protocol, port.port()), Kind.LOAD_BALANCER);
      }
    }
    for (Ip address : addresses(service.external().ips())) {
      if (families.contains(address.family())) {
        places.putIfAbsent(new Place(address, protocol, port.port()), Kind.EXTERNAL_IP);
      }
    }
  }

  private static List<Ip> addresses(List<String> texts) {
    return texts.stream().flatMap(t -> Networks.ip(t).stream()).distinct().toList();
  }

  static Optional<Protocol> protocol(String name) {
    return switch (name) {
      case "TCP" -> Optional.of(Protocol.TCP);
      case "UDP" -> Optional.of(Protocol.UDP);
      case "SCTP" -> Optional.of(Protocol.SCTP);
      default -> Optional.empty();
    };
  }

  static boolean isPort(int port) {
    return port >= 1 && port <= 65535;
  }
}
