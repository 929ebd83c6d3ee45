package io.seine.ovsdb;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.opendaylight.ovsdb.lib.notation.Function;
import org.opendaylight.ovsdb.lib.notation.Mutation;
import org.opendaylight.ovsdb.lib.notation.Mutator;
import org.opendaylight.ovsdb.lib.operations.Comment;
import org.opendaylight.ovsdb.lib.operations.Delete;
import org.opendaylight.ovsdb.lib.operations.Insert;
import org.opendaylight.ovsdb.lib.operations.Mutate;
import org.opendaylight.ovsdb.lib.operations.Select;
import org.opendaylight.ovsdb.lib.operations.Update;
import org.opendaylight.ovsdb.lib.schema.DatabaseSchema;
import org.opendaylight.ovsdb.lib.schema.GenericTableSchema;

/**
 * Writes our operations as the library's, which it serializes; the library has no {@code wait}, so
 * that one is added.
 */
final class LibraryOperations {
  private LibraryOperations() {}

  /** The library's form of an operation. */
  static org.opendaylight.ovsdb.lib.operations.Operation<?> toLibrary(
      Operation operation, DatabaseSchema schema) {
    return switch (operation) {
      case Operation.Insert op -> {
        Insert<GenericTableSchema> insert = new Insert<>(table(schema, op.table()));
        insert.setUuidName(op.ref().name());
        insert.setRow(row(op.columns()));
        yield insert;
      }
      case Operation.Update op -> {
        Update<GenericTableSchema> update = new Update<>(table(schema, op.table()));
        update.setRow(row(op.columns()));
        update.setWhere(where(op.where()));
        yield update;
      }
      case Operation.Mutate op -> {
        Mutate<GenericTableSchema> mutate = new Mutate<>(table(schema, op.table()));
        mutate.setMutations(
            List.of(
                new Mutation(
                    op.column(), Mutator.valueOf(op.mutator().name()), op.value().toJson())));
        mutate.setWhere(where(op.where()));
        yield mutate;
      }
      case Operation.Delete op -> {
        Delete<GenericTableSchema> delete = new Delete<>(table(schema, op.table()));
        op.where().forEach(c -> delete.addCondition(condition(c)));
        yield delete;
      }
      case Operation.Select op -> {
        Select<GenericTableSchema> select = new Select<>(table(schema, op.table()));
        select.setColumns(List.copyOf(op.columns()));
        select.setWhere(where(op.where()));
        yield select;
      }
      case Operation.RequireNone op ->
          new Wait(table(schema, op.table()), where(op.where()), List.of("_uuid"), List.of());
      case Operation.RequireRow op ->
          new Wait(
              table(schema, op.table()),
              where(op.where()),
              List.copyOf(op.columns().keySet()),
              List.of(row(op.columns())));
      case Operation.Comment op -> new Comment(op.text());
    };
  }

  private static GenericTableSchema table(DatabaseSchema schema, String table) {
    if (!schema.hasTable(table)) {
      throw new IllegalArgumentException(
          "the database " + schema.getName() + " has no table " + table);
    }
    return schema.table(table, GenericTableSchema.class);
  }

  private static Map<String, Object> row(Map<String, Value> columns) {
    Map<String, Object> row = new HashMap<>();
    columns.forEach((name, value) -> row.put(name, value.toJson()));
    return row;
  }

  private static List<org.opendaylight.ovsdb.lib.notation.Condition> where(
      List<Condition> conditions) {
    return new ArrayList<>(conditions.stream().map(LibraryOperations::condition).toList());
  }

  private static org.opendaylight.ovsdb.lib.notation.Condition condition(Condition condition) {
    JsonNode value = condition.value().toJson();
    return new org.opendaylight.ovsdb.lib.notation.Condition(
        condition.column(), Function.valueOf(condition.function().name()), value);
  }

  /**
   * RFC 7047, section 5.2.6, with {@code until} "==" and no waiting: the rows that fit must be
   * these now.
   */
  static final class Wait
      extends org.opendaylight.ovsdb.lib.operations.Operation<GenericTableSchema> {
    private final List<org.opendaylight.ovsdb.lib.notation.Condition> where;
    private final List<String> columns;
    private final List<Map<String, Object>> rows;

    Wait(
        GenericTableSchema table,
        List<org.opendaylight.ovsdb.lib.notation.Condition> where,
        List<String> columns,
        List<Map<String, Object>> rows) {
      super(table, "wait");
      this.where = where;
      this.columns = columns;
      this.rows = rows;
    }

    @JsonProperty
    public int getTimeout() {
      return 0;
    }

    @JsonProperty
    public String getUntil() {
      return "==";
    }

    @JsonProperty
    public List<org.opendaylight.ovsdb.lib.notation.Condition> getWhere() {
      return where;
    }

    @JsonProperty
    public List<String> getColumns() {
      return columns;
    }

    @JsonProperty
    public List<Map<String, Object>> getRows() {
      return rows;
    }
  }
}
