package io.seine.ovsdb;

import java.util.UUID;

/**
 * A reference to a row: one that is in the database, or one that the same transaction inserts (RFC
 * 7047, sections 3.1 and 5.1).
 */
public sealed interface RowRef {

  /** A row in the database. */
  record Existing(UUID uuid) implements RowRef {}

  /** A row that the same transaction inserts under this name. */
  record Named(String name) implements RowRef {}

  /** The reference to a row in the database. */
  static RowRef of(UUID uuid) {
    return new Existing(uuid);
  }
}
