package io.seine.cli.bench;

import io.seine.openflow.Change;
import io.seine.openflow.CtFlush;
import io.seine.openflow.Group;
import io.seine.openflow.InstalledFlow;
import io.seine.openflow.Switch;
import io.seine.openflow.SwitchException;
import io.seine.openflow.connection.OpenFlowConnection;
import io.seine.pipeline.GroupIds;
import io.seine.pipeline.Owner;
import io.seine.pipeline.policy.PolicyFlows;
import io.seine.reconcile.FlowSource;
import io.seine.reconcile.InstallException;
import io.seine.reconcile.ReconcileListener;
import io.seine.reconcile.Reconciler;
import io.seine.sandbox.node.NodeOvs;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/** An empty bridge of its own, and what an agent has between its facts and a switch. */
final class PolicySwitch implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofMinutes(2);

  private final Counting target;
  private final Reconciler reconciler;

  private PolicySwitch(OpenFlowConnection connection) {
    this.target = new Counting(connection, new AtomicInteger());
    this.reconciler = new Reconciler(new GroupIds(), ReconcileListener.NONE);
    reconciler.connected(target);
    reconciler.initialSyncComplete();
  }

  static PolicySwitch create(NodeOvs ovs, String bridge) throws SwitchException {
    ovs.vsctl(
        "--",
        "add-br",
        bridge,
        "--",
        "set",
        "bridge",
        bridge,
        "datapath_type=netdev",
        "protocols=OpenFlow15",
        "fail_mode=secure");
    return new PolicySwitch(OpenFlowConnection.connect(ovs.directory().resolve(bridge + ".mgmt")));
  }

  /** Returns when the switch has confirmed all of it; how many changes it was sent. */
  int install(Map<Owner, Optional<PolicyFlows>> owners)
      throws InstallException, InterruptedException {
    int before = target.changes().get();
    Map<Owner, Optional<FlowSource>> wanted = LinkedHashMap.newLinkedHashMap(owners.size());
    owners.forEach((owner, flows) -> wanted.put(owner, flows.map(f -> f::compile)));
    reconciler.put(wanted);
    reconciler.awaitInstalled(owners.keySet(), LIMIT);
    return target.changes().get() - before;
  }

  int flows() throws SwitchException {
    return target.dumpFlows().size();
  }

  @Override
  public void close() {
    reconciler.close();
    target.connection().close();
  }

  /** Counts what the switch is asked to change. */
  private record Counting(OpenFlowConnection connection, AtomicInteger changes) implements Switch {
    @Override
    public List<InstalledFlow> dumpFlows() throws SwitchException {
      return connection.dumpFlows();
    }

    @Override
    public List<Group> dumpGroups() throws SwitchException {
      return connection.dumpGroups();
    }

    @Override
    public void flushConnections(List<CtFlush> flushes) throws SwitchException {
      connection.flushConnections(flushes);
    }

    @Override
    public void commit(List<Change> all) throws SwitchException {
      connection.commit(all);
      changes.addAndGet(all.size());
    }
  }
}
