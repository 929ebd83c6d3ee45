package io.seine.sandbox.control;

import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.ServiceSpec;
import io.fabric8.kubernetes.api.model.ServiceSpecBuilder;
import io.seine.sandbox.node.Cidr;
import java.util.ArrayList;
import java.util.List;

/**
 * The fields that the API server sets when a Service leaves them out, and those it takes away when
 * they mean nothing for the Service's type (Kubernetes API reference, ServiceSpec).
 */
final class ServiceDefaults {
  private static final int AFFINITY_SECONDS = 10_800;

  private ServiceDefaults() {}

  /**
   * A specification with its defaults.
   *
   * @param cidrs the service networks of the cluster, the primary family's first
   */
  static ServiceSpec of(ServiceSpec given, List<Cidr> cidrs) {
    String type = given.getType() == null ? "ClusterIP" : given.getType();
    ServiceSpecBuilder spec = given.edit().withType(type);
    affinity(given, spec);
    if (type.equals("ExternalName")) {
      return spec.build();
    }
    boolean external =
        type.equals("NodePort") || type.equals("LoadBalancer") || !given.getExternalIPs().isEmpty();
    if (!external) {
      spec.withExternalTrafficPolicy(null);
    } else if (given.getExternalTrafficPolicy() == null) {
      spec.withExternalTrafficPolicy("Cluster");
    }
    if (given.getInternalTrafficPolicy() == null) {
      spec.withInternalTrafficPolicy("Cluster");
    }
    if (!type.equals("LoadBalancer")) {
      spec.withAllocateLoadBalancerNodePorts(null).withLoadBalancerClass(null);
    } else if (given.getAllocateLoadBalancerNodePorts() == null) {
      spec.withAllocateLoadBalancerNodePorts(true);
    }
    families(given, cidrs, spec);
    return spec.withPorts(given.getPorts().stream().map(ServiceDefaults::port).toList()).build();
  }

  /** The network that gives out addresses of a family, which is IPv4 or IPv6. */
  static Cidr ofFamily(List<Cidr> cidrs, String family) {
    return cidrs.stream()
        .filter(cidr -> family(cidr).equals(family))
        .findFirst()
        .orElseThrow(
            () -> new IllegalStateException("the cluster has no services of the family " + family));
  }

  private static void affinity(ServiceSpec given, ServiceSpecBuilder spec) {
    if (given.getSessionAffinity() == null) {
      spec.withSessionAffinity("None");
    }
    if (!"ClientIP".equals(given.getSessionAffinity())) {
      spec.withSessionAffinityConfig(null);
    } else if (given.getSessionAffinityConfig() == null
        || given.getSessionAffinityConfig().getClientIP() == null
        || given.getSessionAffinityConfig().getClientIP().getTimeoutSeconds() == null) {
      spec.withNewSessionAffinityConfig()
          .withNewClientIP(AFFINITY_SECONDS)
          .endSessionAffinityConfig();
    }
  }

  private static void families(ServiceSpec given, List<Cidr> cidrs, ServiceSpecBuilder spec) {
    String policy =
        given.getIpFamilyPolicy() == null
            ? (given.getIpFamilies().size() > 1 ? "RequireDualStack" : "SingleStack")
            : given.getIpFamilyPolicy();
    List<String> families = new ArrayList<>(given.getIpFamilies());
    if (families.isEmpty()) {
      String address = given.getClusterIP();
      families.add(
          address == null || address.isEmpty() || address.equals("None")
              ? family(cidrs.getFirst())
              : Cidr.isV6(address) ? "IPv6" : "IPv4");
    }
    for (Cidr cidr : cidrs) {
      if (!policy.equals("SingleStack") && !families.contains(family(cidr))) {
        families.add(family(cidr));
      }
    }
    spec.withIpFamilyPolicy(policy)
        .withIpFamilies(policy.equals("SingleStack") ? families.subList(0, 1) : families);
  }

  private static String family(Cidr cidr) {
    return cidr.v6() ? "IPv6" : "IPv4";
  }

  private static ServicePort port(ServicePort given) {
    var port = given.edit();
    if (given.getProtocol() == null) {
      port.withProtocol("TCP");
    }
    if (given.getTargetPort() == null) {
      port.withTargetPort(new IntOrString(given.getPort()));
    }
    return port.build();
  }
}
