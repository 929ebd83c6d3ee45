package io.seine.pipeline.policy;

import io.seine.openflow.Flow;
import io.seine.pipeline.FlowSet;
import io.seine.pipeline.NamedBits;
import io.seine.pipeline.Rule;
import java.util.ArrayList;
import java.util.List;

/**
 * Of a class of addresses: the clauses that they fulfil, by the register that holds it.
 *
 * @param lasting those that they fulfil for connections that are open, see {@link Peers#lasting}
 */
record ClassFlows(NamedBits register, int id, List<Clause> clauses, List<Clause> lasting)
    implements PolicyFlows {
  ClassFlows {
    clauses = List.copyOf(clauses);
    lasting = List.copyOf(lasting);
  }

  /** For packets of any connections. */
  ClassFlows(NamedBits register, int id, List<Clause> clauses) {
    this(register, id, clauses, List.of());
  }

  @Override
  public FlowSet compile() {
    List<Flow> flows = new ArrayList<>();
    for (Clause clause : clauses) {
      clause.flows(rule -> rule.when(register.is(Integer.toUnsignedLong(id))), flows);
    }
    for (Clause clause : lasting) {
      clause.flows(
          rule -> rule.when(register.is(Integer.toUnsignedLong(id))).state(0, Rule.NEW), flows);
    }
    return new FlowSet(flows, List.of());
  }
}
