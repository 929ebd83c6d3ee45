package io.seine.agent.kube;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/**
 * Which members of an object are read; the others are skipped where they stand in the stream, so
 * that nothing is made of them. Never read is {@code metadata.managedFields}, which is often larger
 * than the rest.
 *
 * @param members empty: all, whole
 */
record Fields(Map<String, Fields> members) {
  static final Fields ALL = new Fields(Map.of());

  private static final String NEVER = "managedFields";

  Fields {
    members = Map.copyOf(members);
  }

  /** These paths, such as {@code spec.containers.ports}; arrays are looked through. */
  static Fields of(String... paths) {
    Map<String, Fields> members = new HashMap<>();
    for (String path : paths) {
      int dot = path.indexOf('.');
      String head = dot < 0 ? path : path.substring(0, dot);
      Fields rest = dot < 0 ? ALL : of(path.substring(dot + 1));
      members.merge(head, rest, Fields::or);
    }
    return new Fields(members);
  }

  private Fields or(Fields other) {
    if (members.isEmpty() || other.members.isEmpty()) {
      return ALL;
    }
    Map<String, Fields> both = new HashMap<>(members);
    other.members.forEach((name, fields) -> both.merge(name, fields, Fields::or));
    return new Fields(both);
  }

  /** Reads the value that the parser stands at, and leaves the parser at its end. */
  JsonNode read(JsonParser parser, ObjectMapper json) throws IOException {
    return switch (parser.currentToken()) {
      case START_OBJECT -> object(parser, json);
      case START_ARRAY -> array(parser, json);
      default -> json.readTree(parser);
    };
  }

  private ObjectNode object(JsonParser parser, ObjectMapper json) throws IOException {
    ObjectNode object = json.createObjectNode();
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      JsonToken _ = parser.nextToken();
      Fields member = members.isEmpty() ? ALL : members.get(name);
      if (member == null || name.equals(NEVER)) {
        parser.skipChildren();
      } else {
        object.set(name, member.read(parser, json));
      }
    }
    return object;
  }

  private ArrayNode array(JsonParser parser, ObjectMapper json) throws IOException {
    ArrayNode array = json.createArrayNode();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      array.add(read(parser, json));
    }
    return array;
  }
}
