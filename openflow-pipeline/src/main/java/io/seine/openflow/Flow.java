package io.seine.openflow;

import java.util.List;

/**
 * A flow as it should stand in a table. Identity in the switch is table, priority and match; the
 * cookie is not part of the value, since it is derived from it.
 *
 * @param table 0 to 254
 * @param priority 0 to 65535, the highest wins
 * @param actions in order; empty means drop
 */
public record Flow(int table, int priority, Match match, List<Action> actions) {
  public Flow {
    if (table < 0 || table > 254 || priority < 0 || priority > 0xffff) {
      throw new IllegalArgumentException("table " + table + ", priority " + priority);
    }
    actions = List.copyOf(actions);
  }

  /** What makes two flows the same entry of a switch. */
  public record Key(int table, int priority, Match match) {}

  public Key key() {
    return new Key(table, priority, match);
  }
}
