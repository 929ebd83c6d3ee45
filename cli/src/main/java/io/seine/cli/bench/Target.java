package io.seine.cli.bench;

/**
 * What a measure is to reach.
 *
 * @param of which of its figures is held against the limit
 * @param atLeast whether the limit is the least that will do, not the most
 */
record Target(Of of, boolean atLeast, double limit) {

  /** A figure of a measure. */
  enum Of {
    /** Seine's median over the peer's. */
    RATIO,
    /** Seine's median. */
    MEDIAN
  }

  static Target ratioAtMost(double limit) {
    return new Target(Of.RATIO, false, limit);
  }

  static Target ratioAtLeast(double limit) {
    return new Target(Of.RATIO, true, limit);
  }

  static Target medianAtMost(double limit) {
    return new Target(Of.MEDIAN, false, limit);
  }

  static Target medianAtLeast(double limit) {
    return new Target(Of.MEDIAN, true, limit);
  }

  boolean met(double figure) {
    return atLeast ? figure >= limit : figure <= limit;
  }

  /** In words, as {@code ratio <= 1.1}. */
  String text(String unit) {
    String sign = atLeast ? ">= " : "<= ";
    String number = limit == Math.rint(limit) && limit > 1 ? "" + Math.round(limit) : "" + limit;
    return switch (of) {
      case RATIO -> "ratio " + sign + limit;
      case MEDIAN -> sign + number + (unit.isEmpty() ? "" : " " + unit);
    };
  }
}
