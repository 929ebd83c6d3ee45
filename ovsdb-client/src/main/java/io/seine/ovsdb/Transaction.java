package io.seine.ovsdb;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Collects operations and commits them as one. For one thread, for one commit.
 *
 * <p>A row that nothing refers to is deleted silently by the server at commit (all tables used here
 * but Open_vSwitch): an inserted port must be added to its bridge in the same transaction.
 */
public final class Transaction {
  private final Transactor transactor;
  private final List<Operation> operations = new ArrayList<>();

  Transaction(Transactor transactor) {
    this.transactor = transactor;
  }

  /**
   * Inserts a row and returns the reference by which later operations of this transaction name it.
   */
  public RowRef.Named insert(String table, Map<String, Value> columns) {
    RowRef.Named ref = new RowRef.Named("row" + operations.size());
    operations.add(new Operation.Insert(table, ref, columns));
    return ref;
  }

  /** Writes columns of the rows that fit. */
  public Transaction update(String table, Condition where, Map<String, Value> columns) {
    return add(new Operation.Update(table, List.of(where), columns));
  }

  /** Adds elements to a set or map column; a map's key that is there keeps its value. */
  public Transaction insertInto(String table, Condition where, String column, Value elements) {
    return add(
        new Operation.Mutate(table, List.of(where), column, Operation.Mutator.INSERT, elements));
  }

  /** Takes elements from a set column, or keys (given as a set) from a map column. */
  public Transaction deleteFrom(String table, Condition where, String column, Value elements) {
    return add(
        new Operation.Mutate(table, List.of(where), column, Operation.Mutator.DELETE, elements));
  }

  /** Writes these keys of a map column, whatever they hold now; other keys stay. */
  public Transaction putInto(
      String table, Condition where, String column, Map<String, String> entries) {
    return deleteFrom(table, where, column, Value.strings(entries.keySet()))
        .insertInto(table, where, column, Value.map(entries));
  }

  /** Deletes the rows that fit. */
  public Transaction delete(String table, Condition where) {
    return add(new Operation.Delete(table, List.of(where)));
  }

  /** Fails the whole transaction if any row fits. */
  public Transaction requireNone(String table, Condition where, String otherwise) {
    return add(new Operation.RequireNone(table, List.of(where), otherwise));
  }

  /** Fails the whole transaction unless the row that fits has these values. */
  public Transaction requireRow(
      String table, Condition where, Map<String, Value> columns, String otherwise) {
    return add(new Operation.RequireRow(table, List.of(where), columns, otherwise));
  }

  /** Reads columns of the rows that fit. */
  public Transaction select(String table, Condition where, Collection<String> columns) {
    return add(new Operation.Select(table, List.of(where), Set.copyOf(columns)));
  }

  /** Leaves a line in the database's log. */
  public Transaction comment(String text) {
    return add(new Operation.Comment(text));
  }

  /** Whether there is nothing to do. */
  public boolean isEmpty() {
    return operations.isEmpty();
  }

  /**
   * Commits.
   *
   * @throws OvsdbException see {@link Transactor#commit}
   */
  public TransactionResult commit(Duration timeout) {
    return transactor.commit(operations, timeout);
  }

  private Transaction add(Operation operation) {
    operations.add(operation);
    return this;
  }
}
