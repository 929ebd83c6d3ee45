package io.seine.agent.service;

import io.seine.agent.config.Networks;
import io.seine.agent.events.Problem;
import io.seine.agent.events.Problem.Cause;
import io.seine.agent.kube.ObjectKey;
import io.seine.agent.kube.ServiceInfo;
import io.seine.agent.kube.SliceInfo;
import io.seine.openflow.Family;
import io.seine.openflow.Ip;
import io.seine.pipeline.LocalNode;
import io.seine.pipeline.ServiceFact;
import io.seine.pipeline.ServiceFact.Endpoint;
import io.seine.pipeline.ServiceFact.Frontend;
import io.seine.pipeline.ServiceFact.Kind;
import io.seine.pipeline.ServiceFact.Policy;
import io.seine.pipeline.ServiceFact.Protocol;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** The translation of one service; used once. */
final class Translator {
  /** "must be > 0 && <= 86400 (for 1 day)" (core/v1, ClientIPConfig). */
  private static final int LONGEST_AFFINITY = 86_400;

  /**
   * What a translation depends on beside the service.
   *
   * @param zone this node's; may be empty
   * @param sctpPorts whether the switch can put another port into an SCTP packet
   */
  record Context(
      LocalNode self, String zone, AddressRules rules, StandInSource standIns, boolean sctpPorts) {}

  /** Who a place belongs to. */
  interface Holders {
    /** The other service that has it; empty if the asking one may. */
    Optional<ObjectKey> other(Kind kind, Place place);
  }

  private final Context context;
  private final ServiceInfo service;
  private final List<SliceInfo> slices;
  private final Holders holders;
  private final SourceRanges ranges;
  private final Map<Place, Kind> wishes;
  private final List<Problem> problems = new ArrayList<>();
  private final List<ServiceFact.Port> ports = new ArrayList<>();
  private final Set<Ip> readyHere = new HashSet<>();

  Translator(Context context, ServiceInfo service, List<SliceInfo> slices, Holders holders) {
    this.context = context;
    this.service = service;
    this.slices = slices;
    this.holders = holders;
    this.ranges = SourceRanges.of(service.external().sourceRanges());
    this.wishes = Wishes.of(service);
  }

  Translation translate() {
    List<Family> families = families();
    checkAddresses(families);
    for (ServiceInfo.Port port : service.ports()) {
      Optional<Protocol> protocol = Wishes.protocol(port.protocol());
      if (protocol.isEmpty() || !Wishes.isPort(port.port())) {
        problem(
            "InvalidServicePort",
            "port %s/%s is left out: it is no TCP, UDP or SCTP port of 1 to 65535"
                .formatted(port.port(), port.protocol()));
        continue;
      }
      families.forEach(family -> port(port, protocol.get(), family));
    }
    Optional<ServiceFact> fact =
        ports.isEmpty()
            ? Optional.empty()
            : Optional.of(new ServiceFact(service.key().namespace(), service.key().name(), ports));
    int checkPort = service.external().healthCheckNodePort();
    return new Translation(
        fact,
        problems.stream().distinct().toList(),
        Wishes.isPort(checkPort)
            ? Optional.of(new Translation.HealthCheck(checkPort, readyHere.size()))
            : Optional.empty());
  }

  /** Those of its cluster IPs, first things first, that this node has a network of. */
  private List<Family> families() {
    return service.clusterIps().stream()
        .flatMap(t -> Networks.ip(t).stream())
        .filter(Networks::isUnicast)
        .map(Ip::family)
        .distinct()
        .filter(f -> context.self().network(f).isPresent())
        .toList();
  }

  private void checkAddresses(List<Family> families) {
    for (String text : service.clusterIps()) {
      if (Networks.ip(text).filter(Networks::isUnicast).isEmpty()) {
        problem(
            "InvalidClusterIP",
            "cluster IP '" + text + "' is left out: it is no usable IP address");
      }
    }
    for (String text : service.external().ips()) {
      Optional<Ip> address = Networks.ip(text);
      if (address.isEmpty()) {
        problem("ExternalIPRefused", "external IP '" + text + "' is refused: it is no IP address");
      } else if (!families.contains(address.get().family())) {
        problem(
            "ExternalIPRefused",
            "external IP %s is refused: the service has no cluster IP of its family"
                .formatted(address.get()));
      }
    }
    for (String text : service.external().loadBalancerIps()) {
      if (Networks.ip(text).isEmpty()) {
        problem(
            "LoadBalancerIPRefused",
            "load balancer address '" + text + "' is refused: it is no IP address");
      }
    }
    ranges
        .invalid()
        .forEach(text ->
            problem(
                "InvalidSourceRange",
                "source range '"
                    + text
                    + "' is left out, so no one gets in by it: it is no network"));
  }

  private void port(ServiceInfo.Port port, Protocol protocol, Family family) {
    List<Frontend> frontends = new ArrayList<>();
    wishes.forEach((place, kind) -> {
      int number = kind == Kind.NODE_PORT ? port.nodePort() : port.port();
      if (place.address().family() == family
          && place.protocol() == protocol
          && place.port() == number) {
        frontend(kind, place).ifPresent(frontends::add);
      }
    });
    List<EndpointChoice.Candidate> candidates =
        Backends.of(port, family, slices, context.self().name(), problems);
    if (ports.isEmpty() || ports.getFirst().family() == family) {
      // A pod of both families is one endpoint.
      candidates.stream()
          .filter(c -> c.local() && c.condition() == SliceInfo.Condition.READY)
          .forEach(c -> readyHere.add(c.endpoint().address()));
    }
    if (frontends.isEmpty()) {
      return;
    }
    EndpointChoice choice = EndpointChoice.of(candidates, context.self().name(), context.zone());
    ServiceFact.Port whole =
        new ServiceFact.Port(
            port.name(),
            protocol,
            family,
            port.port(),
            frontends,
            atMost(ServiceFact.MAX_ENDPOINTS, choice.cluster(), port),
            atMost(ServiceFact.MAX_ENDPOINTS, choice.local(), port),
            affinity());
    if (protocol == Protocol.SCTP && !context.sctpPorts()) {
      ports.addAll(SctpPorts.kept(whole, text -> problem("SCTPPortNotServed", text, Cause.NODE)));
    } else {
      ports.add(whole);
    }
  }

  private Optional<Frontend> frontend(Kind kind, Place place) {
    if (kind == Kind.CLUSTER_IP && !Networks.isUnicast(place.address())) {
      return Optional.empty(); // said already
    }
    Optional<String> refusal = context.rules().refusal(kind, place);
    if (refusal.isPresent()) {
      problem(
          word(kind) + "Refused",
          named(kind, place) + " is refused: " + refusal.get(),
          context.rules().isOwnAffair(kind, place) ? Cause.NODE : Cause.SURROUNDINGS);
      return Optional.empty();
    }
    Optional<ObjectKey> other = holders.other(kind, place);
    if (other.isPresent()) {
      problem(
          word(kind) + "Conflict",
          "%s is not served for this service: it belongs to the service %s"
              .formatted(named(kind, place), other.get()),
          Cause.SURROUNDINGS);
      return Optional.empty();
    }
    Policy internal = service.internalLocal() ? Policy.LOCAL : Policy.CLUSTER;
    Policy external = service.external().local() ? Policy.LOCAL : Policy.CLUSTER;
    return switch (kind) {
      case CLUSTER_IP -> Optional.of(Frontend.clusterIp(place.address(), place.port(), internal));
      // Pods and the node itself take any endpoint, as those who are inside already (kube-proxy's
      // short-cut, UsesClusterEndpoints); the policy is for what comes from outside.
      case NODE_PORT ->
          Optional.of(
              new Frontend(
                  kind,
                  place.address(),
                  place.port(),
                  Optional.empty(),
                  Policy.CLUSTER,
                  external,
                  List.of()));
      case EXTERNAL_IP, LOAD_BALANCER -> standingIn(kind, place, external);
    };
  }

  private Optional<Frontend> standingIn(Kind kind, Place place, Policy external) {
    Optional<Ip> standIn = context.standIns().of(place.address());
    if (standIn.isEmpty()) {
      problem(
          word(kind) + "Refused",
          named(kind, place) + " is refused: this node serves as many external addresses as it can",
          Cause.NODE);
      return Optional.empty();
    }
    return Optional.of(
        new Frontend(
            kind,
            place.address(),
            place.port(),
            standIn,
            Policy.CLUSTER,
            external,
            kind == Kind.LOAD_BALANCER ? ranges.of(place.address().family()) : List.of()));
  }

  private OptionalInt affinity() {
    int seconds = service.affinitySeconds();
    if (seconds == 0) {
      return OptionalInt.empty();
    }
    int used = Math.clamp(seconds, 1, LONGEST_AFFINITY);
    if (used != seconds) {
      problem(
          "InvalidSessionAffinity",
          "timeoutSeconds %d is not in 1..%d; %d is used"
              .formatted(seconds, LONGEST_AFFINITY, used));
    }
    return OptionalInt.of(used);
  }

  /** The first of them, the same on every node, and a problem when there are more. */
  private List<Endpoint> atMost(int limit, List<Endpoint> endpoints, ServiceInfo.Port port) {
    if (endpoints.size() <= limit) {
      return endpoints;
    }
    problem(
        "TooManyEndpoints",
        "port %d/%s has more than %d endpoints: only the first %d by address get new connections; split the service"
            .formatted(port.port(), port.protocol(), limit, limit));
    return endpoints.subList(0, limit);
  }

  private void problem(String reason, String message) {
    problem(reason, message, Cause.OBJECT);
  }

  private void problem(String reason, String message, Cause cause) {
    problems.add(new Problem(service.ref(), reason, message, cause));
  }

  private static String word(Kind kind) {
    return switch (kind) {
      case CLUSTER_IP -> "ClusterIP";
      case NODE_PORT -> "NodePort";
      case EXTERNAL_IP -> "ExternalIP";
      case LOAD_BALANCER -> "LoadBalancerIP";
    };
  }

  private static String named(Kind kind, Place place) {
    return switch (kind) {
      case CLUSTER_IP -> "cluster IP " + place;
      case NODE_PORT -> "node port " + place.port() + "/" + place.protocol();
      case EXTERNAL_IP -> "external IP " + place;
      case LOAD_BALANCER -> "load balancer address " + place;
    };
  }
}
