package io.seine.sandbox.replay;

import io.seine.agent.kube.ObjectKey;
import io.seine.agent.kube.PodInfo;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A pod of a case. */
public record PodSpec(
    ObjectKey key,
    String node,
    Map<String, String> labels,
    List<PodInfo.NamedPort> ports,
    boolean hostNetwork) {
  public PodSpec {
    labels = Map.copyOf(labels);
    ports = List.copyOf(ports);
  }

  PodSpec withLabels(Map<String, String> newLabels) {
    return new PodSpec(key, node, newLabels, ports, hostNetwork);
  }

  /** As a case file has it. */
  String text() {
    StringBuilder text = new StringBuilder("{node: " + node);
    if (!labels.isEmpty()) {
      text.append(", labels: ").append(labels(labels));
    }
    if (!ports.isEmpty()) {
      text.append(", ports: ")
          .append(ports.stream().map(p -> p.name() + "=" + p.protocol() + "/" + p.port()).toList());
    }
    return text.append(hostNetwork ? ", hostNetwork: true}" : "}").toString();
  }

  static String labels(Map<String, String> labels) {
    return new TreeMap<>(labels)
        .entrySet().stream()
            .map(e -> e.getKey() + ": '" + e.getValue() + "'")
            .toList()
            .toString()
            .replace("[", "{")
            .replace("]", "}");
  }
}
