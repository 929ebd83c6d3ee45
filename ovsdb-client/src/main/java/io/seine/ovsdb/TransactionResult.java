package io.seine.ovsdb;

import java.util.List;
import java.util.Map;
import java.util.UUID;

/** What a committed transaction did. */
public record TransactionResult(List<Operation> operations, List<Row> rows) {

  /**
   * The result of one operation: the rows it touched, those it read, and for an insert the new
   * row's identity in {@code selected} under {@code _uuid}.
   */
  public record Row(long count, List<Map<String, Value>> selected) {
    public Row {
      selected = List.copyOf(selected);
    }
  }

  public TransactionResult {
    operations = List.copyOf(operations);
    rows = List.copyOf(rows);
  }

  /**
   * The identity of a row this transaction inserted.
   *
   * @throws IllegalArgumentException when the reference is another transaction's
   */
  public UUID uuid(RowRef.Named ref) {
    for (int i = 0; i < operations.size(); i++) {
      if (operations.get(i) instanceof Operation.Insert insert
          && insert.ref().equals(ref)
          && rows.get(i).selected().getFirst().get("_uuid")
              instanceof Value.Ref(RowRef.Existing(UUID uuid))) {
        return uuid;
      }
    }
    throw new IllegalArgumentException("the transaction inserted no row named " + ref.name());
  }

  /** How many rows the operation of this index touched. */
  public long count(int index) {
    return rows.get(index).count();
  }
}
