package io.seine.sandbox.kubelet;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.seine.sandbox.netns.Namespace;
import io.seine.sandbox.process.Commands;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The runtime's half of CNI on one node: runs the plugins of a network configuration list in order,
 * as processes in the node's namespace (CNI SPEC 1.1.0, section 3).
 */
public final class CniRuntime {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String INTERFACE = "eth0";
  private final Namespace node;
  private final List<Path> pluginDirectories;
  private final JsonNode conflist;

  /**
   * A runtime for a node.
   *
   * @param node where the plugins run
   * @param pluginDirectories where they are looked for, in order; they become CNI_PATH
   * @param conflist a network configuration list in JSON
   */
  public CniRuntime(Namespace node, List<Path> pluginDirectories, String conflist) {
    this.node = node;
    this.pluginDirectories = List.copyOf(pluginDirectories);
    this.conflist = parse(conflist);
  }

  /**
   * A pod's attachment, as both ADD and DEL need it.
   *
   * @param containerId the sandbox container's id
   * @param netns the pod's namespace
   * @param podNamespace of the Pod object
   * @param podName of the Pod object
   * @param podUid of the Pod object
   * @param capabilities runtimeConfig by capability, for example portMappings
   */
  public record Attachment(
      String containerId,
      Namespace netns,
      String podNamespace,
      String podName,
      String podUid,
      Map<String, Object> capabilities) {
    public Attachment {
      capabilities = Map.copyOf(capabilities);
    }

    private String arguments() {
      return String.join(
          ";",
          "IgnoreUnknown=1",
          "K8S_POD_NAMESPACE=" + podNamespace,
          "K8S_POD_NAME=" + podName,
          "K8S_POD_INFRA_CONTAINER_ID=" + containerId,
          "K8S_POD_UID=" + podUid);
    }
  }

  /** Runs ADD of every plugin and returns the last result. */
  public JsonNode add(Attachment attachment) throws CniFailure {
    JsonNode previous = JSON.missingNode();
    for (JsonNode plugin : conflist.path("plugins")) {
      String output = invoke("ADD", plugin, Optional.of(previous), attachment, true);
      previous = parse(output);
    }
    return previous;
  }

  /**
   * Runs DEL of every plugin, last first.
   *
   * @param result what ADD returned, when it returned
   * @param withNetns false as a runtime does once the namespace is gone
   */
  public void del(Attachment attachment, Optional<JsonNode> result, boolean withNetns)
      throws CniFailure {
    List<JsonNode> plugins = new ArrayList<>();
    conflist.path("plugins").forEach(plugins::addFirst);
    for (JsonNode plugin : plugins) {
      var _ = invoke("DEL", plugin, result, attachment, withNetns);
    }
  }

  /** Runs CHECK of every plugin. */
  public void check(Attachment attachment, JsonNode result) throws CniFailure {
    for (JsonNode plugin : conflist.path("plugins")) {
      var _ = invoke("CHECK", plugin, Optional.of(result), attachment, true);
    }
  }

  private String invoke(
      String command,
      JsonNode plugin,
      Optional<JsonNode> previous,
      Attachment attachment,
      boolean withNetns)
      throws CniFailure {
    String type = plugin.path("type").asText();
    Map<String, String> env = new LinkedHashMap<>();
    env.put("CNI_COMMAND", command);
    env.put("CNI_CONTAINERID", attachment.containerId());
    env.put("CNI_NETNS", withNetns ? attachment.netns().path().toString() : "");
    env.put("CNI_IFNAME", INTERFACE);
    env.put("CNI_ARGS", attachment.arguments());
    env.put("CNI_PATH", String.join(":", pluginDirectories.stream().map(Path::toString).toList()));
    Commands.Result result =
        Commands.run(
            env,
            configuration(plugin, previous, attachment).toString(),
            node.entering(List.of(executable(type).toString())));
    if (!result.ok()) {
      throw new CniFailure(
          "plugin type=\"%s\" failed (%s): %s"
              .formatted(type, command.toLowerCase(java.util.Locale.ROOT), reason(result)));
    }
    return result.out();
  }

  private ObjectNode configuration(
      JsonNode plugin, Optional<JsonNode> previous, Attachment attachment) {
    ObjectNode configuration = plugin.deepCopy();
    configuration.set("name", conflist.path("name"));
    configuration.set("cniVersion", conflist.path("cniVersion"));
    previous.filter(JsonNode::isObject).ifPresent(p -> configuration.set("prevResult", p));
    ObjectNode runtime = JSON.createObjectNode();
    attachment
        .capabilities()
        .forEach((name, value) -> {
          if (plugin.path("capabilities").path(name).asBoolean()) {
            runtime.set(name, JSON.valueToTree(value));
          }
        });
    if (!runtime.isEmpty()) {
      configuration.set("runtimeConfig", runtime);
    }
    return configuration;
  }

  private Path executable(String type) throws CniFailure {
    for (Path directory : pluginDirectories) {
      if (Files.isExecutable(directory.resolve(type))) {
        return directory.resolve(type);
      }
    }
    throw new CniFailure("failed to find plugin \"" + type + "\" in path " + pluginDirectories);
  }

  private static String reason(Commands.Result result) {
    try {
      JsonNode error = JSON.readTree(result.out());
      if (error != null && error.hasNonNull("msg")) {
        String details = error.path("details").asText();
        return error.path("msg").asText()
            + (details.isEmpty() ? "" : "; " + details)
            + " (code "
            + error.path("code").asInt()
            + ")";
      }
    } catch (JsonProcessingException e) {
      // Not an error object: what it printed is then the best there is.
    }
    return "exit " + result.exit() + " " + (result.out() + result.err()).strip();
  }

  private static JsonNode parse(String json) {
    try {
      return JSON.readTree(json);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("not JSON: '" + json + "'", e);
    }
  }
}
