package io.seine.pipeline.policy;

import io.seine.openflow.Action;
import io.seine.openflow.Flow;
import io.seine.openflow.IpPrefix;
import io.seine.pipeline.FlowSet;
import io.seine.pipeline.Registers;
import io.seine.pipeline.Rule;
import io.seine.pipeline.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/**
 * Of a block: the class of its addresses in each direction where it bounds a region, see {@link
 * BlockClasses}; and the clauses that it fulfils as a block without exceptions.
 */
record BlockFlows(IpPrefix block, OptionalInt ingress, OptionalInt egress, List<Clause> clauses)
    implements PolicyFlows {
  BlockFlows {
    clauses = List.copyOf(clauses);
  }

  @Override
  public FlowSet compile() {
    List<Flow> flows = new ArrayList<>();
    egress.ifPresent(id -> flows.add(bound(Direction.EGRESS, id)));
    ingress.ifPresent(id -> flows.add(bound(Direction.INGRESS, id)));
    for (Clause clause : clauses) {
      Direction direction = PolicyTables.judging(clause.place().table()).orElseThrow();
      clause.flows(rule -> peer(rule, direction), flows);
    }
    return new FlowSet(flows, List.of());
  }

  private Flow bound(Direction direction, int id) {
    PolicyTables tables = PolicyTables.of(direction);
    Table table = tables.blocks();
    Action next = Rule.goTo(tables.tier(Tier.ADMIN));
    Rule rule = peer(Rule.in(table, block.length() + 1), direction);
    return id == 0
        ? rule.then(next)
        : rule.then(Registers.BLOCK_CLASS.set(Integer.toUnsignedLong(id)), next);
  }

  private Rule peer(Rule rule, Direction direction) {
    return direction == Direction.INGRESS ? rule.source(block) : rule.destination(block);
  }
}
