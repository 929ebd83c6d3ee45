package io.seine.agent.verdict;

import java.util.ArrayList;
import java.util.List;

/**
 * Whether something holds of a connection.
 *
 * @param why in words; of a list of alternatives those that hold, or else all
 */
record Check(boolean holds, String why) {
  static Check of(boolean holds, String what) {
    return new Check(holds, (holds ? "is " : "is not ") + what);
  }

  /** Holds if one of them does. */
  static Check any(List<Check> alternatives) {
    List<String> failed = new ArrayList<>();
    for (Check check : alternatives) {
      if (check.holds()) {
        return check;
      }
      failed.add(check.why());
    }
    return new Check(false, String.join("; ", failed));
  }

  Check and(Check other) {
    if (holds && other.holds) {
      return new Check(true, why + "; " + other.why);
    }
    return holds ? other : this;
  }
}
