package io.seine.cri;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("system")
class ContainerRuntimeTest {

  @ParameterizedTest
  @MethodSource("io.seine.cri.Release#available")
  void aRuntimeRunsPodsWithDebiansOwnPlugins(Release release) throws Exception {
    String node = "seine-cri-" + UUID.randomUUID().toString().substring(0, 8);
    ip("netns", "add", node);
    try (Containerd containerd = Containerd.start(release, Path.of("/run/netns", node))) {
      CriClient kubelet = containerd.client();
      assertThat(kubelet.condition("NetworkReady").getStatus()).isFalse();

      Files.writeString(
          containerd.cniConfigDirectory().resolve("10-bridge.conflist"),
          """
          {"cniVersion": "1.0.0", "name": "test", "plugins": [{"type": "bridge", "isGateway": true,
           "ipam": {"type": "host-local", "dataDir": "%s/leases", "subnet": "10.99.0.0/24"}}]}\
          """
              .formatted(containerd.cniConfigDirectory().getParent()));
      await().until(() -> kubelet.condition("NetworkReady").getStatus());

      String pod = kubelet.runPodSandbox("default", "one");
      String container =
          kubelet.startContainer(
              pod, "default", "one", Containerd.IMAGE, List.of("/bin/busybox", "sleep", "600"));
      assertThat(
              kubelet
                  .exec(container, List.of("/bin/busybox", "ip", "address"))
                  .getStdout()
                  .toStringUtf8())
          .contains(kubelet.address(pod) + "/24");
      kubelet.stopPodSandbox(pod);
      kubelet.removePodSandbox(pod);
    } finally {
      ip("netns", "delete", node);
    }
  }

  private static void ip(String... arguments) throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder("ip").inheritIO();
    Collections.addAll(builder.command(), arguments);
    assertThat(builder.start().waitFor()).as("ip " + String.join(" ", arguments)).isZero();
  }
}
