package io.seine.agent.kube;

import static io.seine.agent.kube.Reduce.list;
import static io.seine.agent.kube.Reduce.number;
import static io.seine.agent.kube.Reduce.text;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodStatus;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * From a Pod to what the agent keeps of it. There may be a hundred thousand, so that what many have
 * in common is kept once.
 */
final class ReducePod {
  private final String node;
  private final Shared<Map<String, String>> labels = new Shared<>(ReducePod::interned);
  private final Shared<List<PodInfo.NamedPort>> ports = new Shared<>(List::copyOf);

  /**
   * @param node whose pods are kept whatever they are
   */
  ReducePod(String node) {
    this.node = node;
  }

  /**
   * The pod, if it is of this node, or at an address of its own that others may talk to: a pod that
   * has ended or has no address yet is nobody's peer. Of one that uses its node's network it is
   * kept that there is one with such labels.
   */
  Optional<PodInfo> kept(Pod pod) {
    PodInfo info = pod(pod);
    if (info.node().equals(node)) {
      return Optional.of(info);
    }
    boolean there = !info.finished() && !info.addresses().isEmpty();
    return there ? Optional.of(info.hostNetwork() ? info.labelsOnly() : info) : Optional.empty();
  }

  /** All of one pod, its uid too. */
  static PodInfo whole(Pod pod) {
    return new ReducePod(pod.getSpec() == null ? "" : text(pod.getSpec().getNodeName())).pod(pod);
  }

  PodInfo pod(Pod pod) {
    PodSpec spec = pod.getSpec();
    PodStatus status = pod.getStatus();
    String phase = status == null ? "" : text(status.getPhase());
    String bound = spec == null ? "" : text(spec.getNodeName()).intern();
    return new PodInfo(
        new ObjectRef(
            "v1",
            "Pod",
            Kind.key(pod),
            // Only who runs a pod has something to say on its object.
            bound.equals(node) ? text(pod.getMetadata().getUid()) : ""),
        bound,
        addresses(status),
        spec != null && Boolean.TRUE.equals(spec.getHostNetwork()),
        phase.equals("Succeeded") || phase.equals("Failed"),
        labels.of(Reduce.labels(pod)),
        ports.of(spec == null ? List.of() : namedPorts(spec)));
  }

  private static Map<String, String> interned(Map<String, String> labels) {
    Map<String, String> interned = new HashMap<>();
    labels.forEach((key, value) -> interned.put(key.intern(), value.intern()));
    return Map.copyOf(interned);
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
    List<PodInfo.NamedPort> found = new ArrayList<>();
    for (Container container : list(spec.getContainers())) {
      for (ContainerPort port : list(container.getPorts())) {
        if (!text(port.getName()).isEmpty()) {
          found.add(
              new PodInfo.NamedPort(
                  port.getName().intern(),
                  Reduce.protocol(port.getProtocol()),
                  number(port.getContainerPort())));
        }
      }
    }
    return found;
  }
}
