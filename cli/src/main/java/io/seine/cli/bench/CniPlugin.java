package io.seine.cli.bench;

import io.seine.sandbox.netns.Namespace;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A CNI plugin with its configuration, on a node.
 *
 * @param name for messages
 * @param executable what is run
 * @param config a file with the network configuration
 * @param node where it runs
 * @param output a directory for what it prints
 */
record CniPlugin(String name, Path executable, Path config, Namespace node, Path output) {

  /** A container of the benchmark: its number makes its id. */
  record Container(int number, Namespace netns) {
    String id() {
      return "bench%059d".formatted(number);
    }
  }

  /** Runs the plugin; the calling thread must be in the node's namespace. */
  Spawn.Outcome call(String command, Container container) {
    Map<String, String> environment = new LinkedHashMap<>();
    environment.put("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
    environment.put("CNI_COMMAND", command);
    environment.put("CNI_CONTAINERID", container.id());
    environment.put("CNI_NETNS", container.netns().path().toString());
    environment.put("CNI_IFNAME", "eth0");
    environment.put("CNI_PATH", executable.getParent() + ":/usr/lib/cni");
    environment.put(
        "CNI_ARGS",
        "IgnoreUnknown=1;K8S_POD_NAMESPACE=bench;K8S_POD_NAME=pod-%1$d;K8S_POD_UID=uid-%1$d"
            .formatted(container.number()));
    return Spawn.run(executable, environment, config, answerFile(container));
  }

  /** As {@link #call}; any exit status but 0 is an error. Returns the milliseconds. */
  double checked(String command, Container container) {
    Spawn.Outcome outcome = call(command, container);
    if (outcome.exit() != 0) {
      throw new IllegalStateException(
          "%s %s of container %d failed with exit status %d: %s"
              .formatted(name, command, container.number(), outcome.exit(), answer(container)));
    }
    return outcome.milliseconds();
  }

  /** What the plugin printed when it was last run for the container. */
  String answer(Container container) {
    try {
      return Files.readString(answerFile(container), StandardCharsets.UTF_8).strip();
    } catch (IOException e) {
      return "(no answer: " + e.getMessage() + ")";
    }
  }

  private Path answerFile(Container container) {
    return output.resolve(name + "-" + container.number() + ".out");
  }
}
