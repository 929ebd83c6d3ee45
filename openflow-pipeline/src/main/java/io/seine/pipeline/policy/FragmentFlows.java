package io.seine.pipeline.policy;

import io.seine.openflow.Family;
import io.seine.openflow.Field;
import io.seine.openflow.FieldMatch;
import io.seine.openflow.Flow;
import io.seine.pipeline.FlowSet;
import io.seine.pipeline.ServiceFact.Protocol;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Of fragments, whose ports the switch does not tell: the clauses of denying rules that ask for any
 * port of their protocol. So a fragment never passes what would stop the whole packet, and nobody
 * gets round a denied port by sending in pieces. Rules that allow ports do not match fragments
 * ({@code ovs-ofctl(8)}, set-frags, {@code normal}). The kernel's datapath puts packets together
 * before they are judged; there these flows match nothing.
 */
record FragmentFlows(Protocol protocol, Set<Family> families, List<Clause> clauses)
    implements PolicyFlows {
  /** Of {@code ip_frag}: it is a fragment, the first or a later one. */
  private static final int ANY = 1;

  FragmentFlows {
    clauses = List.copyOf(clauses);
  }

  @Override
  public FlowSet compile() {
    List<Flow> flows = new ArrayList<>();
    for (Clause clause : clauses) {
      for (Family family : families) {
        clause.flows(
            rule ->
                rule.ip(family).protocol(protocol).when(FieldMatch.masked(Field.IP_FRAG, ANY, ANY)),
            flows);
      }
    }
    return new FlowSet(flows, List.of());
  }
}
