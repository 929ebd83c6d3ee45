package io.seine.sandbox;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.seine.sandbox.node.Layout;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;

/**
 * What is written down about a sandbox that is up, for other processes to find it.
 *
 * @param name the sandbox's name
 * @param apiUrl where the embedded API server listens; empty when a kubeconfig is used
 * @param kubeconfig the real API server's; empty when the embedded one is used
 * @param serviceCidrs where cluster IPs come from, one of each family
 * @param podCidrs the whole pod networks, one of each family
 * @param nodes in order
 */
public record SandboxState(
    String name,
    String apiUrl,
    String kubeconfig,
    List<String> serviceCidrs,
    List<String> podCidrs,
    List<NodeState> nodes) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * One node.
   *
   * @param name in the cluster
   * @param podCidrs its shares of the pod networks, one of each family
   * @param addresses its own in the underlay, one of each family
   */
  public record NodeState(String name, List<String> podCidrs, List<String> addresses) {
    public NodeState {
      podCidrs = List.copyOf(podCidrs);
      addresses = List.copyOf(addresses);
    }
  }

  public SandboxState {
    serviceCidrs = List.copyOf(serviceCidrs);
    podCidrs = List.copyOf(podCidrs);
    nodes = List.copyOf(nodes);
  }

  /** The state of a sandbox, if there is one of that name. */
  public static Optional<SandboxState> read(Layout layout) {
    Path file = layout.stateFile();
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      return Optional.of(JSON.readValue(file.toFile(), SandboxState.class));
    } catch (IOException e) {
      throw new SandboxException(file + " is damaged; `sandbox down` removes it", e);
    }
  }

  void write(Layout layout) {
    Path file = layout.stateFile();
    Path fresh = file.resolveSibling("state.json.new");
    try {
      JSON.writerWithDefaultPrettyPrinter().writeValue(fresh.toFile(), this);
      var _ =
          Files.move(
              fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
