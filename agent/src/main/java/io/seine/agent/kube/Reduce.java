package io.seine.agent.kube;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeAddress;
import io.fabric8.kubernetes.api.model.NodeSpec;
import io.fabric8.kubernetes.api.model.NodeStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.ServiceSpec;
import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointConditions;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPort;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** From the API's objects, where any field may be absent, to what the agent keeps of them. */
final class Reduce {
  private static final String SERVICE_LABEL = "kubernetes.io/service-name";

  private Reduce() {}

  static String text(@Nullable String value) {
    return value == null ? "" : value;
  }

  private static <E> List<E> list(@Nullable List<E> value) {
    return value == null ? List.of() : value;
  }

  private static ObjectRef ref(HasMetadata object) {
    return new ObjectRef(
        text(object.getApiVersion()).intern(),
        text(object.getKind()).intern(),
        Kind.key(object),
        text(object.getMetadata().getUid()));
  }

  private static String created(HasMetadata object) {
    return text(object.getMetadata().getCreationTimestamp());
  }

  static NodeInfo node(Node node) {
    NodeSpec spec = node.getSpec();
    NodeStatus status = node.getStatus();
    List<String> cidrs = new ArrayList<>(spec == null ? List.of() : list(spec.getPodCIDRs()));
    if (cidrs.isEmpty() && spec != null && !text(spec.getPodCIDR()).isEmpty()) {
      cidrs.add(spec.getPodCIDR());
    }
    List<NodeAddress> addresses = status == null ? List.of() : list(status.getAddresses());
    List<String> internal =
        addresses.stream()
            .filter(a -> "InternalIP".equals(a.getType()))
            .map(a -> text(a.getAddress()))
            .toList();
    return new NodeInfo(ref(node), created(node), internal, cidrs);
  }

  static ServiceInfo service(Service service) {
    ServiceSpec spec = service.getSpec();
    List<String> addresses = new ArrayList<>();
    List<ServiceInfo.Port> ports = new ArrayList<>();
    if (spec != null && !"ExternalName".equals(spec.getType())) {
      addresses.addAll(list(spec.getClusterIPs()));
      String first = text(spec.getClusterIP());
      if (!first.isEmpty() && !addresses.contains(first)) {
        addresses.addFirst(first);
      }
      addresses.removeIf(a -> a.isEmpty() || a.equals("None"));
      if (!addresses.isEmpty()) {
        for (ServicePort port : list(spec.getPorts())) {
          ports.add(
              new ServiceInfo.Port(
                  text(port.getName()).intern(),
                  protocol(port.getProtocol()),
                  number(port.getPort())));
        }
      }
    }
    return new ServiceInfo(ref(service), created(service), addresses, ports);
  }

  static SliceInfo slice(EndpointSlice slice) {
    Map<String, String> labels = slice.getMetadata().getLabels();
    String service = labels == null ? "" : text(labels.get(SERVICE_LABEL));
    ObjectKey owner = new ObjectKey(Kind.key(slice).namespace(), service);
    if (!"IPv4".equals(slice.getAddressType())) {
      return new SliceInfo(ref(slice), owner, List.of(), List.of());
    }
    List<SliceInfo.Port> ports = new ArrayList<>();
    for (EndpointPort port : list(slice.getPorts())) {
      // Without a number the port means "every port", which no service's rule can use.
      if (port.getPort() != null) {
        ports.add(
            new SliceInfo.Port(
                text(port.getName()).intern(), protocol(port.getProtocol()), port.getPort()));
      }
    }
    List<String> ready = new ArrayList<>();
    for (Endpoint endpoint : list(slice.getEndpoints())) {
      EndpointConditions conditions = endpoint.getConditions();
      // "A nil value should be interpreted as true" (discovery.k8s.io/v1, EndpointConditions).
      if (conditions == null || !Boolean.FALSE.equals(conditions.getReady())) {
        // All addresses of one endpoint are the same backend; only the first is used.
        list(endpoint.getAddresses()).stream().findFirst().ifPresent(ready::add);
      }
    }
    return new SliceInfo(ref(slice), owner, ports, ready);
  }

  static PodInfo pod(Pod pod) {
    PodSpec spec = pod.getSpec();
    PodStatus status = pod.getStatus();
    String phase = status == null ? "" : text(status.getPhase());
    return new PodInfo(
        ref(pod),
        status == null ? "" : text(status.getPodIP()),
        spec != null && Boolean.TRUE.equals(spec.getHostNetwork()),
        phase.equals("Succeeded") || phase.equals("Failed"));
  }

  private static String protocol(@Nullable String protocol) {
    return protocol == null || protocol.isEmpty() ? "TCP" : protocol.intern();
  }

  private static int number(@Nullable Integer port) {
    return port == null ? 0 : port;
  }
}
