package io.seine.cri;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.grpc.StatusRuntimeException;
import io.seine.cri.v1.ExecSyncResponse;
import io.seine.cri.v1.RuntimeCondition;
import io.seine.sandbox.Manifests;
import io.seine.sandbox.Progress;
import io.seine.sandbox.Sandbox;
import io.seine.sandbox.SandboxSpec;
import io.seine.sandbox.node.Cidr;
import io.seine.sandbox.node.JavaCommand;
import io.seine.sandbox.node.SandboxNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A node whose pods come from a real container runtime, asked what a kubelet asks, in a cluster
 * with a second node and a service.
 */
@Tag("system")
class ContainerRuntimeTest {

  private static final String BUSYBOX = "/bin/busybox";
  private static final Duration READY = Duration.ofSeconds(60);

  private static Sandbox sandbox;
  private static SandboxNode node;

  @BeforeAll
  static void startCluster() {
    String name = "cri" + UUID.randomUUID().toString().substring(0, 6);
    sandbox = Sandbox.up(SandboxSpec.ofNodes(name, 2), Progress.silent());
    node = sandbox.view().node("node-1");
    Manifests.apply(
        sandbox.view().client(),
        """
        apiVersion: v1
        kind: Pod
        metadata: {name: server, namespace: default, labels: {app: server}}
        spec:
          nodeName: node-2
          containers: [{name: main, image: server, ports: [{containerPort: 8080}]}]
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: server, namespace: default}
        spec:
          selector: {app: server}
          ports: [{port: 80, targetPort: 8080}]
        """);
    await().atMost(READY).until(() -> !serverAddress().isEmpty() && !clusterIp().isEmpty());
  }

  @AfterAll
  static void endCluster() {
    if (sandbox != null) {
      sandbox.close();
    }
  }

  @ParameterizedTest
  @MethodSource("io.seine.cri.Release#available")
  void aPodOfTheRuntimeIsAPodOfTheCluster(Release release) throws IOException {
    try (Containerd containerd = start(release)) {
      CriClient kubelet = containerd.client();
      String portsBefore = ports();

      String pod = kubelet.runPodSandbox("default", "one");
      String address = kubelet.address(pod);
      assertThat(Cidr.parse(node.podCidr()).contains(address))
          .as("%s of %s", address, node.podCidr())
          .isTrue();

      String other = kubelet.runPodSandbox("default", "two");
      String container =
          kubelet.startContainer(
              pod, "default", "one", Containerd.IMAGE, List.of(BUSYBOX, "sleep", "600"));
      reaches(kubelet, container, "ping", "-c", "1", "-W", "5", kubelet.address(other));
      reaches(kubelet, container, "ping", "-c", "1", "-W", "5", serverAddress());
      String request =
          "printf 'GET / HTTP/1.0\\r\\n\\r\\n' | " + BUSYBOX + " nc -w 5 " + clusterIp() + " 80";
      assertThat(reaches(kubelet, container, "sh", "-c", request)).contains("server", address);

      for (String id : List.of(pod, other)) {
        kubelet.stopPodSandbox(id);
      }
      assertThat(ports()).isEqualTo(portsBefore);
      for (String id : List.of(pod, other)) {
        kubelet.removePodSandbox(id);
      }
      assertThat(kubelet.podSandboxes()).isEmpty();
      assertThat(ports()).isEqualTo(portsBefore);
    }
  }

  @ParameterizedTest
  @MethodSource("io.seine.cri.Release#available")
  void withTheAgentDownTheRuntimeSaysWhatToDo(Release release) throws IOException {
    try (Containerd containerd = start(release)) {
      CriClient kubelet = containerd.client();
      String pod = kubelet.runPodSandbox("default", "survivor");
      String portsBefore = ports();

      node.agent().stop("KILL");
      try {
        assertThatThrownBy(() -> kubelet.runPodSandbox("default", "refused"))
            .isInstanceOf(StatusRuntimeException.class)
            .hasMessageContaining("Seine agent")
            .hasMessageContaining("kubectl -n kube-system get pods -l app=seine-agent");
        if (release.asksStatus()) {
          RuntimeCondition condition = kubelet.condition("NetworkReady");
          assertThat(condition.getStatus()).isFalse();
          assertThat(condition.getMessage()).contains("Seine agent");
        }
        // A pod that ends now is let go, and its network is cleaned up when the agent is back.
        kubelet.stopPodSandbox(pod);
        kubelet.removePodSandbox(pod);
        assertThat(kubelet.podSandboxes()).isEmpty();
      } finally {
        node.agent().start(JavaCommand.current());
      }
      await().atMost(READY).until(() -> node.agent().isReady());

      await().atMost(READY).until(() -> kubelet.condition("NetworkReady").getStatus());
      await().atMost(READY).until(() -> !ports().equals(portsBefore));
      String next = kubelet.runPodSandbox("default", "next");
      assertThat(kubelet.address(next)).isNotEmpty();
    }
    await().atMost(READY).until(() -> !ports().contains("next") && !ports().contains("survivor"));
  }

  @ParameterizedTest
  @MethodSource("io.seine.cri.Release#available")
  void theNetworkIsNotReadyBeforeItsConfigurationIsThere(Release release) throws IOException {
    try (Containerd containerd = Containerd.start(release, node.namespace().path())) {
      CriClient kubelet = containerd.client();

      assertThat(kubelet.condition("NetworkReady").getStatus()).isFalse();
      assertThatThrownBy(() -> kubelet.runPodSandbox("default", "early"))
          .hasMessageContaining("cni plugin not initialized");

      installSeine(containerd);
      await().atMost(READY).until(() -> kubelet.condition("NetworkReady").getStatus());
    }
  }

  private static Containerd start(Release release) throws IOException {
    Containerd containerd = Containerd.start(release, node.namespace().path());
    try {
      installSeine(containerd);
      await().atMost(READY).until(() -> containerd.client().condition("NetworkReady").getStatus());
      return containerd;
    } catch (IOException | RuntimeException | Error e) {
      containerd.close();
      throw e;
    }
  }

  /**
   * What the agent's DaemonSet does on a node: the executable first, the configuration of the
   * manifests last and in one step.
   */
  private static void installSeine(Containerd containerd) throws IOException {
    Files.copy(SeineInstall.executable(), containerd.cniBinDirectory().resolve("seine-cni"));
    Path partial =
        Files.writeString(
            containerd.cniConfigDirectory().resolve(".new"),
            SeineInstall.conflist(node.agent().cniSocket()));
    Files.move(
        partial,
        containerd.cniConfigDirectory().resolve("10-seine.conflist"),
        StandardCopyOption.ATOMIC_MOVE);
  }

  private static String reaches(CriClient kubelet, String container, String... command) {
    List<String> words = new ArrayList<>(List.of(BUSYBOX));
    words.addAll(List.of(command));
    ExecSyncResponse response = kubelet.exec(container, words);
    assertThat(response.getExitCode())
        .as(
            "%s: %s%s",
            words, response.getStdout().toStringUtf8(), response.getStderr().toStringUtf8())
        .isZero();
    return response.getStdout().toStringUtf8();
  }

  private static String ports() {
    return String.join(
        "\n", new TreeSet<>(List.of(node.ovs().vsctl("list-ports", "br-int").split("\n", -1))));
  }

  private static String serverAddress() {
    var pod = sandbox.view().client().pods().inNamespace("default").withName("server").get();
    String address = pod == null || pod.getStatus() == null ? null : pod.getStatus().getPodIP();
    return address == null ? "" : address;
  }

  private static String clusterIp() {
    var service =
        sandbox.view().client().services().inNamespace("default").withName("server").get();
    String address = service == null ? null : service.getSpec().getClusterIP();
    return address == null ? "" : address;
  }
}
