package io.seine.pipeline.policy;

import io.seine.openflow.Field;
import io.seine.openflow.FieldMatch;
import io.seine.openflow.Flow;
import io.seine.openflow.IpPrefix;
import io.seine.pipeline.FlowSet;
import io.seine.pipeline.Gates;
import io.seine.pipeline.Registers;
import io.seine.pipeline.Rule;
import io.seine.pipeline.ServiceFact.Protocol;
import io.seine.pipeline.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Of the DNS servers whose answers are to be believed: that their answers are noted as such, within
 * connections that somebody else opened to them. {@link PodFlows} has those for pods that ask for
 * it handed to the agent.
 */
record ServerFlows(Set<IpPrefix> servers) implements PolicyFlows {
  private static final int DNS = 53;

  ServerFlows {
    servers = Set.copyOf(servers);
  }

  @Override
  public FlowSet compile() {
    List<Flow> flows = new ArrayList<>(servers.size());
    for (IpPrefix server : new TreeSet<>(servers)) {
      flows.add(
          Rule.in(Table.INGRESS_POLICY, Gates.ANSWER)
              .source(server)
              .protocol(Protocol.UDP)
              .when(FieldMatch.exact(Field.UDP_SRC, DNS))
              .state(Rule.REPLY, 0)
              .then(Registers.ANSWER.set(1), Rule.goTo(Table.COMMIT)));
    }
    return new FlowSet(flows, List.of());
  }
}
