package io.seine.sandbox.control;

import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.ServiceSpec;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.seine.sandbox.node.Cidr;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Fills in what the API server would: the defaults of a Service, its cluster IPs, its node ports,
 * and its health check's. What is given out depends on names only, so that it is the same again.
 */
final class Services {
  private static final String HEADLESS = "None";
  private static final int FIRST_NODE_PORT = 30_000;
  private static final int NODE_PORTS = 2_768;
  private final KubernetesClient client;
  private final List<Cidr> cidrs;

  /**
   * Services of a cluster.
   *
   * @param cidrs where cluster IPs come from, one of each family, the primary one first
   */
  Services(KubernetesClient client, List<String> cidrs) {
    this.client = client;
    this.cidrs = cidrs.stream().map(Cidr::parse).toList();
  }

  void reconcile(List<Service> services) {
    Taken taken = new Taken(new HashSet<>(), new HashSet<>());
    services.forEach(service -> taken.note(service.getSpec()));
    for (Service service : services) {
      ServiceSpec filled = fill(service, taken);
      if (!filled.equals(service.getSpec())) {
        // Not by force: someone who changed it meanwhile must not lose the change.
        client.resource(service.edit().withSpec(filled).build()).update();
      }
    }
  }

  /** What is given out already, in the whole cluster. */
  private record Taken(Set<String> addresses, Set<Integer> ports) {
    void note(ServiceSpec spec) {
      addresses.addAll(spec.getClusterIPs());
      if (spec.getClusterIP() != null) {
        addresses.add(spec.getClusterIP());
      }
      spec.getPorts().stream().map(Services::nodePort).filter(p -> p != 0).forEach(ports::add);
      if (spec.getHealthCheckNodePort() != null) {
        ports.add(spec.getHealthCheckNodePort());
      }
    }
  }

  private ServiceSpec fill(Service service, Taken taken) {
    ServiceSpec spec = ServiceDefaults.of(service.getSpec(), cidrs);
    String key = service.getMetadata().getNamespace() + "/" + service.getMetadata().getName();
    if (spec.getType().equals("ExternalName")) {
      return spec.edit().withClusterIP(null).withClusterIPs(List.of()).build();
    }
    List<String> addresses = addresses(spec, key, taken.addresses());
    List<ServicePort> ports =
        spec.getPorts().stream().map(port -> fill(port, spec, key, taken.ports())).toList();
    return spec.edit()
        .withClusterIP(addresses.getFirst())
        .withClusterIPs(addresses)
        .withPorts(ports)
        .withHealthCheckNodePort(healthCheckPort(spec, key, taken.ports()))
        .build();
  }

  /** One for each of the Service's families; those it has already, or asks for, stay. */
  private List<String> addresses(ServiceSpec spec, String key, Set<String> taken) {
    String primary = spec.getClusterIP() == null ? "" : spec.getClusterIP();
    if (primary.equals(HEADLESS)) {
      return List.of(HEADLESS);
    }
    List<String> wished = new ArrayList<>(spec.getClusterIPs());
    if (!primary.isEmpty() && !wished.contains(primary)) {
      wished.addFirst(primary);
    }
    List<String> addresses = new ArrayList<>();
    for (String family : spec.getIpFamilies()) {
      Cidr cidr = ServiceDefaults.ofFamily(cidrs, family);
      addresses.add(
          wished.stream()
              .filter(address -> Cidr.isV6(address) == cidr.v6())
              .findFirst()
              .orElseGet(() -> freeAddress(cidr, key, taken)));
    }
    return addresses;
  }

  private static ServicePort fill(
      ServicePort port, ServiceSpec spec, String key, Set<Integer> taken) {
    boolean onNodes =
        spec.getType().equals("NodePort")
            || (spec.getType().equals("LoadBalancer")
                && (Boolean.TRUE.equals(spec.getAllocateLoadBalancerNodePorts())
                    || nodePort(port) != 0));
    if (!onNodes) {
      return port.edit().withNodePort(null).build();
    }
    return nodePort(port) != 0
        ? port
        : port.edit()
            .withNodePort(freePort(key + ":" + port.getPort() + port.getProtocol(), taken))
            .build();
  }

  private static @org.jspecify.annotations.Nullable Integer healthCheckPort(
      ServiceSpec spec, String key, Set<Integer> taken) {
    if (!spec.getType().equals("LoadBalancer")
        || !"Local".equals(spec.getExternalTrafficPolicy())) {
      return null;
    }
    Integer present = spec.getHealthCheckNodePort();
    return present != null && present != 0 ? present : freePort(key + ":health", taken);
  }

  private static int nodePort(ServicePort port) {
    return port.getNodePort() == null ? 0 : port.getNodePort();
  }

  /**
   * The first free address from where the service's name points; the first and last are no
   * addresses.
   */
  private static String freeAddress(Cidr cidr, String key, Set<String> taken) {
    long usable = cidr.size().min(java.math.BigInteger.valueOf(1L << 32)).longValueExact() - 2;
    long start = Names.number(key, usable);
    for (long i = 0; i < usable; i++) {
      String address = cidr.at(1 + (start + i) % usable);
      if (taken.add(address)) {
        return address;
      }
    }
    throw new IllegalStateException("no free cluster IP in " + cidr + " for service " + key);
  }

  private static int freePort(String key, Set<Integer> taken) {
    int start = (int) Names.number(key, NODE_PORTS);
    for (int i = 0; i < NODE_PORTS; i++) {
      int port = FIRST_NODE_PORT + (start + i) % NODE_PORTS;
      if (taken.add(port)) {
        return port;
      }
    }
    throw new IllegalStateException("no free node port for service " + key);
  }
}
