package io.seine.ovsdb;

import java.time.Duration;
import java.util.List;

/** Whatever can commit transactions: one connection, or the session that keeps one. */
public interface Transactor {

  /**
   * Commits the operations, all or none.
   *
   * @return one result for each operation
   * @throws OvsdbException when any result row, or the commit itself, holds an error; when the
   *     connection ends or the deadline passes, the outcome is unknown
   */
  TransactionResult commit(List<Operation> operations, Duration timeout);
}
