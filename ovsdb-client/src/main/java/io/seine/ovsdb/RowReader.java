package io.seine.ovsdb;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.opendaylight.ovsdb.lib.notation.Column;
import org.opendaylight.ovsdb.lib.notation.Row;
import org.opendaylight.ovsdb.lib.schema.ColumnSchema;
import org.opendaylight.ovsdb.lib.schema.GenericTableSchema;

/**
 * Reads the columns of one of the library's rows, whose values are atoms, sets and maps by the
 * schema. A column the server did not send reads as empty.
 */
record RowReader(UUID uuid, Row<GenericTableSchema> row) {

  String requiredText(String column) {
    return text(column).orElse("");
  }

  Optional<String> text(String column) {
    return values(column).stream().findFirst().map(Object::toString);
  }

  Set<String> texts(String column) {
    return values(column).stream().map(Object::toString).collect(Collectors.toUnmodifiableSet());
  }

  Set<UUID> uuids(String column) {
    return values(column).stream()
        .map(value -> UUID.fromString(value.toString()))
        .collect(Collectors.toUnmodifiableSet());
  }

  OptionalInt integer(String column) {
    return values(column).stream()
        .mapToInt(value -> Math.toIntExact(((Number) value).longValue()))
        .findFirst();
  }

  Map<String, String> map(String column) {
    Map<String, String> entries = new LinkedHashMap<>();
    if (data(column).orElse(Map.of()) instanceof Map<?, ?> map) {
      map.forEach((key, value) -> entries.put(String.valueOf(key), String.valueOf(value)));
    }
    return Map.copyOf(entries);
  }

  private Collection<?> values(String column) {
    Optional<Object> data = data(column);
    if (data.isEmpty()) {
      return List.of();
    }
    return data.get() instanceof Collection<?> set ? set : List.of(data.get());
  }

  private Optional<Object> data(String name) {
    ColumnSchema<GenericTableSchema, Object> schema =
        row.getTableSchema().column(name, Object.class);
    Column<GenericTableSchema, Object> column = row.getColumn(schema);
    return column == null ? Optional.empty() : Optional.ofNullable(column.getData());
  }
}
