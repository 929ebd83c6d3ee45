package io.seine.agent.kube;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.fabric8.kubernetes.api.model.Pod;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What the pods of a large cluster take in memory, read as the API hands them over. */
class PodSizeTest {
  private static final int PODS = 100_000;

  /** Pods of Deployments of ten replicas, four of which share a namespace. */
  private static final int REPLICAS = 10;

  private static final ObjectMapper JSON =
      JsonMapper.builder(new JsonFactory())
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .build();

  /** What pods have that nobody asks for. */
  private static final String REST =
      """
      "generateName": "frontend-6d4b75cb6d-", "resourceVersion": "815",
      "creationTimestamp": "2026-01-01T00:00:00Z", "annotations": {"checksum/config": "8f14e45f"},
      "ownerReferences": [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "a", "uid": "1"}],
      "managedFields": [{"manager": "kubelet", "operation": "Update", "apiVersion": "v1",
       "fieldsV1": {"f:status": {"f:conditions": {".": {}, "k:{type:Ready}": {"f:status": {}}}}}}]},
      "spec": {"serviceAccountName": "default", "volumes": [{"name": "token", "projected": {
        "sources": [{"serviceAccountToken": {"path": "token", "expirationSeconds": 3607}}]}}],
       "containers": [{"name": "web", "image": "registry.example/frontend:1.2.3",
        "env": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}],
        "ports": [{"name": "http", "containerPort": 8080, "protocol": "TCP"}, {"containerPort": 9090}],
        "resources": {"limits": {"cpu": "1", "memory": "512Mi"}}}],
      """;

  private static String pod(int i) {
    int deployment = i / REPLICAS;
    return """
    {"metadata": {"name": "frontend-%1$d-6d4b75cb6d-%2$05x", "namespace": "team-%3$d",
      "uid": "3f0c9b2e-6d1f-4a3c-9c55-%2$012x",
      "labels": {"app": "frontend-%1$d", "tier": "web", "pod-template-hash": "6d4b75cb6d"},\
    """
            .formatted(deployment, i, deployment / 4)
        + REST
        + "\"nodeName\": \"node-%1$d\"}, \"status\": {\"phase\": \"Running\",".formatted(i % 1000)
        + "\"podIPs\": [{\"ip\": \"10.%d.%d.%d\"}]}}"
            .formatted(i >> 16 & 255, i >> 8 & 255, i & 255);
  }

  private static long usedHeap() {
    for (int i = 0; i < 3; i++) {
      System.gc();
    }
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }

  @Test
  void aHundredThousandPodsTakeFewBytesEach() throws IOException {
    Kind<Pod, PodInfo> kind = Kind.pods("node-7");
    // What a reflector remembers, and what whoever it tells has to.
    Set<ObjectKey> known = new HashSet<>();
    Map<ObjectKey, PodInfo> pods = new HashMap<>();
    long before = usedHeap();

    for (int i = 0; i < PODS; i++) {
      try (JsonParser parser = JSON.createParser(pod(i))) {
        JsonToken _ = parser.nextToken();
        Pod pod = JSON.treeToValue(kind.fields().read(parser, JSON), kind.type());
        PodInfo info = kind.reduce().apply(pod).orElseThrow();
        known.add(Kind.key(pod));
        pods.put(info.key(), info);
      }
    }

    long perPod = (usedHeap() - before) / PODS;
    System.out.printf("%d pods: %d bytes each%n", PODS, perPod);
    assertThat(known.size()).isEqualTo(pods.size());
    assertThat(pods.values().stream().filter(p -> p.node().equals("node-7")).count())
        .isEqualTo(PODS / 1000);
    assertThat(perPod).isLessThan(500);
  }
}
