package io.seine.sandbox.control;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointHints;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointHintsBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPort;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPortBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.seine.sandbox.node.Cidr;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Keeps the EndpointSlices of every Service with a selector: up to 100 endpoints each, those of one
 * family and with the same ports together. Slices of others are left alone.
 */
final class EndpointSlices {
  private static final String SERVICE_LABEL = "kubernetes.io/service-name";
  private static final String MANAGER_LABEL = "endpointslice.kubernetes.io/managed-by";
  private static final String MANAGER = "seine-sandbox";
  private static final String ZONE_LABEL = "topology.kubernetes.io/zone";
  private static final int SLICE_SIZE = 100;
  private final KubernetesClient client;

  EndpointSlices(KubernetesClient client) {
    this.client = client;
  }

  void reconcile(
      List<Service> services, List<Pod> pods, List<Node> nodes, List<EndpointSlice> existing) {
    Map<String, String> zones = zones(nodes);
    Map<String, EndpointSlice> wanted = new LinkedHashMap<>();
    for (Service service : services) {
      slices(service, pods, zones).forEach(slice -> wanted.put(key(slice), slice));
    }
    Map<String, EndpointSlice> present = new LinkedHashMap<>();
    for (EndpointSlice slice : existing) {
      if (MANAGER.equals(Names.labels(slice).get(MANAGER_LABEL))) {
        present.put(key(slice), slice);
      }
    }
    wanted.forEach((key, slice) -> write(slice, Optional.ofNullable(present.get(key))));
    present.forEach((key, slice) -> {
      if (!wanted.containsKey(key)) {
        client.resource(slice).delete();
      }
    });
  }

  private void write(EndpointSlice slice, Optional<EndpointSlice> present) {
    if (present.isEmpty()) {
      client.resource(slice).create();
    } else if (!present.get().getEndpoints().equals(slice.getEndpoints())
        || !present.get().getPorts().equals(slice.getPorts())) {
      client.resource(slice).update();
    }
  }

  /** The zones of those nodes that are in one. */
  private static Map<String, String> zones(List<Node> nodes) {
    Map<String, String> zones = new HashMap<>();
    for (Node node : nodes) {
      String zone = Names.labels(node).getOrDefault(ZONE_LABEL, "");
      if (!zone.isEmpty()) {
        zones.put(node.getMetadata().getName(), zone);
      }
    }
    return zones;
  }

  static List<EndpointSlice> slices(Service service, List<Pod> pods, Map<String, String> zones) {
    Map<String, String> selector = service.getSpec().getSelector();
    if (selector == null
        || selector.isEmpty()
        || "ExternalName".equals(service.getSpec().getType())) {
      return List.of();
    }
    List<Pod> selected =
        pods.stream()
            .filter(pod ->
                Objects.equals(
                    pod.getMetadata().getNamespace(), service.getMetadata().getNamespace()))
            .filter(pod -> Pods.matches(selector, pod) && !Pods.hasEnded(pod))
            .sorted(Comparator.comparing(pod -> pod.getMetadata().getName()))
            .toList();
    List<String> families =
        service.getSpec().getIpFamilies().isEmpty()
            ? List.of("IPv4")
            : service.getSpec().getIpFamilies();
    return families.stream()
        .flatMap(family -> slices(service, selected, family, zones).stream())
        .toList();
  }

  private static List<EndpointSlice> slices(
      Service service, List<Pod> pods, String family, Map<String, String> zones) {
    Map<List<EndpointPort>, List<Endpoint>> byPorts = new LinkedHashMap<>();
    for (Pod pod : pods) {
      Pods.addresses(pod).stream()
          .filter(address -> Cidr.isV6(address) == family.equals("IPv6"))
          .findFirst()
          .ifPresent(address ->
              byPorts
                  .computeIfAbsent(ports(service, pod), k -> new ArrayList<>())
                  .add(endpoint(service, pod, address, zones)));
    }
    List<EndpointSlice> slices = new ArrayList<>();
    byPorts.forEach((ports, endpoints) -> {
      for (int from = 0; from < endpoints.size(); from += SLICE_SIZE) {
        int to = Math.min(from + SLICE_SIZE, endpoints.size());
        slices.add(slice(service, family, ports, endpoints.subList(from, to), from / SLICE_SIZE));
      }
    });
    return slices;
  }

  private static EndpointSlice slice(
      Service service,
      String family,
      List<EndpointPort> ports,
      List<Endpoint> endpoints,
      int number) {
    String name = service.getMetadata().getName();
    return new EndpointSliceBuilder()
        .withNewMetadata()
        .withName(name + "-" + Names.hash(family + ports + "#" + number, 5))
        .withNamespace(service.getMetadata().getNamespace())
        .addToLabels(SERVICE_LABEL, name)
        .addToLabels(MANAGER_LABEL, MANAGER)
        .addNewOwnerReference()
        .withApiVersion("v1")
        .withKind("Service")
        .withName(name)
        .withUid(service.getMetadata().getUid())
        .withController(true)
        .endOwnerReference()
        .endMetadata()
        .withAddressType(family)
        .withEndpoints(endpoints)
        .withPorts(ports)
        .build();
  }

  private static Endpoint endpoint(
      Service service, Pod pod, String address, Map<String, String> zones) {
    boolean serving = Pods.isReady(pod);
    boolean terminating = Pods.isTerminating(pod);
    boolean ready =
        (serving && !terminating)
            || Boolean.TRUE.equals(service.getSpec().getPublishNotReadyAddresses());
    String node = Pods.node(pod).orElse("");
    Optional<String> zone = Optional.ofNullable(zones.get(node));
    EndpointBuilder endpoint =
        new EndpointBuilder()
            .withAddresses(address)
            .withNodeName(node)
            .withNewConditions()
            .withReady(ready)
            .withServing(serving)
            .withTerminating(terminating)
            .endConditions()
            .withNewTargetRef()
            .withKind("Pod")
            .withNamespace(pod.getMetadata().getNamespace())
            .withName(pod.getMetadata().getName())
            .withUid(pod.getMetadata().getUid())
            .endTargetRef();
    zone.ifPresent(endpoint::withZone);
    if (ready) {
      hints(service, node, zone).ifPresent(endpoint::withHints);
    }
    return endpoint.build();
  }

  /**
   * For whom an endpoint is, by the Service's trafficDistribution: those of its zone, or of its
   * node first.
   */
  private static Optional<EndpointHints> hints(
      Service service, String node, Optional<String> zone) {
    String distribution = service.getSpec().getTrafficDistribution();
    boolean sameNode = "PreferSameNode".equals(distribution);
    boolean sameZone =
        "PreferClose".equals(distribution) || "PreferSameZone".equals(distribution) || sameNode;
    EndpointHintsBuilder hints = new EndpointHintsBuilder();
    if (sameZone && zone.isPresent()) {
      hints.addNewForZone(zone.get());
    }
    if (sameNode) {
      hints.addNewForNode(node);
    }
    EndpointHints built = hints.build();
    return built.getForZones().isEmpty() && built.getForNodes().isEmpty()
        ? Optional.empty()
        : Optional.of(built);
  }

  private static List<EndpointPort> ports(Service service, Pod pod) {
    List<EndpointPort> ports = new ArrayList<>();
    for (ServicePort port : service.getSpec().getPorts()) {
      resolve(port, pod)
          .ifPresent(number ->
              ports.add(
                  new EndpointPortBuilder()
                      .withName(Objects.requireNonNullElse(port.getName(), ""))
                      .withProtocol(protocol(port.getProtocol()))
                      .withPort(number)
                      .build()));
    }
    return ports;
  }

  private static Optional<Integer> resolve(ServicePort port, Pod pod) {
    IntOrString target = port.getTargetPort();
    if (target == null) {
      return Optional.of(port.getPort());
    }
    if (target.getIntVal() != null) {
      return Optional.of(target.getIntVal() == 0 ? port.getPort() : target.getIntVal());
    }
    for (Container container : pod.getSpec().getContainers()) {
      for (ContainerPort named : container.getPorts()) {
        if (Objects.equals(named.getName(), target.getStrVal())
            && protocol(named.getProtocol()).equals(protocol(port.getProtocol()))) {
          return Optional.of(named.getContainerPort());
        }
      }
    }
    return Optional.empty();
  }

  private static String protocol(@org.jspecify.annotations.Nullable String protocol) {
    return protocol == null ? "TCP" : protocol;
  }

  private static String key(EndpointSlice slice) {
    return slice.getMetadata().getNamespace() + "/" + slice.getMetadata().getName();
  }
}
