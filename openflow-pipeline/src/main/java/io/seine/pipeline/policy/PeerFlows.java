package io.seine.pipeline.policy;

import io.seine.openflow.Action;
import io.seine.openflow.Flow;
import io.seine.openflow.Ip;
import io.seine.pipeline.FlowSet;
import io.seine.pipeline.Registers;
import io.seine.pipeline.Rule;
import java.util.ArrayList;
import java.util.List;

/**
 * Of an address: its class in each direction, 0 for none. However many rules name sets that it is
 * in, this is one flow a direction.
 */
record PeerFlows(Ip address, int ingress, int egress) implements PolicyFlows {
  private static final int PRIORITY = 200;

  boolean any() {
    return ingress != 0 || egress != 0;
  }

  @Override
  public FlowSet compile() {
    List<Flow> flows = new ArrayList<>(2);
    if (egress != 0) {
      PolicyTables tables = PolicyTables.EGRESS;
      flows.add(
          Rule.in(tables.peers(), PRIORITY)
              .destination(address)
              .then(note(egress), Rule.goTo(tables.blocks())));
    }
    if (ingress != 0) {
      PolicyTables tables = PolicyTables.INGRESS;
      flows.add(
          Rule.in(tables.peers(), PRIORITY)
              .source(address)
              .then(note(ingress), Rule.goTo(tables.blocks())));
    }
    return new FlowSet(flows, List.of());
  }

  private static Action note(int id) {
    return Registers.PEER_CLASS.set(Integer.toUnsignedLong(id));
  }
}
