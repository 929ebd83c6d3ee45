package io.seine.sandbox.control;

import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.seine.sandbox.node.Cidr;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Fills in what the API server would: cluster IPs, node ports, and the defaults of a Service. */
final class Services {
  private static final int FIRST_NODE_PORT = 30_000;
  private static final int NODE_PORTS = 2_768;
  private final KubernetesClient client;
  private final Cidr cidr;

  Services(KubernetesClient client, String cidr) {
    this.client = client;
    this.cidr = Cidr.parse(cidr);
  }

  void reconcile(List<Service> services) {
    Set<String> addresses = new HashSet<>();
    Set<Integer> nodePorts = new HashSet<>();
    for (Service service : services) {
      if (service.getSpec().getClusterIP() != null) {
        addresses.add(service.getSpec().getClusterIP());
      }
      service.getSpec().getPorts().stream()
          .map(ServicePort::getNodePort)
          .filter(port -> port != null && port != 0)
          .forEach(nodePorts::add);
    }
    for (Service service : services) {
      Service filled = fill(service, addresses, nodePorts);
      if (!filled.getSpec().equals(service.getSpec())) {
        client.resource(service).edit(s -> s.edit().withSpec(filled.getSpec()).build());
      }
    }
  }

  private Service fill(Service service, Set<String> addresses, Set<Integer> nodePorts) {
    var spec = service.edit().editSpec();
    String type = service.getSpec().getType() == null ? "ClusterIP" : service.getSpec().getType();
    spec.withType(type);
    if (service.getSpec().getSessionAffinity() == null) {
      spec.withSessionAffinity("None");
    }
    if (type.equals("ExternalName")) {
      return spec.endSpec().build();
    }
    String key = service.getMetadata().getNamespace() + "/" + service.getMetadata().getName();
    String requested = service.getSpec().getClusterIP();
    String address =
        requested == null || requested.isEmpty() ? freeAddress(key, addresses) : requested;
    spec.withClusterIP(address).withClusterIPs(address);
    boolean onNodes = type.equals("NodePort") || type.equals("LoadBalancer");
    List<ServicePort> ports =
        service.getSpec().getPorts().stream().map(p -> fill(p, key, onNodes, nodePorts)).toList();
    return spec.withPorts(ports).endSpec().build();
  }

  private static ServicePort fill(
      ServicePort port, String key, boolean onNodes, Set<Integer> nodePorts) {
    var filled = port.edit();
    if (port.getProtocol() == null) {
      filled.withProtocol("TCP");
    }
    if (port.getTargetPort() == null) {
      filled.withTargetPort(new IntOrString(port.getPort()));
    }
    if (onNodes && (port.getNodePort() == null || port.getNodePort() == 0)) {
      filled.withNodePort(freePort(key + ":" + port.getPort() + port.getProtocol(), nodePorts));
    }
    return filled.build();
  }

  /**
   * The first free address from where the service's name points; the first and last are no
   * addresses.
   */
  private String freeAddress(String key, Set<String> taken) {
    long usable = cidr.size() - 2;
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
