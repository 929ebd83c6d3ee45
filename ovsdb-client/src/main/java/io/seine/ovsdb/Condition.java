package io.seine.ovsdb;

import java.util.Map;
import java.util.UUID;

/** Which rows an operation touches (RFC 7047, section 5.1); several conditions must all hold. */
public record Condition(String column, Function function, Value value) {

  /** How a column is compared. */
  public enum Function {
    EQUALS,
    NOT_EQUALS,
    INCLUDES,
    EXCLUDES
  }

  /** The row of this identity. */
  public static Condition uuid(UUID uuid) {
    return new Condition("_uuid", Function.EQUALS, Value.of(uuid));
  }

  /** The rows of this name. */
  public static Condition name(String name) {
    return new Condition("name", Function.EQUALS, Value.of(name));
  }

  /** The rows whose map column has these entries, whatever else it has. */
  public static Condition has(String column, Map<String, String> entries) {
    return new Condition(column, Function.INCLUDES, Value.map(entries));
  }
}
