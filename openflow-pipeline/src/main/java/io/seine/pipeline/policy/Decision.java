package io.seine.pipeline.policy;

import io.seine.openflow.Action;
import io.seine.openflow.Flow;
import io.seine.pipeline.Registers;
import io.seine.pipeline.Rule;
import io.seine.pipeline.Table;
import io.seine.pipeline.ToAgent;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * What is done with the packets that a rule decides. It is there twice, for what opens a connection
 * and for the rest, so that the switch counts connections and packets.
 *
 * @param rule as in {@link RuleIds}
 */
record Decision(
    Direction direction, Tier tier, Verdict verdict, boolean dryRun, boolean log, int rule) {

  void flows(Place place, UnaryOperator<Rule> match, List<Flow> to) {
    List<Action> rest = actions();
    List<Action> first = new ArrayList<>(rest);
    if (log) {
      first.addFirst(
          ToAgent.policy(new PolicyPacketIn(direction, verdict, dryRun, rule).userdata()));
    }
    to.add(
        match
            .apply(Rule.in(place.table(), place.priority()))
            .state(Rule.NEW, 0)
            .then(first.toArray(Action[]::new)));
    to.add(
        match
            .apply(Rule.in(place.table(), place.priority()))
            .state(0, Rule.NEW)
            .then(rest.toArray(Action[]::new)));
  }

  private List<Action> actions() {
    PolicyTables tables = PolicyTables.of(direction);
    if (dryRun) {
      // It goes on as if the rule were not there, and no other rule that is only tried is asked.
      boolean pass = verdict == Verdict.PASS && tier == Tier.ADMIN;
      return List.of(
          (pass ? Registers.DRY_PASSED : Registers.DRY_DECIDED).set(1),
          Action.Resubmit.to(tables.tier(tier).number()));
    }
    return switch (verdict) {
      case ACCEPT -> List.of(note(tables), Registers.LABELLED.set(1), Rule.goTo(tables.past()));
      case DENY ->
          List.of(
              note(tables),
              Registers.LABELLED.set(1),
              Registers.DENIED.set(1),
              Rule.goTo(Table.COMMIT));
      case PASS -> List.of(Rule.goTo(tables.after(tier)));
    };
  }

  private Action note(PolicyTables tables) {
    return tables.rule().set(Integer.toUnsignedLong(rule));
  }
}
