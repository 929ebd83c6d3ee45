package io.seine.pipeline.policy;

import io.seine.openflow.Family;
import io.seine.openflow.Field;
import io.seine.openflow.FieldMatch;
import io.seine.openflow.Flow;
import io.seine.pipeline.FlowSet;
import io.seine.pipeline.Rule;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Of some destination ports that one match can hold: the clauses that they fulfil. */
record PortFlows(PortRange piece, Set<Family> families, List<Clause> clauses)
    implements PolicyFlows {
  PortFlows {
    clauses = List.copyOf(clauses);
  }

  @Override
  public FlowSet compile() {
    List<Flow> flows = new ArrayList<>();
    for (Clause clause : clauses) {
      for (Family family : families) {
        clause.flows(rule -> match(rule, family), flows);
      }
    }
    return new FlowSet(flows, List.of());
  }

  private Rule match(Rule rule, Family family) {
    Field field =
        switch (piece.protocol()) {
          case TCP -> Field.TCP_DST;
          case UDP -> Field.UDP_DST;
          case SCTP -> Field.SCTP_DST;
        };
    return rule.ip(family)
        .protocol(piece.protocol())
        .when(FieldMatch.masked(field, piece.first(), PortMasks.mask(piece)));
  }
}
