package io.seine.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Pod;
import io.seine.sandbox.api.EmbeddedApiServer;
import io.seine.sandbox.control.Pods;
import io.seine.sandbox.node.SandboxNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A sandbox whose API server is someone else's, named by a kubeconfig; and, in the same cluster,
 * VXLAN in place of Geneve.
 */
@Tag("system")
class OtherApiServerTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final int MTU = 1450;
  private final String name = "k" + UUID.randomUUID().toString().substring(0, 6);

  @Test
  void podsOfTheOtherServerReachEachOtherThroughVxlan(@TempDir Path dir) throws Exception {
    try (EmbeddedApiServer server = EmbeddedApiServer.start()) {
      Path kubeconfig = dir.resolve("kubeconfig");
      Files.writeString(kubeconfig, kubeconfig(server.url()));

      SandboxSpec spec =
          SandboxSpec.ofNodes(name, 2)
              .withKubeconfig(kubeconfig)
              .withAgentOptions(Map.of("tunnelType", "vxlan"));
      try (Sandbox sandbox = Sandbox.up(spec, (what, took) -> {})) {
        SandboxView view = sandbox.view();
        Pod here = HelloPods.add(view, "here", "node-1");
        Pod there = HelloPods.add(view, "there", "node-2");
        await()
            .atMost(LIMIT)
            .untilAsserted(() ->
                assertThat(view.client().pods().inNamespace("default").list().getItems())
                    .hasSize(2)
                    .allMatch(Pods::isReady));

        String address = view.client().resource(there).get().getStatus().getPodIP();
        Probe probe = new Probe(view.pod(here), Duration.ofSeconds(3));

        assertThat(probe.ping(address, MTU).ok()).isTrue();
        assertThat(probe.http(address, 8080).pod()).isEqualTo("there");
        for (SandboxNode node : view.nodes()) {
          assertThat(node.ovs().vsctl("get", "Interface", "tun0", "type").strip())
              .isEqualTo("vxlan");
        }
      }
    }
    assertThat(Sandbox.hasRemains(name)).isFalse();
  }

  private static String kubeconfig(String url) {
    return """
    apiVersion: v1
    kind: Config
    clusters:
    - name: other
      cluster: {server: "%s"}
    users:
    - name: admin
      user: {}
    contexts:
    - name: other
      context: {cluster: other, user: admin}
    current-context: other
    """
        .formatted(url);
  }
}
