package io.seine.sandbox.replay;

import java.util.Optional;

/** What becomes of a connection. */
public enum Outcome {
  ALLOWED("ok"),
  DENIED("X"),
  /** Allowed, and a policy of a dry run would deny it; some executors cannot see that. */
  DRY("dry");

  private final String cell;

  Outcome(String cell) {
    this.cell = cell;
  }

  /** As tables have it. */
  public String cell() {
    return cell;
  }

  /** Whether the connection is opened. */
  public boolean opens() {
    return this != DENIED;
  }

  static Optional<Outcome> of(String cell) {
    for (Outcome outcome : values()) {
      if (outcome.cell.equals(cell)) {
        return Optional.of(outcome);
      }
    }
    return Optional.empty();
  }
}
