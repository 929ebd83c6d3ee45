package io.seine.sandbox.replay;

import static java.util.concurrent.TimeUnit.SECONDS;

import io.seine.agent.host.Unixctl;
import io.seine.openflow.SwitchException;
import io.seine.openflow.connection.ConnectionOptions;
import io.seine.openflow.connection.OpenFlowConnection;
import io.seine.openflow.testing.OvsInstance;
import io.seine.pipeline.GroupIds;
import io.seine.pipeline.Owner;
import io.seine.pipeline.ToAgent;
import io.seine.pipeline.explain.Trace;
import io.seine.pipeline.explain.TracedPacket;
import io.seine.pipeline.explain.Tracer;
import io.seine.reconcile.FlowSource;
import io.seine.reconcile.InstallException;
import io.seine.reconcile.ReconcileListener;
import io.seine.reconcile.Reconciler;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.awaitility.Awaitility;

/**
 * A bridge of a real Open vSwitch that stands for a node's, from one case to the next: its flows
 * are changed, never written anew. It has the ports that pods may have; nothing is sent.
 */
final class TraceBridge implements AutoCloseable {
  private static final Duration SOON = Duration.ofMinutes(3);
  private static final Duration A_WHILE = Duration.ofSeconds(2);

  /** Other tests may keep the machine so busy that the switch is long silent. */
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  private final OvsInstance ovs;
  private final String name;
  private final OpenFlowConnection connection;
  private final Reconciler reconciler;
  private final Tracer tracer;
  private final Set<Owner> owners = new HashSet<>();
  private int ports;

  TraceBridge(OvsInstance ovs, String name) throws InterruptedException {
    this.ovs = ovs;
    this.name = name;
    ovs.addBridge(name);
    havePorts(12);
    connection =
        Awaitility.await()
            .atMost(30, SECONDS)
            .ignoreException(SwitchException.class)
            .until(
                () ->
                    OpenFlowConnection.connect(
                        ovs.mgmt(name),
                        ConnectionOptions.DEFAULT
                            .withKeepAlive(PATIENCE)
                            .withMeter(new ConnectionOptions.Meter(ToAgent.METER, 100, 100))
                            .withMeter(
                                new ConnectionOptions.Meter(ToAgent.POLICY_METER, 100, 100))),
                OpenFlowConnection::isOpen);
    Unixctl control = Unixctl.at(ovs.dir().resolve("vswitchd.ctl"), "ovs-vswitchd");
    tracer = new Tracer(name, control::call);
    reconciler = new Reconciler(new GroupIds(), ReconcileListener.NONE);
    reconciler.connected(connection);
    reconciler.initialSyncComplete();
    reconciler.awaitConverged(SOON);
  }

  /**
   * A packet of a port goes on behind connection tracking only if there is such a port. The first
   * stands for the tunnel's.
   */
  void havePorts(int number) {
    while (ports < number) {
      ports++;
      String port = name + "p" + ports;
      ovs.vsctl(
          "add-port",
          name,
          port,
          "--",
          "set",
          "interface",
          port,
          "type=internal",
          "ofport_request=" + ports);
    }
  }

  /** Nothing else is to be in the switch. */
  void become(Map<Owner, Optional<FlowSource>> all) throws InstallException, InterruptedException {
    Map<Owner, Optional<FlowSource>> changes = new HashMap<>(all);
    owners.forEach(owner -> changes.putIfAbsent(owner, Optional.empty()));
    change(changes);
  }

  /** These change, all at once. */
  void change(Map<Owner, Optional<FlowSource>> changes)
      throws InstallException, InterruptedException {
    changes.forEach((owner, source) -> {
      if (source.isPresent()) {
        owners.add(owner);
      } else {
        owners.remove(owner);
      }
    });
    reconciler.put(changes);
    await(List.copyOf(changes.keySet()));
  }

  /** What the switch refuses is not waited for. */
  private void await(List<Owner> several) throws InstallException, InterruptedException {
    Instant end = Instant.now().plus(SOON);
    while (true) {
      try {
        reconciler.awaitInstalled(several, A_WHILE);
        return;
      } catch (InstallException e) {
        if (!reconciler.status().refused().isEmpty() || Instant.now().isAfter(end)) {
          throw e;
        }
      }
    }
  }

  Trace trace(TracedPacket packet) throws IOException {
    return tracer.trace(packet);
  }

  /** Differences between what is in the switch and what should be. */
  List<?> drift() throws InstallException, InterruptedException {
    return reconciler.audit(SOON).findings();
  }

  @Override
  public void close() {
    reconciler.close();
    connection.close();
    ovs.vsctl("del-br", name);
  }
}
