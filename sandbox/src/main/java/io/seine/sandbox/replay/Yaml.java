package io.seine.sandbox.replay;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * A mapping of a YAML file, with its place in the file for messages.
 *
 * @param place {@code steps[2].labels}
 */
record Yaml(String place, Map<?, ?> map) {
  private static final ObjectMapper JSON = new ObjectMapper();

  static Yaml parse(String text) {
    LoadSettings settings = LoadSettings.builder().build();
    try {
      return of("case", new Load(settings).loadFromString(text));
    } catch (YamlEngineException e) {
      throw new CaseException("not YAML: " + e.getMessage(), e);
    }
  }

  /** As YAML in blocks, with flow style for the innermost collections. */
  static String dump(JsonNode tree) {
    DumpSettings settings =
        DumpSettings.builder()
            .setDefaultFlowStyle(FlowStyle.AUTO)
            .setWidth(140)
            .setExplicitStart(false)
            .build();
    return new Dump(settings).dumpToString(JSON.convertValue(tree, Object.class));
  }

  private static Yaml of(String place, Object value) {
    if (value instanceof Map<?, ?> map) {
      return new Yaml(place, map);
    }
    throw new CaseException(place + " is no mapping: " + value);
  }

  void onlyHas(String... keys) {
    for (Object key : map.keySet()) {
      if (!Set.of(keys).contains(String.valueOf(key))) {
        throw new CaseException(
            "%s: '%s' is not known; there are %s".formatted(place, key, String.join(", ", keys)));
      }
    }
  }

  boolean has(String key) {
    return map.containsKey(key);
  }

  String text(String key) {
    Object value = map.get(key);
    return value == null ? "" : String.valueOf(value).strip();
  }

  boolean flag(String key) {
    return text(key).equals("true");
  }

  /** Empty if absent. */
  Yaml mapping(String key) {
    Object value = map.get(key);
    return value == null ? new Yaml(place + "." + key, Map.of()) : of(place + "." + key, value);
  }

  /** Empty if absent. */
  List<?> list(String key) {
    Object value = map.get(key);
    if (value == null) {
      return List.of();
    }
    if (value instanceof List<?> list) {
      return list;
    }
    throw new CaseException("%s.%s is no list: %s".formatted(place, key, value));
  }

  List<String> texts(String key) {
    return list(key).stream().map(String::valueOf).toList();
  }

  List<Yaml> mappings(String key) {
    List<?> list = list(key);
    return java.util.stream.IntStream.range(0, list.size())
        .mapToObj(i -> of("%s.%s[%d]".formatted(place, key, i), list.get(i)))
        .toList();
  }

  List<String> keys() {
    return map.keySet().stream().map(String::valueOf).toList();
  }

  /** All of it as text by text. */
  Map<String, String> labels() {
    Map<String, String> labels = new LinkedHashMap<>();
    map.forEach((key, value) -> labels.put(String.valueOf(key), String.valueOf(value)));
    return labels;
  }

  JsonNode json() {
    return JSON.valueToTree(map);
  }
}
