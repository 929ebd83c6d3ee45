package io.seine.cli.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.seine.cli.bench.CniPlugin.Container;
import io.seine.sandbox.netns.Namespace;
import io.seine.sandbox.node.SandboxNode;
import io.seine.sandbox.process.Commands;
import io.seine.sandbox.process.Waiting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Whether the plugins did what they said, and left nothing. */
final class CniLeaks {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration SETTLED = Duration.ofSeconds(5);
  private final SandboxNode node;
  private final Path leases;
  private final Set<String> before;

  private CniLeaks(SandboxNode node, Path directory) {
    this.node = node;
    this.leases = leases(directory);
    this.before = present();
  }

  /** Notes what there is before anything is connected. */
  static CniLeaks before(SandboxNode node, Path directory) {
    return new CniLeaks(node, directory);
  }

  /** Where the peer keeps its leases. */
  static Path leases(Path directory) {
    return directory.resolve("leases");
  }

  /** Fails unless the plugin's last answer has a gateway that answers the container. */
  static void checkConnected(CniPlugin plugin, Container container) throws IOException {
    JsonNode address = JSON.readTree(plugin.answer(container)).path("ips").path(0);
    String gateway = address.path("gateway").asText();
    Commands.Result ping =
        Commands.run(
            container
                .netns()
                .entering(List.of("ping", "-c", "3", "-i", "0.2", "-W", "1", gateway)));
    if (address.path("address").asText().isEmpty() || !ping.ok()) {
      throw new IllegalStateException(
          "%s: ADD answered %s, but the pod does not reach its gateway: %s"
              .formatted(plugin.name(), plugin.answer(container), ping.out() + ping.err()));
    }
  }

  /** Fails if there is anything that was not there before. */
  void check() {
    if (!Waiting.until(SETTLED, () -> left().isEmpty())) {
      throw new IllegalStateException("left behind after the last DEL: " + left());
    }
  }

  private Set<String> left() {
    Set<String> left = present();
    left.removeAll(before);
    return left;
  }

  private Set<String> present() {
    Set<String> present = new TreeSet<>();
    devices(node.namespace()).forEach(name -> present.add("device " + name));
    node.ovs()
        .vsctl("--bare", "--columns=name", "list", "Interface")
        .lines()
        .filter(line -> !line.isBlank())
        .forEach(name -> present.add("OVS interface " + name));
    if (Files.isDirectory(leases)) {
      try (Stream<Path> files = Files.walk(leases)) {
        present.addAll(
            files
                .map(file -> String.valueOf(file.getFileName()))
                .filter(name -> name.matches("[0-9.]+"))
                .map(name -> "lease " + name)
                .collect(Collectors.toSet()));
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    }
    return present;
  }

  private static List<String> devices(Namespace namespace) {
    return namespace.call(() -> Files.readAllLines(Path.of("/proc/thread-self/net/dev"))).stream()
        .skip(2)
        .map(line -> line.strip().split(":", 2)[0])
        .toList();
  }
}
