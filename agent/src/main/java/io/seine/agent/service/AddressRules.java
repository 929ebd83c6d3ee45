package io.seine.agent.service;

import io.seine.agent.config.Networks;
import io.seine.openflow.Ip;
import io.seine.openflow.IpPrefix;
import io.seine.pipeline.Addresses;
import io.seine.pipeline.LocalNode;
import io.seine.pipeline.ServiceFact.Kind;
import io.seine.pipeline.ServiceFact.Protocol;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Which places no service may have, so that nobody can take the traffic of pods, of the nodes'
 * daemons or of the API server by writing an address into a Service (CVE-2020-8554).
 */
final class AddressRules {
  private static final List<IpPrefix> OURS =
      List.of(IpPrefix.parse("fd00:5e1e::/64"), IpPrefix.parse("fd00:5e1e:1::/64"));

  /** Said alike on that node and on the others: any of them may be the one that tells. */
  private static final String GATEWAY = "it is the address of a node's gateway";

  private final LocalNode self;
  private final ServiceOptions options;
  private final Surroundings around;

  AddressRules(LocalNode self, ServiceOptions options, Surroundings around) {
    this.self = self;
    this.options = options;
    this.around = around;
  }

  /** Whether it is for this node alone to know that no service may have the place. */
  boolean isOwnAffair(Kind kind, Place place) {
    return kind == Kind.NODE_PORT
        ? place.protocol() == Protocol.TCP && around.isOwnApiServer(place.port())
        : around.isOnlyHere(place.address());
  }

  /** Why no service may have the place in this way; empty if one may. */
  Optional<String> refusal(Kind kind, Place place) {
    return switch (kind) {
      case CLUSTER_IP -> Optional.empty();
      case NODE_PORT -> nodePort(place);
      case EXTERNAL_IP -> notAllowed(place.address()).or(() -> external(place));
      case LOAD_BALANCER -> external(place);
    };
  }

  private Optional<String> nodePort(Place place) {
    boolean tcp = place.protocol() == Protocol.TCP;
    if (tcp && around.isOwnKubelet(place.port())) {
      return Optional.of("the kubelet answers at this port");
    }
    if (tcp && around.isOwnApiServer(place.port())) {
      return Optional.of("the API server answers at this port of the node");
    }
    return tunnel(place);
  }

  private Optional<String> tunnel(Place place) {
    return place.protocol() == Protocol.UDP && place.port() == options.tunnelPort()
        ? Optional.of("the tunnels between the nodes use this port ('tunnelPort')")
        : Optional.empty();
  }

  private Optional<String> notAllowed(Ip address) {
    return options.externalIps().stream().anyMatch(block -> block.contains(address))
        ? Optional.empty()
        : Optional.of("it is in none of the networks of 'externalIpCidrs'");
  }

  private Optional<String> external(Place place) {
    Ip address = place.address();
    if (!Networks.isUnicast(address)) {
      return Optional.of("no host can have this address");
    }
    Optional<IpPrefix> services =
        self.serviceCidrs().stream().filter(block -> block.contains(address)).findFirst();
    if (services.isPresent()) {
      return Optional.of("it is in the service network " + services.get());
    }
    if (self.networks().stream().anyMatch(n -> n.gateway().equals(address))) {
      return Optional.of(GATEWAY);
    }
    Optional<IpPrefix> pods = around.podCidrOf(address);
    if (pods.isPresent()) {
      boolean gateway = LocalNode.Network.of(pods.get()).gateway().equals(address);
      return Optional.of(gateway ? GATEWAY : "it is in the pod network " + pods.get());
    }
    if (Stream.concat(OURS.stream(), Stream.of(Addresses.standIns(address.family())))
        .anyMatch(block -> block.contains(address))) {
      return Optional.of("the nodes use this address within themselves");
    }
    return around.isNodes(address) ? onNode(place) : apiServer(address);
  }

  /** An address of a node may serve a service, on ports that are not the node's own business. */
  private Optional<String> onNode(Place place) {
    boolean tcp = place.protocol() == Protocol.TCP;
    if (tcp && around.isApiServer(place.address(), place.port())) {
      return Optional.of("the API server answers at this port of the node");
    }
    if (tcp && around.isKubelet(place.address(), place.port())) {
      return Optional.of("the kubelet answers at this port of the node");
    }
    return tunnel(place);
  }

  private Optional<String> apiServer(Ip address) {
    return around.isApiServers(address)
        ? Optional.of("it is the API server's address")
        : Optional.empty();
  }
}
