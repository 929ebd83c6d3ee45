package io.seine.cri;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;

/**
 * What is installed on a node for its container runtime: this build's executable and the manifests'
 * configuration.
 */
final class SeineInstall {

  private static final String SOCKET = "/run/seine/cni.sock";

  private SeineInstall() {}

  /** The CNI executable that this build made. */
  static Path executable() {
    Path executable = root().resolve("cni-plugin/target/seine-cni");
    assertThat(executable).as("made by the build of cni-plugin, phase package").isExecutable();
    return executable;
  }

  /** The configuration list of the manifests, with another path for the agent's socket. */
  static String conflist(Path socket) throws IOException {
    String manifest = Files.readString(root().resolve("manifests/seine.yaml"));
    String conflist =
        Arrays.stream(manifest.split("(?m)^---$", -1))
            .map(document -> new KubernetesSerialization().<Object>unmarshal(document))
            .filter(ConfigMap.class::isInstance)
            .map(object -> ((ConfigMap) object).getData().get("10-seine.conflist"))
            .filter(Objects::nonNull)
            .findFirst()
            .orElseThrow();
    assertThat(conflist).contains(SOCKET);
    return conflist.replace(SOCKET, socket.toString());
  }

  private static Path root() {
    Path at = Path.of("").toAbsolutePath();
    while (!Files.isRegularFile(at.resolve("manifests/seine.yaml"))) {
      at = Objects.requireNonNull(at.getParent(), "the repository is nowhere above");
    }
    return at;
  }
}
