package io.seine.agent.service;

import io.seine.agent.config.Networks;
import io.seine.agent.events.Problem;
import io.seine.agent.kube.ObjectKey;
import io.seine.agent.kube.ServiceInfo;
import io.seine.agent.kube.SliceInfo;
import io.seine.openflow.Ip;
import io.seine.pipeline.ServiceFact;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/**
 * A service as the switch should know it, and what had to be left out.
 *
 * @param fact empty if nothing of the service is served inside the cluster
 */
public record Translation(Optional<ServiceFact> fact, List<Problem> problems) {
  public Translation {
    problems = List.copyOf(problems);
  }

  /** Who an address, protocol and port belongs to. */
  interface Holders {
    ObjectKey holder(String protocol, Ip address, int port);
  }

  static Translation of(ServiceInfo service, List<SliceInfo> slices, Holders holders) {
    List<Problem> problems = new ArrayList<>();
    List<Ip> addresses = clusterIps(service, problems);
    List<ServiceFact.Port> ports = new ArrayList<>();
    for (ServiceInfo.Port port : service.ports()) {
      Optional<ServiceFact.Protocol> protocol = protocol(port.protocol());
      if (protocol.isEmpty() || port.port() < 1 || port.port() > 65535) {
        problems.add(
            new Problem(
                service.ref(),
                "InvalidServicePort",
                "port %s/%s is left out: it is no TCP, UDP or SCTP port of 1 to 65535"
                    .formatted(port.port(), port.protocol())));
        continue;
      }
      List<Ip> own = new ArrayList<>();
      for (Ip address : addresses) {
        ObjectKey holder = holders.holder(port.protocol(), address, port.port());
        if (holder.equals(service.key())) {
          own.add(address);
        } else {
          problems.add(
              new Problem(
                  service.ref(),
                  "ClusterIPConflict",
                  "%s:%d/%s is not served for this service: it belongs to the older service %s"
                      .formatted(address, port.port(), port.protocol(), holder)));
        }
      }
      if (!own.isEmpty()) {
        ports.add(
            ServiceFact.Port.clusterIp(
                port.name(),
                protocol.get(),
                port.port(),
                own,
                atMost(
                    ServiceFact.MAX_ENDPOINTS,
                    endpoints(port, slices, problems),
                    service,
                    port,
                    problems)));
      }
    }
    Optional<ServiceFact> fact =
        ports.isEmpty()
            ? Optional.empty()
            : Optional.of(new ServiceFact(service.key().namespace(), service.key().name(), ports));
    return new Translation(fact, problems.stream().distinct().toList());
  }

  /** The first of them, the same on every node, and a problem when there are more. */
  private static List<ServiceFact.Endpoint> atMost(
      int limit,
      List<ServiceFact.Endpoint> endpoints,
      ServiceInfo service,
      ServiceInfo.Port port,
      List<Problem> problems) {
    if (endpoints.size() <= limit) {
      return endpoints;
    }
    problems.add(
        new Problem(
            service.ref(),
            "TooManyEndpoints",
            "port %d/%s has more than %d endpoints: only the first %d by address get new connections; split the service"
                .formatted(port.port(), port.protocol(), limit, limit)));
    return endpoints.subList(0, limit);
  }

  private static List<Ip> clusterIps(ServiceInfo service, List<Problem> problems) {
    List<Ip> addresses = new ArrayList<>();
    for (String text : service.clusterIps()) {
      Optional<Ip> address = Networks.ipv4(text).filter(Networks::isUnicast);
      if (address.isPresent()) {
        addresses.add(address.get());
      } else if (!Networks.isIpv6(text)) {
        problems.add(
            new Problem(
                service.ref(),
                "InvalidClusterIP",
                "cluster IP '" + text + "' is left out: it is no usable IP address"));
      }
    }
    return addresses;
  }

  private static Optional<ServiceFact.Protocol> protocol(String name) {
    return switch (name) {
      case "TCP" -> Optional.of(ServiceFact.Protocol.TCP);
      case "UDP" -> Optional.of(ServiceFact.Protocol.UDP);
      case "SCTP" -> Optional.of(ServiceFact.Protocol.SCTP);
      default -> Optional.empty();
    };
  }

  /** Those of all slices, each once, in the order of their addresses. */
  private static List<ServiceFact.Endpoint> endpoints(
      ServiceInfo.Port port, List<SliceInfo> slices, List<Problem> problems) {
    TreeSet<ServiceFact.Endpoint> endpoints = new TreeSet<>();
    for (SliceInfo slice : slices) {
      for (SliceInfo.Port target : slice.ports()) {
        if (!target.name().equals(port.name()) || !target.protocol().equals(port.protocol())) {
          continue;
        }
        for (SliceInfo.Endpoint given : slice.endpoints()) {
          String text = given.address();
          if (given.condition() != SliceInfo.Condition.READY || Networks.isIpv6(text)) {
            continue;
          }
          Optional<Ip> address = Networks.ipv4(text).filter(Networks::isUnicast);
          if (address.isPresent() && target.port() >= 1 && target.port() <= 65535) {
            endpoints.add(new ServiceFact.Endpoint(address.get(), target.port()));
          } else {
            problems.add(
                new Problem(
                    slice.ref(),
                    "InvalidEndpoint",
                    "endpoint %s:%d is left out: it is no usable IPv4 address and port"
                        .formatted(text, target.port())));
          }
        }
      }
    }
    return List.copyOf(endpoints);
  }
}
