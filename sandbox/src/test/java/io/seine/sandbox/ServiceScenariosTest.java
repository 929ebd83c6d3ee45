package io.seine.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.seine.sandbox.Place.Reply;
import io.seine.sandbox.control.Pods;
import io.seine.sandbox.kubelet.Responder;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/** The manifests of operators, as they are, with the facts that they observed. */
@Tag("system")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@ExtendWith({ServiceCluster.Shared.class, Diagnostics.class})
class ServiceScenariosTest implements Diagnostics.OnSandbox {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private final ServiceCluster cluster;

  ServiceScenariosTest(ServiceCluster cluster) {
    this.cluster = cluster;
  }

  @Override
  public SandboxView view() {
    return cluster.view();
  }

  @Test
  void threeReplicasOnTwoNodesShareWhatComesAndTheThirdNodeServesTheNodePortToo() {
    cordon(3, true);
    String manifest = Scenarios.text("app-three-replicas.yaml");
    try (Scene scene = cluster.scene()) {
      scene.apply(manifest);
      List<Pod> pods = awaitPods("test001", "app", 3);
      assertThat(pods.stream().map(pod -> pod.getSpec().getNodeName()))
          .containsOnly("node-1", "node-2");
      Set<String> names = names(pods);

      for (String address : List.of("10.109.117.159", "10.111.7.86")) {
        for (int node = 1; node <= 3; node++) {
          scene.answered(cluster.pod(node), Target.tcp(address, 80), names);
          scene.answered(cluster.node(node), Target.tcp(address, 80), names);
        }
      }
      Map<String, Integer> counts = new HashMap<>();
      for (int i = 0; i < 300; i++) {
        Reply reply = cluster.pod(3).ask(Target.tcp("10.109.117.159", 80));
        assertThat(reply).isInstanceOf(Reply.Answered.class);
        counts.merge(((Reply.Answered) reply).pod(), 1, Integer::sum);
      }
      // A third of 300 and four standard deviations either way.
      assertThat(counts.values()).hasSize(3).allMatch(count -> count > 67 && count < 133);
      for (int node = 1; node <= 3; node++) {
        Target target = Target.tcp(cluster.sandboxNode(node).address(), 30080);
        scene.answers(cluster.outside(1), target, names, Set.copyOf(cluster.gateways(node)));
      }
    } finally {
      cordon(3, false);
      remove(manifest, "test001", "app");
    }
  }

  @Test
  void frontEndIsReachedByItsClusterIpAndByEveryNodesAddress() {
    String manifest = Scenarios.text("front-end.yaml");
    try (Scene scene = cluster.scene()) {
      scene.apply(manifest);
      var _ = awaitPods(scene.namespace(), "front-end", 1);
      Set<String> pod = Set.of("front-end");
      for (int node = 1; node <= 3; node++) {
        Target clusterIp = Target.tcp(scene.clusterIp("front-end-service"), 80);
        scene.answered(cluster.pod(node), clusterIp, pod);
        scene.answered(cluster.node(node), clusterIp, pod);
        for (int client = 1; client <= 2; client++) {
          scene.answered(
              cluster.outside(client), Target.tcp(cluster.sandboxNode(node).address(), 30520), pod);
        }
      }
    }
  }

  @Test
  void anExternalIpIsServedAndLeavesTheNodeWithThatAddressAsItWas() {
    String nodeAddress = cluster.sandboxNode(1).address();
    String unused = "172.31.200.99";
    List<Integer> daemons = List.of(22, 10250, 6443);
    try (Scene scene = cluster.scene();
        Responder _ =
            Responder.start(
                cluster.node(1).namespace(),
                List.of(nodeAddress),
                daemons,
                "daemon",
                Map.of("pod", "daemon"))) {
      for (String address : List.of(nodeAddress, unused)) {
        scene.apply(Scenarios.text("external-ip.yaml").replaceAll("NODE_IP *#.*", address));
        var _ = awaitPods(scene.namespace(), "nginx", 1);
        cluster.route(cluster.outside(1), unused, 1);
        cluster.route(cluster.outside(2), unused, 3);
        for (int client = 1; client <= 2; client++) {
          scene.answered(cluster.outside(client), Target.tcp(address, 80), Set.of("nginx"));
        }
        for (int node = 1; node <= 3; node++) {
          scene.answered(cluster.pod(node), Target.tcp(address, 80), Set.of("nginx"));
          scene.answered(cluster.node(node), Target.tcp(address, 80), Set.of("nginx"));
        }
        for (int port : daemons) {
          Target daemon = Target.tcp(nodeAddress, port);
          scene.answered(cluster.outside(1), daemon, Set.of("daemon"));
          scene.answered(cluster.pod(2), daemon, Set.of("daemon"));
          scene.answered(cluster.node(1), daemon, Set.of("daemon"));
        }
        for (int node = 1; node <= 3; node++) {
          assertThat(cluster.sandboxNode(node).run("ip", "-o", "addr").out())
              .doesNotContain(unused);
        }
      }
      scene.unanswered(cluster.outside(1), Target.tcp(nodeAddress, 80));
    }
  }

  @Test
  void helloKubernetesAnswersAtItsLoadBalancerAddressAndOnEveryNode() {
    String manifest = Scenarios.text("hello-kubernetes.yaml");
    try (Scene scene = cluster.scene()) {
      scene.apply(manifest);
      Set<String> names = names(awaitPods(scene.namespace(), "hello-kubernetes", 4));
      String address = "172.80.88.7";
      scene.setLoadBalancer("hello-kubernetes", "VIP", address);
      Service service = scene.service("hello-kubernetes");
      await()
          .atMost(LIMIT)
          .until(() ->
              scene.service("hello-kubernetes").getSpec().getPorts().getFirst().getNodePort()
                  != null);
      int nodePort =
          scene.service("hello-kubernetes").getSpec().getPorts().getFirst().getNodePort();
      for (int node = 1; node <= 3; node++) {
        Place outside = cluster.outside(1);
        cluster.route(outside, address, node);
        Set<String> gateway = Set.copyOf(cluster.gateways(node));
        Target balanced = Target.tcp(address, 80);
        scene.answers(outside, balanced, names, gateway);
        scene.answers(
            outside, Target.tcp(cluster.sandboxNode(node).address(), nodePort), names, gateway);
        scene.answered(cluster.pod(node), balanced, names);
        scene.answered(cluster.node(node), balanced, names);
        scene.answered(cluster.pod(node), Target.tcp(service.getSpec().getClusterIP(), 80), names);
      }
    }
  }

  private List<Pod> awaitPods(String namespace, String prefix, int count) {
    await()
        .atMost(LIMIT)
        .untilAsserted(
            () -> assertThat(pods(namespace, prefix)).hasSize(count).allMatch(Pods::isReady));
    return pods(namespace, prefix);
  }

  private List<Pod> pods(String namespace, String prefix) {
    return view().client().pods().inNamespace(namespace).list().getItems().stream()
        .filter(pod -> pod.getMetadata().getName().startsWith(prefix))
        .toList();
  }

  private void remove(String manifest, String namespace, String prefix) {
    var _ = Manifests.delete(view().client(), manifest);
    await().atMost(LIMIT).until(() -> pods(namespace, prefix).isEmpty());
  }

  private void cordon(int node, boolean cordoned) {
    var _ =
        view()
            .client()
            .nodes()
            .withName(cluster.sandboxNode(node).name())
            .edit(n -> new NodeBuilder(n).editSpec().withUnschedulable(cordoned).endSpec().build());
  }

  private static Set<String> names(List<Pod> pods) {
    return pods.stream().map(pod -> pod.getMetadata().getName()).collect(Collectors.toSet());
  }
}
