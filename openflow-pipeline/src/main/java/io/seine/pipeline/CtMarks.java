package io.seine.pipeline;

import io.seine.openflow.BitRange;
import io.seine.openflow.Field;
import java.util.List;

/** What the mark of a tracked connection says. This is the one place that says so. */
public final class CtMarks {
  public static final NamedBits SERVICE =
      NamedBits.flag(
          "service",
          new BitRange(Field.CT_MARK, 4, 4),
          "The connection was made to a service; its destination is translated.");

  public static final NamedBits SNAT =
      NamedBits.flag(
          "snat", new BitRange(Field.CT_MARK, 5, 5), "The connection's source is translated.");

  public static final List<NamedBits> ALL = List.of(SERVICE, SNAT);

  private CtMarks() {}
}
