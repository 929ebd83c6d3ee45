package io.seine.sandbox.control;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodIP;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** What the controllers ask about Pods. */
public final class Pods {
  /** The finalizer of a Pod that the kubelet lets go only after its grace period. */
  public static final String GRACE = "sandbox.seine.io/grace";

  /** The annotation with that period in milliseconds. */
  public static final String GRACE_MILLIS = "sandbox.seine.io/grace-millis";

  private Pods() {}

  public static boolean isReady(Pod pod) {
    return pod.getStatus() != null
        && pod.getStatus().getConditions().stream()
            .anyMatch(c -> c.getType().equals("Ready") && c.getStatus().equals("True"));
  }

  public static boolean isTerminating(Pod pod) {
    return pod.getMetadata().getDeletionTimestamp() != null;
  }

  public static Optional<String> address(Pod pod) {
    return pod.getStatus() == null
        ? Optional.empty()
        : Optional.ofNullable(pod.getStatus().getPodIP()).filter(ip -> !ip.isEmpty());
  }

  public static Optional<String> node(Pod pod) {
    return Optional.ofNullable(pod.getSpec().getNodeName()).filter(name -> !name.isEmpty());
  }

  /** Its addresses, one of each family, the primary one first. */
  public static List<String> addresses(Pod pod) {
    if (address(pod).isEmpty()) {
      return List.of();
    }
    List<String> all = pod.getStatus().getPodIPs().stream().map(PodIP::getIp).toList();
    return all.isEmpty() ? List.of(address(pod).get()) : all;
  }

  public static boolean onHostNetwork(Pod pod) {
    return Boolean.TRUE.equals(pod.getSpec().getHostNetwork());
  }

  /** Whether it has run to its end, so that it serves nobody any more. */
  public static boolean hasEnded(Pod pod) {
    String phase = pod.getStatus() == null ? "" : pod.getStatus().getPhase();
    return "Succeeded".equals(phase) || "Failed".equals(phase);
  }

  /** How long the Pod goes on after its deletion; nothing if it goes at once. */
  public static Optional<Duration> grace(Pod pod) {
    if (!pod.getMetadata().getFinalizers().contains(GRACE)) {
      return Optional.empty();
    }
    Map<String, String> annotations =
        Objects.requireNonNullElse(pod.getMetadata().getAnnotations(), Map.of());
    return Optional.of(
        Duration.ofMillis(Long.parseLong(annotations.getOrDefault(GRACE_MILLIS, "0"))));
  }

  /** The same object, to be let go as soon as it is deleted. */
  public static <T extends HasMetadata> T withoutGrace(T object) {
    List<String> others =
        object.getMetadata().getFinalizers().stream()
            .filter(finalizer -> !finalizer.equals(GRACE))
            .toList();
    object.getMetadata().setFinalizers(others);
    return object;
  }

  static boolean matches(Map<String, String> selector, Pod pod) {
    Map<String, String> labels =
        Objects.requireNonNullElse(pod.getMetadata().getLabels(), Map.of());
    return labels.entrySet().containsAll(selector.entrySet());
  }
}
