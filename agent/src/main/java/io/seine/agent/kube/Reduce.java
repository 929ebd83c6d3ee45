package io.seine.agent.kube;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.DaemonEndpoint;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeAddress;
import io.fabric8.kubernetes.api.model.NodeDaemonEndpoints;
import io.fabric8.kubernetes.api.model.NodeSpec;
import io.fabric8.kubernetes.api.model.NodeStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** From the API's objects, where any field may be absent, to what the agent keeps of them. */
final class Reduce {
  private static final String ZONE_LABEL = "topology.kubernetes.io/zone";

  private Reduce() {}

  static String text(@Nullable String value) {
    return value == null ? "" : value;
  }

  static <E> List<E> list(@Nullable List<E> value) {
    return value == null ? List.of() : value;
  }

  static ObjectRef ref(HasMetadata object) {
    return new ObjectRef(
        text(object.getApiVersion()).intern(),
        text(object.getKind()).intern(),
        Kind.key(object),
        text(object.getMetadata().getUid()));
  }

  static String created(HasMetadata object) {
    return text(object.getMetadata().getCreationTimestamp());
  }

  static NodeInfo node(Node node) {
    NodeSpec spec = node.getSpec();
    NodeStatus status = node.getStatus();
    List<String> cidrs = new ArrayList<>(spec == null ? List.of() : list(spec.getPodCIDRs()));
    if (cidrs.isEmpty() && spec != null && !text(spec.getPodCIDR()).isEmpty()) {
      cidrs.add(spec.getPodCIDR());
    }
    return new NodeInfo(
        ref(node),
        created(node),
        addresses(status, "InternalIP"),
        addresses(status, "ExternalIP"),
        cidrs,
        label(node, ZONE_LABEL).intern(),
        kubeletPort(status));
  }

  private static List<String> addresses(@Nullable NodeStatus status, String type) {
    List<NodeAddress> all = status == null ? List.of() : list(status.getAddresses());
    return all.stream()
        .filter(a -> type.equals(a.getType()))
        .map(a -> text(a.getAddress()))
        .toList();
  }

  private static int kubeletPort(@Nullable NodeStatus status) {
    NodeDaemonEndpoints daemons = status == null ? null : status.getDaemonEndpoints();
    DaemonEndpoint kubelet = daemons == null ? null : daemons.getKubeletEndpoint();
    return kubelet == null ? 0 : number(kubelet.getPort());
  }

  static PodInfo pod(Pod pod) {
    PodSpec spec = pod.getSpec();
    PodStatus status = pod.getStatus();
    String phase = status == null ? "" : text(status.getPhase());
    return new PodInfo(
        ref(pod),
        spec == null ? "" : text(spec.getNodeName()).intern(),
        addresses(status),
        spec != null && Boolean.TRUE.equals(spec.getHostNetwork()),
        phase.equals("Succeeded") || phase.equals("Failed"),
        labels(pod),
        spec == null ? List.of() : namedPorts(spec));
  }

  private static List<String> addresses(@Nullable PodStatus status) {
    if (status == null) {
      return List.of();
    }
    List<String> all = new ArrayList<>();
    list(status.getPodIPs()).forEach(ip -> all.add(text(ip.getIp())));
    if (all.isEmpty()) {
      all.add(text(status.getPodIP()));
    }
    all.removeIf(String::isEmpty);
    return all;
  }

  private static List<PodInfo.NamedPort> namedPorts(PodSpec spec) {
    List<PodInfo.NamedPort> ports = new ArrayList<>();
    for (Container container : list(spec.getContainers())) {
      for (ContainerPort port : list(container.getPorts())) {
        if (!text(port.getName()).isEmpty()) {
          ports.add(
              new PodInfo.NamedPort(
                  port.getName().intern(),
                  protocol(port.getProtocol()),
                  number(port.getContainerPort())));
        }
      }
    }
    return ports;
  }

  private static Map<String, String> labels(HasMetadata object) {
    Map<String, String> labels = object.getMetadata().getLabels();
    return labels == null ? Map.of() : labels;
  }

  /** The label's value, or the empty string. */
  static String label(HasMetadata object, String key) {
    Map<String, String> labels = object.getMetadata().getLabels();
    return labels == null ? "" : text(labels.get(key));
  }

  static String protocol(@Nullable String protocol) {
    return protocol == null || protocol.isEmpty() ? "TCP" : protocol.intern();
  }

  static int number(@Nullable Integer port) {
    return port == null ? 0 : port;
  }
}
