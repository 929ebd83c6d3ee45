package io.seine.ovsdb;

import java.util.List;
import java.util.Map;
import java.util.Set;

/** One step of a transaction (RFC 7047, section 5.2). */
public sealed interface Operation {

  /** Inserts a row; {@code ref} names it inside the transaction. */
  record Insert(String table, RowRef.Named ref, Map<String, Value> columns) implements Operation {
    public Insert {
      columns = Map.copyOf(columns);
    }
  }

  /** Writes columns of the rows that fit. */
  record Update(String table, List<Condition> where, Map<String, Value> columns)
      implements Operation {
    public Update {
      where = List.copyOf(where);
      columns = Map.copyOf(columns);
    }
  }

  /**
   * Adds elements to, or takes elements from, a set or map column of the rows that fit. Adding a
   * map's key that is there already changes nothing.
   */
  record Mutate(String table, List<Condition> where, String column, Mutator mutator, Value value)
      implements Operation {
    public Mutate {
      where = List.copyOf(where);
    }
  }

  /** What a mutation does. */
  enum Mutator {
    INSERT,
    DELETE
  }

  /** Deletes the rows that fit. */
  record Delete(String table, List<Condition> where) implements Operation {
    public Delete {
      where = List.copyOf(where);
    }
  }

  /** Fails the transaction at once, with the text {@code otherwise}, if any row fits. */
  record RequireNone(String table, List<Condition> where, String otherwise) implements Operation {
    public RequireNone {
      where = List.copyOf(where);
    }
  }

  /**
   * Fails the transaction at once, with the text {@code otherwise}, unless a row fits and has these
   * values.
   */
  record RequireRow(
      String table, List<Condition> where, Map<String, Value> columns, String otherwise)
      implements Operation {
    public RequireRow {
      where = List.copyOf(where);
      columns = Map.copyOf(columns);
    }
  }

  /** Reads columns of the rows that fit. */
  record Select(String table, List<Condition> where, Set<String> columns) implements Operation {
    public Select {
      where = List.copyOf(where);
      columns = Set.copyOf(columns);
    }
  }

  /** A line in the database's log. */
  record Comment(String text) implements Operation {}

  /** The operation in words, for error messages: "insert into Port". */
  default String describe() {
    return switch (this) {
      case Insert op -> "insert into " + op.table;
      case Update op -> "update of " + op.table;
      case Mutate op -> "mutation of " + op.table + "." + op.column;
      case Delete op -> "delete from " + op.table;
      case RequireNone op -> "wait on " + op.table;
      case RequireRow op -> "wait on " + op.table;
      case Select op -> "select from " + op.table;
      case Comment op -> "comment";
    };
  }
}
