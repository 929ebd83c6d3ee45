package io.seine.agent.config;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/** Reads the configuration file. All mistakes are collected, so that one reading shows them all. */
public final class ConfigReader {
  private final String file;
  private final UnaryOperator<String> environment;
  private final List<ConfigException.Mistake> mistakes = new ArrayList<>();
  private final Map<Option<?>, List<?>> values = new LinkedHashMap<>();

  private ConfigReader(String file, UnaryOperator<String> environment) {
    this.file = file;
    this.environment = environment;
  }

  /**
   * @param environment the value of an environment variable, or the empty string
   * @throws ConfigException if the file cannot be read or has mistakes
   */
  public static AgentConfig read(Path path, UnaryOperator<String> environment)
      throws ConfigException {
    String text;
    try {
      text = Files.readString(path, StandardCharsets.UTF_8);
    } catch (NoSuchFileException e) {
      throw whole(path.toString(), "there is no such file; name one with --config FILE");
    } catch (IOException e) {
      throw whole(path.toString(), "cannot be read: " + e);
    }
    return parse(path.toString(), text, environment);
  }

  /**
   * @param file what mistakes are reported against
   */
  public static AgentConfig parse(String file, String text, UnaryOperator<String> environment)
      throws ConfigException {
    return new ConfigReader(file, environment).parse(text);
  }

  private static ConfigException whole(String file, String text) {
    return new ConfigException(file, List.of(new ConfigException.Mistake(0, 0, text)));
  }

  private AgentConfig parse(String text) throws ConfigException {
    Optional<Node> root;
    try {
      LoadSettings settings =
          LoadSettings.builder().setLabel(file).setAllowDuplicateKeys(true).build();
      root = new Compose(settings).composeString(text);
    } catch (MarkedYamlEngineException e) {
      mistake(e.getProblemMark(), "is not YAML: " + e.getProblem());
      throw new ConfigException(file, mistakes);
    } catch (YamlEngineException e) {
      throw whole(file, "is not YAML: " + e.getMessage());
    }
    switch (root.orElse(null)) {
      case null -> {} // an empty file: only required options can be missing
      case MappingNode mapping -> options(mapping);
      case Node other -> mistake(other.getStartMark(), "expected 'option: value' lines");
    }
    Optional<AgentConfig> config = mistakes.isEmpty() ? Optional.of(assemble()) : Optional.empty();
    if (config.isEmpty() || !mistakes.isEmpty()) {
      throw new ConfigException(file, mistakes);
    }
    return config.get();
  }

  private void options(MappingNode mapping) {
    Map<String, Node> seen = new HashMap<>();
    for (NodeTuple tuple : mapping.getValue()) {
      Node keyNode = tuple.getKeyNode();
      if (!(keyNode instanceof ScalarNode key)) {
        mistake(keyNode.getStartMark(), "an option's name must be a single word");
        continue;
      }
      String name = key.getValue();
      Optional<Option<?>> option =
          Options.all().stream().filter(o -> o.key().equals(name)).findFirst();
      Node before = seen.putIfAbsent(name, key);
      if (option.isEmpty()) {
        mistake(key.getStartMark(), "unknown option '" + name + "'" + suggestion(name));
      } else if (before != null) {
        mistake(
            key.getStartMark(),
            "option '"
                + name
                + "' is already set on line "
                + before.getStartMark().map(m -> m.getLine() + 1).orElse(0));
      } else {
        option(option.get(), tuple.getValueNode());
      }
    }
  }

  private <T> void option(Option<T> option, Node value) {
    List<T> parsed = new ArrayList<>();
    if (option.list() && value instanceof SequenceNode sequence) {
      sequence.getValue().forEach(item -> scalar(option, item).ifPresent(parsed::add));
    } else if (option.list()) {
      mistake(value.getStartMark(), "'" + option.key() + "' takes a list of " + option.kind());
    } else {
      scalar(option, value).ifPresent(parsed::add);
    }
    values.put(option, parsed);
  }

  private <T> Optional<T> scalar(Option<T> option, Node node) {
    if (!(node instanceof ScalarNode scalar)) {
      mistake(
          node.getStartMark(),
          "'" + option.key() + "' takes " + (option.list() ? "" : "one value: ") + option.kind());
      return Optional.empty();
    }
    if (scalar.getTag().equals(Tag.NULL)) {
      mistake(
          scalar.getStartMark(), "'" + option.key() + "' has no value; it takes " + option.kind());
      return Optional.empty();
    }
    try {
      return Optional.of(option.parser().apply(scalar.getValue()));
    } catch (IllegalArgumentException e) {
      mistake(
          scalar.getStartMark(),
          "'" + option.key() + "' " + e.getMessage() + "; it takes " + option.kind());
      return Optional.empty();
    }
  }

  private void mistake(Optional<Mark> mark, String text) {
    mistakes.add(
        new ConfigException.Mistake(
            mark.map(m -> m.getLine() + 1).orElse(0),
            mark.map(m -> m.getColumn() + 1).orElse(0),
            text));
  }

  private static String suggestion(String name) {
    return Options.all().stream()
        .map(Option::key)
        .map(key -> Map.entry(key, Spelling.distance(name, key)))
        .filter(e -> e.getValue() <= Math.max(2, e.getKey().length() / 3))
        .min(Map.Entry.comparingByValue())
        .map(e -> "; did you mean '" + e.getKey() + "'?")
        .orElse("; docs/configuration.md lists them all");
  }

  private <T> List<T> all(Option<T> option) {
    List<?> found = values.get(option);
    if (found == null) {
      return option.defaults();
    }
    @SuppressWarnings("unchecked") // put there by option(), from this option's own parser
    List<T> typed = (List<T>) found;
    return typed;
  }

  private <T> Optional<T> maybe(Option<T> option) {
    return all(option).stream().findFirst();
  }

  private <T> T one(Option<T> option) {
    return maybe(option).orElseThrow();
  }

  private AgentConfig assemble() {
    for (Option<?> option : Options.all()) {
      if (option.required() && all(option).isEmpty()) {
        mistake(Optional.empty(), "'" + option.key() + "' must be set; it takes " + option.kind());
      }
    }
    Optional<String> nodeName =
        maybe(Options.NODE_NAME)
            .or(() -> Optional.of(environment.apply("NODE_NAME")).filter(s -> !s.isEmpty()));
    if (nodeName.isEmpty()) {
      mistake(
          Optional.empty(),
          "'nodeName' is not set, and neither is the environment variable NODE_NAME");
    }
    TunnelType tunnel = one(Options.TUNNEL_TYPE);
    int port = one(Options.TUNNEL_PORT);
    if (port == 0) {
      port = tunnel == TunnelType.GENEVE ? 6081 : 4789;
    }
    return new AgentConfig(
        nodeName.orElse(""),
        maybe(Options.KUBECONFIG),
        maybe(Options.API_SERVER),
        one(Options.BRIDGE),
        one(Options.DATAPATH_TYPE),
        one(Options.OVSDB_SOCKET),
        one(Options.OVS_RUN_DIR),
        tunnel,
        port,
        maybe(Options.TRANSPORT_ADDRESS),
        maybe(Options.MTU).filter(mtu -> mtu != 0),
        all(Options.SERVICE_CIDRS),
        all(Options.CLUSTER_POD_CIDRS),
        one(Options.MASQUERADE),
        one(Options.ENABLE_IP_FORWARDING),
        all(Options.NODE_PORT_ADDRESSES),
        all(Options.EXTERNAL_IP_CIDRS),
        maybe(Options.SERVICE_PROXY_NAME),
        all(Options.SKIP_SERVICES),
        one(Options.CNI_SOCKET),
        one(Options.ADDRESS_REST),
        one(Options.AUDIT_INTERVAL),
        one(Options.REJECT_RATE),
        one(Options.ISOLATE_NAMESPACES),
        one(Options.POLICY_LOG_RATE),
        all(Options.DNS_SERVERS),
        one(Options.DNS_MIN_TTL),
        one(Options.HTTP_ADDRESS),
        one(Options.HTTP_PORT),
        one(Options.LOG_LEVEL));
  }
}
