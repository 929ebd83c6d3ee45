package io.seine.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.seine.sandbox.control.Pods;
import io.seine.sandbox.netns.Namespace;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;

/** The four pods and the service of the hello-kubernetes scenario, on whatever nodes there are. */
final class HelloPods {
  static final int PORT = 80;
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Duration ANSWER = Duration.ofSeconds(3);
  private final SandboxView view;

  private HelloPods(SandboxView view) {
    this.view = view;
  }

  /** Applies the manifest and returns when the service answers on every node. */
  static HelloPods apply(SandboxView view) {
    Manifests.apply(view.client(), Scenarios.text("hello-kubernetes.yaml"));
    HelloPods pods = new HelloPods(view);
    await()
        .atMost(LIMIT)
        .untilAsserted(() -> assertThat(pods.all()).hasSize(4).allMatch(Pods::isReady));
    for (Pod pod : pods.all()) {
      await()
          .atMost(LIMIT)
          .ignoreExceptions()
          .until(() -> pods.reachesService(pods.namespace(pod)));
    }
    return pods;
  }

  List<Pod> all() {
    return view.client().pods().inNamespace("default").list().getItems().stream()
        .filter(pod -> pod.getMetadata().getName().startsWith("hello"))
        .sorted(Comparator.comparing(pod -> Pods.node(pod).orElse("")))
        .toList();
  }

  /** Adds a pod that the service does not know; it answers on port 8080 when it is ready. */
  Pod add(String name, String node) {
    return add(view, name, node);
  }

  static Pod add(SandboxView view, String name, String node) {
    return view.client()
        .resource(
            new PodBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace("default")
                .endMetadata()
                .withNewSpec()
                .withNodeName(node)
                .addNewContainer()
                .withName("app")
                .withImage("app")
                .addNewPort()
                .withContainerPort(8080)
                .endPort()
                .endContainer()
                .endSpec()
                .build())
        .create();
  }

  /** A pod of the service on the node. */
  Pod on(String node) {
    return all().stream()
        .filter(pod -> Pods.node(pod).orElse("").equals(node))
        .findFirst()
        .orElseThrow();
  }

  Namespace namespace(Pod pod) {
    return view.pod(pod);
  }

  static String address(Pod pod) {
    return Pods.address(pod).orElseThrow();
  }

  String clusterIp() {
    return view.client()
        .services()
        .inNamespace("default")
        .withName("hello-kubernetes")
        .get()
        .getSpec()
        .getClusterIP();
  }

  /** Whether a new connection to the service is answered. */
  boolean reachesService(Namespace from) throws java.io.IOException {
    return new Probe(from, ANSWER).http(clusterIp(), PORT).pod().startsWith("hello");
  }
}
