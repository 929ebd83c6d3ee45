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
          "snat",
          new BitRange(Field.CT_MARK, 5, 5),
          "The connection's source is translated, if only to keep its port apart.");

  public static final NamedBits LOCAL =
      NamedBits.flag(
          "local",
          new BitRange(Field.CT_MARK, 6, 6),
          "The endpoint is on this node and sees the client's own address.");

  public static final NamedBits DENIED =
      NamedBits.flag(
          "denied",
          new BitRange(Field.CT_MARK, 7, 7),
          "A policy denied the connection after it had been recorded: what answers is dropped.");

  public static final NamedBits RECORDED =
      NamedBits.flag(
          "recorded",
          new BitRange(Field.CT_MARK, 8, 8),
          "Commit recorded the connection, which is still new to connection tracking until something"
              + " answers.");

  public static final List<NamedBits> ALL = List.of(SERVICE, SNAT, LOCAL, DENIED, RECORDED);

  private CtMarks() {}
}
