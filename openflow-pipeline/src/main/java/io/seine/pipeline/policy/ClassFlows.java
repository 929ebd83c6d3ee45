package io.seine.pipeline.policy;

import io.seine.openflow.Flow;
import io.seine.pipeline.FlowSet;
import io.seine.pipeline.NamedBits;
import java.util.ArrayList;
import java.util.List;

/** Of a class of addresses: the clauses that they fulfil, by the register that holds it. */
record ClassFlows(NamedBits register, int id, List<Clause> clauses) implements PolicyFlows {
  ClassFlows {
    clauses = List.copyOf(clauses);
  }

  @Override
  public FlowSet compile() {
    List<Flow> flows = new ArrayList<>();
    for (Clause clause : clauses) {
      clause.flows(rule -> rule.when(register.is(Integer.toUnsignedLong(id))), flows);
    }
    return new FlowSet(flows, List.of());
  }
}
