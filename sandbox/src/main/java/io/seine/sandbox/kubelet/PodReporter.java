package io.seine.sandbox.kubelet;

import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.ContainerStatusBuilder;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.api.model.HostIP;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodConditionBuilder;
import io.fabric8.kubernetes.api.model.PodIP;
import io.fabric8.kubernetes.api.model.PodStatusBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.seine.sandbox.control.Conflicts;
import io.seine.sandbox.control.Pods;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes what became of a Pod into the API: its status, and Events for failures. */
final class PodReporter {
  private static final Logger LOG = LoggerFactory.getLogger(PodReporter.class);
  private final KubernetesClient client;
  private final Clock clock;

  PodReporter(KubernetesClient client, Clock clock) {
    this.client = client;
    this.clock = clock;
  }

  /**
   * The Pod runs and is ready. A Pod that has gone meanwhile is no error.
   *
   * @param addresses the Pod's own, one of each family
   * @param hostAddresses its node's
   */
  void running(Pod pod, List<String> addresses, List<String> hostAddresses) {
    String now = now();
    List<PodCondition> conditions =
        Stream.of("PodScheduled", "Initialized", "ContainersReady", "Ready")
            .map(type ->
                new PodConditionBuilder()
                    .withType(type)
                    .withStatus("True")
                    .withLastTransitionTime(now)
                    .build())
            .toList();
    List<ContainerStatus> containers =
        pod.getSpec().getContainers().stream()
            .map(c ->
                new ContainerStatusBuilder()
                    .withName(c.getName())
                    .withImage(c.getImage())
                    .withReady(true)
                    .withStarted(true)
                    .withRestartCount(0)
                    .withNewState()
                    .withNewRunning(now)
                    .endState()
                    .build())
            .toList();
    try {
      var _ =
          Conflicts.retry(() ->
              client
                  .pods()
                  .inNamespace(pod.getMetadata().getNamespace())
                  .withName(pod.getMetadata().getName())
                  .editStatus(p ->
                      p.edit()
                          .withStatus(
                              new PodStatusBuilder()
                                  .withPhase("Running")
                                  .withPodIP(addresses.getFirst())
                                  .withPodIPs(addresses.stream().map(PodIP::new).toList())
                                  .withHostIP(hostAddresses.getFirst())
                                  .withHostIPs(hostAddresses.stream().map(HostIP::new).toList())
                                  .withStartTime(now)
                                  .withConditions(conditions)
                                  .withContainerStatuses(containers)
                                  .build())
                          .build()));
    } catch (KubernetesClientException e) {
      LOG.info(
          "{} is gone before it was reported running: {}",
          pod.getMetadata().getName(),
          e.getMessage());
    }
  }

  /** Lets a Pod go that was kept for its grace period; one that has gone is no error. */
  void released(Pod pod) {
    try {
      var _ =
          Conflicts.retry(() ->
              client
                  .pods()
                  .inNamespace(pod.getMetadata().getNamespace())
                  .withName(pod.getMetadata().getName())
                  .edit(p ->
                      p.edit()
                          .editMetadata()
                          .removeFromFinalizers(Pods.GRACE)
                          .endMetadata()
                          .build()));
    } catch (KubernetesClientException e) {
      LOG.info("{} is gone already: {}", pod.getMetadata().getName(), e.getMessage());
    }
  }

  /** Something about the Pod failed; it will be tried again. */
  void failed(Pod pod, String reason, String message) {
    LOG.warn("{}/{}: {}", pod.getMetadata().getNamespace(), pod.getMetadata().getName(), message);
    String now = now();
    try {
      client
          .v1()
          .events()
          .resource(
              new EventBuilder()
                  .withNewMetadata()
                  .withName(
                      pod.getMetadata().getName()
                          + "."
                          + Long.toHexString(
                              clock.instant().toEpochMilli() * 1000 + System.nanoTime() % 1000))
                  .withNamespace(pod.getMetadata().getNamespace())
                  .endMetadata()
                  .withType("Warning")
                  .withReason(reason)
                  .withMessage(message)
                  .withCount(1)
                  .withFirstTimestamp(now)
                  .withLastTimestamp(now)
                  .withNewSource("kubelet", pod.getSpec().getNodeName())
                  .withNewInvolvedObject()
                  .withApiVersion("v1")
                  .withKind("Pod")
                  .withNamespace(pod.getMetadata().getNamespace())
                  .withName(pod.getMetadata().getName())
                  .withUid(pod.getMetadata().getUid())
                  .endInvolvedObject()
                  .build())
          .create();
    } catch (KubernetesClientException e) {
      LOG.warn("the Event was not written: {}", e.getMessage());
    }
  }

  private String now() {
    return clock.instant().truncatedTo(ChronoUnit.SECONDS).toString();
  }
}
