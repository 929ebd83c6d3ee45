package io.seine.ovsdb;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** A column's value in the notation of RFC 7047, section 5.1. */
public sealed interface Value {

  /** A string. */
  record Text(String value) implements Value {}

  /** A 64-bit integer. */
  record Int(long value) implements Value {}

  /** A real number. */
  record Real(double value) implements Value {}

  /** A boolean. */
  record Bool(boolean value) implements Value {}

  /** A reference to a row. */
  record Ref(RowRef row) implements Value {}

  /** A set; also how an optional column is written (none or one element). */
  record SetOf(List<Value> elements) implements Value {
    public SetOf {
      elements = List.copyOf(elements);
    }
  }

  /** A map of atoms. */
  record MapOf(Map<Value, Value> entries) implements Value {
    public MapOf {
      entries = Map.copyOf(entries);
    }
  }

  static Value of(String value) {
    return new Text(value);
  }

  static Value of(long value) {
    return new Int(value);
  }

  static Value of(boolean value) {
    return new Bool(value);
  }

  static Value of(RowRef row) {
    return new Ref(row);
  }

  static Value of(UUID row) {
    return new Ref(RowRef.of(row));
  }

  /** The set of these strings. */
  static Value strings(Collection<String> values) {
    return new SetOf(values.stream().map(Value::of).toList());
  }

  /** The set of these rows. */
  static Value rows(Collection<? extends RowRef> rows) {
    return new SetOf(rows.stream().map(Value::of).toList());
  }

  /** The map of these strings. */
  static Value map(Map<String, String> entries) {
    Map<Value, Value> values = new LinkedHashMap<>();
    entries.forEach((k, v) -> values.put(of(k), of(v)));
    return new MapOf(values);
  }

  /** No value: what empties an optional column or a set. */
  static Value none() {
    return new SetOf(List.of());
  }

  /** The JSON of RFC 7047, section 5.1. */
  default JsonNode toJson() {
    JsonNodeFactory json = JsonNodeFactory.instance;
    return switch (this) {
      case Text(String text) -> TextNode.valueOf(text);
      case Int(long number) -> LongNode.valueOf(number);
      case Real(double number) -> DoubleNode.valueOf(number);
      case Bool(boolean flag) -> BooleanNode.valueOf(flag);
      case Ref(RowRef.Existing(UUID uuid)) -> json.arrayNode().add("uuid").add(uuid.toString());
      case Ref(RowRef.Named(String name)) -> json.arrayNode().add("named-uuid").add(name);
      case SetOf(List<Value> elements) -> {
        ArrayNode set = json.arrayNode();
        elements.forEach(e -> set.add(e.toJson()));
        yield json.arrayNode().add("set").add(set);
      }
      case MapOf(Map<Value, Value> entries) -> {
        ArrayNode map = json.arrayNode();
        entries.forEach((k, v) -> map.add(json.arrayNode().add(k.toJson()).add(v.toJson())));
        yield json.arrayNode().add("map").add(map);
      }
    };
  }

  /**
   * Reads a value.
   *
   * @throws IllegalArgumentException when it is none of the notations of RFC 7047, section 5.1
   */
  static Value fromJson(JsonNode json) {
    if (json.isTextual()) {
      return of(json.textValue());
    }
    if (json.isIntegralNumber()) {
      return of(json.longValue());
    }
    if (json.isNumber()) {
      return new Real(json.doubleValue());
    }
    if (json.isBoolean()) {
      return of(json.booleanValue());
    }
    if (!json.isArray() || json.size() != 2) {
      throw new IllegalArgumentException("not an OVSDB value: " + json);
    }
    JsonNode body = json.get(1);
    return switch (json.get(0).asText()) {
      case "uuid" -> of(UUID.fromString(body.asText()));
      case "named-uuid" -> of(new RowRef.Named(body.asText()));
      case "set" -> {
        List<Value> elements = new ArrayList<>();
        body.forEach(e -> elements.add(fromJson(e)));
        yield new SetOf(elements);
      }
      case "map" -> {
        Map<Value, Value> entries = new LinkedHashMap<>();
        body.forEach(e -> entries.put(fromJson(e.path(0)), fromJson(e.path(1))));
        yield new MapOf(entries);
      }
      default -> throw new IllegalArgumentException("not an OVSDB value: " + json);
    };
  }
}
