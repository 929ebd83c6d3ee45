package io.seine.pipeline;

import io.seine.openflow.Action;
import io.seine.openflow.BitRange;
import io.seine.openflow.Field;
import java.util.List;

/** What the label of a tracked connection says. This is the one place that says so. */
public final class CtLabels {
  public static final NamedBits INGRESS_RULE =
      new NamedBits(
          "ingressRule",
          new BitRange(Field.CT_LABEL, 0, 31),
          List.of(),
          "The id of the rule that decided on what the pod receives, when the connection was recorded,"
              + " denied or allowed again; 0 for none.");

  public static final NamedBits EGRESS_RULE =
      new NamedBits(
          "egressRule",
          new BitRange(Field.CT_LABEL, 32, 63),
          List.of(),
          "The same of what the pod sends.");

  public static final List<NamedBits> ALL = List.of(INGRESS_RULE, EGRESS_RULE);

  private CtLabels() {}

  /** Write the rules that decided on a packet into its connection; for {@code exec(...)} only. */
  static List<Action> set() {
    return List.of(
        new Action.Move(Registers.INGRESS_RULE.range(), INGRESS_RULE.range()),
        new Action.Move(Registers.EGRESS_RULE.range(), EGRESS_RULE.range()));
  }
}
