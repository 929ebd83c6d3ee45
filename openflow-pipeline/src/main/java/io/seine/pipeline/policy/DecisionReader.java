package io.seine.pipeline.policy;

import io.seine.openflow.Action;
import io.seine.openflow.BitRange;
import io.seine.openflow.Bits;
import io.seine.openflow.Field;
import io.seine.openflow.FieldMatch;
import io.seine.openflow.Flow;
import io.seine.pipeline.Registers;
import io.seine.pipeline.Rule;
import io.seine.pipeline.Table;
import java.util.Optional;
import java.util.function.Function;

/** Tells which decision a flow of a table that judges stands for. */
final class DecisionReader {
  private DecisionReader() {}

  static Optional<PolicyDecision.Part> read(Direction direction, Flow flow) {
    Tier tier = tier(direction, flow);
    boolean log = userdata(flow).isPresent();
    return said(direction, flow)
        .map(in ->
            new PolicyDecision.Part(
                new PolicyDecision(direction, tier, in.verdict(), in.dryRun(), log, in.ruleId()),
                opening(flow)));
  }

  private static Optional<PolicyPacketIn> said(Direction direction, Flow flow) {
    return first(flow, a -> a instanceof Action.Note note ? Optional.of(note.data()) : none())
        .flatMap(PolicyPacketIn::parse)
        .or(() -> decided(direction, flow));
  }

  private static Optional<PolicyPacketIn> decided(Direction direction, Flow flow) {
    BitRange rule = PolicyTables.of(direction).rule().range();
    boolean deny = flow.actions().contains(Registers.DENIED.set(1));
    return first(flow, action -> set(rule, action))
        .map(id ->
            new PolicyPacketIn(
                direction, deny ? Verdict.DENY : Verdict.ACCEPT, false, (int) id.toLong()));
  }

  private static Optional<Bits> set(BitRange register, Action action) {
    return action instanceof Action.SetField set && set.field().equals(register.field())
        ? Optional.of(set.value())
        : none();
  }

  private static Optional<Bits> userdata(Flow flow) {
    return first(flow, a -> a instanceof Action.Controller c ? Optional.of(c.userdata()) : none());
  }

  private static boolean opening(Flow flow) {
    return flow.match()
        .get(Field.CT_STATE)
        .map(FieldMatch::value)
        .filter(state -> (state.toLong() & Rule.NEW) != 0)
        .isPresent();
  }

  private static Tier tier(Direction direction, Flow flow) {
    Optional<Table> table = Table.of(flow.table());
    for (Tier tier : Tier.values()) {
      if (table.equals(Optional.of(PolicyTables.of(direction).tier(tier)))) {
        return tier;
      }
    }
    throw new IllegalArgumentException("table " + flow.table() + " does not judge");
  }

  private static <T> Optional<T> first(Flow flow, Function<Action, Optional<T>> of) {
    return flow.actions().stream().flatMap(action -> of.apply(action).stream()).findFirst();
  }

  private static Optional<Bits> none() {
    return Optional.empty();
  }
}
