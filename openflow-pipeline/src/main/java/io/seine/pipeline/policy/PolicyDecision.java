package io.seine.pipeline.policy;

import io.seine.openflow.Action;
import io.seine.openflow.Flow;
import io.seine.pipeline.Registers;
import io.seine.pipeline.Rule;
import io.seine.pipeline.Table;
import io.seine.pipeline.ToAgent;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * What is done with the packets that a rule decides.
 *
 * <p>It is in the switch twice, for what opens a connection and for the rest, so that the switch
 * counts connections and packets. A connection that nothing answers, as of UDP, stays new to
 * connection tracking: of such ones each packet counts as a connection.
 *
 * @param dryRun it only counts, and goes on as if the rule were not there
 * @param rule as in {@link RuleIds}
 */
public record PolicyDecision(
    Direction direction, Tier tier, Verdict verdict, boolean dryRun, boolean log, int rule) {

  /**
   * A decision in a flow.
   *
   * @param opening whether the flow is that of packets that open a connection
   */
  public record Part(PolicyDecision decision, boolean opening) {}

  /**
   * The decision that a flow stands for; empty if it does not decide. It says {@code log} of the
   * opening part only, for the other one does not.
   */
  public static Optional<Part> of(Flow flow) {
    return Table.of(flow.table())
        .flatMap(PolicyTables::judging)
        .flatMap(direction -> DecisionReader.read(direction, flow));
  }

  /** Adds both flows, for packets that match. */
  void flows(Place place, UnaryOperator<Rule> match, List<Flow> to) {
    List<Action> rest = actions();
    List<Action> first = new ArrayList<>(rest);
    if (log) {
      first.addFirst(ToAgent.policy(packetIn().userdata()));
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

  private PolicyPacketIn packetIn() {
    return new PolicyPacketIn(direction, verdict, dryRun, rule);
  }

  private List<Action> actions() {
    PolicyTables tables = PolicyTables.of(direction);
    // Where no register says which rule it is, a note does.
    Action note = new Action.Note(packetIn().userdata());
    if (dryRun) {
      boolean pass = verdict == Verdict.PASS && tier == Tier.ADMIN;
      return List.of(
          note,
          (pass ? Registers.DRY_PASSED : Registers.DRY_DECIDED).set(1),
          Action.Resubmit.to(tables.tier(tier).number()));
    }
    Action decided = tables.rule().set(Integer.toUnsignedLong(rule));
    return switch (verdict) {
      case ACCEPT -> List.of(decided, Registers.LABELLED.set(1), Rule.goTo(tables.past()));
      case DENY ->
          List.of(
              decided, Registers.LABELLED.set(1), Registers.DENIED.set(1), Rule.goTo(Table.COMMIT));
      case PASS -> List.of(note, Rule.goTo(tables.after(tier)));
    };
  }
}
