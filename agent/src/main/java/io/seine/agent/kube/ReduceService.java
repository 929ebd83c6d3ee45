package io.seine.agent.kube;

import static io.seine.agent.kube.Reduce.list;
import static io.seine.agent.kube.Reduce.number;
import static io.seine.agent.kube.Reduce.text;

import io.fabric8.kubernetes.api.model.ClientIPConfig;
import io.fabric8.kubernetes.api.model.LoadBalancerIngress;
import io.fabric8.kubernetes.api.model.LoadBalancerStatus;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.ServiceSpec;
import io.fabric8.kubernetes.api.model.ServiceStatus;
import io.fabric8.kubernetes.api.model.SessionAffinityConfig;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** From a Service to what the agent keeps of it. */
final class ReduceService {
  private static final String PROXY_LABEL = "service.kubernetes.io/service-proxy-name";

  /** Set on services that no proxy is to look at (kube-proxy's informers leave them out). */
  private static final String HEADLESS_LABEL = "service.kubernetes.io/headless";

  private static final String RANGES_ANNOTATION =
      "service.beta.kubernetes.io/load-balancer-source-ranges";

  /** "The default value is 10800" (core/v1, ClientIPConfig). */
  private static final int AFFINITY_SECONDS = 10_800;

  private ReduceService() {}

  static ServiceInfo service(Service service) {
    ServiceSpec spec = service.getSpec();
    if (spec == null || !isProxied(service, spec)) {
      return new ServiceInfo(
          Reduce.ref(service),
          Reduce.created(service),
          spec == null ? ServiceInfo.Type.OTHER : type(spec),
          List.of(),
          List.of(),
          false,
          0,
          Reduce.label(service, PROXY_LABEL).intern(),
          ServiceInfo.External.NONE);
    }
    return new ServiceInfo(
        Reduce.ref(service),
        Reduce.created(service),
        type(spec),
        clusterIps(spec),
        ports(spec),
        "Local".equals(spec.getInternalTrafficPolicy()),
        affinitySeconds(spec),
        Reduce.label(service, PROXY_LABEL).intern(),
        external(service, spec));
  }

  /**
   * Without a cluster IP nothing of a service is served, its external addresses neither
   * (kube-proxy, {@code ShouldSkipService}).
   */
  private static boolean isProxied(Service service, ServiceSpec spec) {
    Map<String, String> labels = service.getMetadata().getLabels();
    return type(spec) != ServiceInfo.Type.EXTERNAL_NAME
        && !clusterIps(spec).isEmpty()
        && (labels == null || !labels.containsKey(HEADLESS_LABEL));
  }

  private static ServiceInfo.Type type(ServiceSpec spec) {
    return switch (text(spec.getType())) {
      case "", "ClusterIP" -> ServiceInfo.Type.CLUSTER_IP;
      case "NodePort" -> ServiceInfo.Type.NODE_PORT;
      case "LoadBalancer" -> ServiceInfo.Type.LOAD_BALANCER;
      case "ExternalName" -> ServiceInfo.Type.EXTERNAL_NAME;
      default -> ServiceInfo.Type.OTHER;
    };
  }

  private static List<String> clusterIps(ServiceSpec spec) {
    List<String> addresses = new ArrayList<>(list(spec.getClusterIPs()));
    String first = text(spec.getClusterIP());
    if (!first.isEmpty() && !addresses.contains(first)) {
      addresses.addFirst(first);
    }
    addresses.removeIf(a -> a.isEmpty() || a.equals("None"));
    return addresses;
  }

  /** Node ports that a change of type left behind are not those of the service any more. */
  private static List<ServiceInfo.Port> ports(ServiceSpec spec) {
    boolean onNodes =
        type(spec) == ServiceInfo.Type.NODE_PORT || type(spec) == ServiceInfo.Type.LOAD_BALANCER;
    List<ServiceInfo.Port> ports = new ArrayList<>();
    for (ServicePort port : list(spec.getPorts())) {
      ports.add(
          new ServiceInfo.Port(
              text(port.getName()).intern(),
              Reduce.protocol(port.getProtocol()),
              number(port.getPort()),
              onNodes ? number(port.getNodePort()) : 0));
    }
    return ports;
  }

  private static int affinitySeconds(ServiceSpec spec) {
    if (!"ClientIP".equals(spec.getSessionAffinity())) {
      return 0;
    }
    SessionAffinityConfig config = spec.getSessionAffinityConfig();
    ClientIPConfig client = config == null ? null : config.getClientIP();
    Integer seconds = client == null ? null : client.getTimeoutSeconds();
    return seconds == null ? AFFINITY_SECONDS : seconds;
  }

  private static ServiceInfo.External external(Service service, ServiceSpec spec) {
    boolean balanced = type(spec) == ServiceInfo.Type.LOAD_BALANCER;
    boolean local = "Local".equals(spec.getExternalTrafficPolicy());
    List<String> ips = list(spec.getExternalIPs());
    // An address that a change of type left in the status is not served any more.
    List<String> balancers = balanced ? balancers(service.getStatus()) : List.of();
    List<String> ranges = balancers.isEmpty() ? List.of() : ranges(service, spec);
    // "Only used when type is LoadBalancer and externalTrafficPolicy is Local" (core/v1).
    int check = balanced && local ? number(spec.getHealthCheckNodePort()) : 0;
    boolean nothing = ips.isEmpty() && balancers.isEmpty() && !local;
    return nothing
        ? ServiceInfo.External.NONE
        : new ServiceInfo.External(ips, balancers, ranges, local, check);
  }

  /** "Setting this to Proxy" asks that the node does not short-cut (core/v1, ipMode). */
  private static List<String> balancers(@Nullable ServiceStatus status) {
    LoadBalancerStatus balancer = status == null ? null : status.getLoadBalancer();
    List<LoadBalancerIngress> ingress = balancer == null ? List.of() : list(balancer.getIngress());
    return ingress.stream()
        .filter(i -> !"Proxy".equals(i.getIpMode()))
        .map(i -> text(i.getIp()))
        .filter(ip -> !ip.isEmpty())
        .toList();
  }

  /**
   * The field, or where it is empty the annotation that came before it, as the API's own helper
   * reads them ({@code GetLoadBalancerSourceRanges}). Spaces around a range are allowed.
   */
  private static List<String> ranges(Service service, ServiceSpec spec) {
    List<String> field = list(spec.getLoadBalancerSourceRanges());
    Map<String, String> annotations = service.getMetadata().getAnnotations();
    String annotation = annotations == null ? "" : text(annotations.get(RANGES_ANNOTATION));
    List<String> ranges = field.isEmpty() ? Arrays.asList(annotation.split(",", -1)) : field;
    return ranges.stream().map(String::strip).filter(r -> !r.isEmpty()).toList();
  }
}
