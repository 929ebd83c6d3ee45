package io.seine.sandbox.control;

import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Makes as many Pods of each Deployment's template as it asks for, and removes those of no
 * Deployment.
 */
final class Deployments {
  private static final String HASH_LABEL = "pod-template-hash";
  private static final String SUFFIX_LETTERS = "bcdfghjklmnpqrstvwxz2456789";
  private final KubernetesClient client;
  private final Random random;

  Deployments(KubernetesClient client, Random random) {
    this.client = client;
    this.random = random;
  }

  void reconcile(List<Deployment> deployments, List<Pod> pods) {
    Set<String> uids =
        deployments.stream().map(d -> d.getMetadata().getUid()).collect(Collectors.toSet());
    for (Pod pod : pods) {
      if (ownedByDeployment(pod)
          && pod.getMetadata().getOwnerReferences().stream()
              .noneMatch(o -> uids.contains(o.getUid()))) {
        client.resource(pod).delete();
      }
    }
    deployments.forEach(deployment -> reconcile(deployment, pods));
  }

  private void reconcile(Deployment deployment, List<Pod> pods) {
    String hash = templateHash(deployment.getSpec().getTemplate());
    List<Pod> current = new ArrayList<>();
    for (Pod pod : pods) {
      if (!ownedBy(pod, deployment)) {
        continue;
      }
      if (hash.equals(labels(pod).get(HASH_LABEL))) {
        current.add(pod);
      } else {
        client.resource(pod).delete();
      }
    }
    int wanted = Objects.requireNonNullElse(deployment.getSpec().getReplicas(), 1);
    for (int i = current.size(); i < wanted; i++) {
      client.resource(newPod(deployment, hash)).create();
    }
    current.sort(Comparator.comparing(Pods::isReady));
    current
        .subList(0, Math.max(0, current.size() - wanted))
        .forEach(pod -> client.resource(pod).delete());
    report(deployment, current.subList(Math.max(0, current.size() - wanted), current.size()));
  }

  private void report(Deployment deployment, List<Pod> current) {
    int replicas = current.size();
    int ready = Math.toIntExact(current.stream().filter(Pods::isReady).count());
    var old = deployment.getStatus();
    if (old != null
        && Objects.equals(old.getReplicas(), replicas)
        && Objects.equals(Objects.requireNonNullElse(old.getReadyReplicas(), 0), ready)) {
      return;
    }
    client
        .resource(deployment)
        .editStatus(d ->
            d.edit()
                .editOrNewStatus()
                .withReplicas(replicas)
                .withReadyReplicas(ready)
                .withAvailableReplicas(ready)
                .endStatus()
                .build());
  }

  private Pod newPod(Deployment deployment, String hash) {
    PodTemplateSpec template = deployment.getSpec().getTemplate();
    StringBuilder suffix = new StringBuilder();
    for (int i = 0; i < 5; i++) {
      suffix.append(SUFFIX_LETTERS.charAt(random.nextInt(SUFFIX_LETTERS.length())));
    }
    OwnerReference owner =
        new OwnerReferenceBuilder()
            .withApiVersion("apps/v1")
            .withKind("Deployment")
            .withName(deployment.getMetadata().getName())
            .withUid(deployment.getMetadata().getUid())
            .withController(true)
            .build();
    return new PodBuilder()
        .withNewMetadata()
        .withName(deployment.getMetadata().getName() + "-" + hash + "-" + suffix)
        .withNamespace(deployment.getMetadata().getNamespace())
        .withLabels(template.getMetadata() == null ? Map.of() : template.getMetadata().getLabels())
        .addToLabels(HASH_LABEL, hash)
        .withAnnotations(
            template.getMetadata() == null ? Map.of() : template.getMetadata().getAnnotations())
        .withOwnerReferences(owner)
        .endMetadata()
        .withSpec(template.getSpec())
        .withNewStatus()
        .withPhase("Pending")
        .endStatus()
        .build();
  }

  private static boolean ownedByDeployment(Pod pod) {
    return pod.getMetadata().getOwnerReferences().stream()
        .anyMatch(o -> o.getKind().equals("Deployment"));
  }

  private static boolean ownedBy(Pod pod, Deployment deployment) {
    return pod.getMetadata().getOwnerReferences().stream()
        .anyMatch(o -> o.getUid().equals(deployment.getMetadata().getUid()));
  }

  private static Map<String, String> labels(Pod pod) {
    return Objects.requireNonNullElse(pod.getMetadata().getLabels(), Map.of());
  }

  private static String templateHash(PodTemplateSpec template) {
    return Names.hash(Serialization.asJson(template), 8);
  }
}
