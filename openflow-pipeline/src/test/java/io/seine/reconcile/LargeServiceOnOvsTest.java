package io.seine.reconcile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.seine.openflow.Action;
import io.seine.openflow.Change;
import io.seine.openflow.CtFlush;
import io.seine.openflow.Family;
import io.seine.openflow.Group;
import io.seine.openflow.InstalledFlow;
import io.seine.openflow.Ip;
import io.seine.openflow.Switch;
import io.seine.openflow.SwitchException;
import io.seine.openflow.connection.OpenFlowConnection;
import io.seine.openflow.testing.OvsInstance;
import io.seine.pipeline.GroupIds;
import io.seine.pipeline.Owner;
import io.seine.pipeline.ServiceCompiler;
import io.seine.pipeline.ServiceFact;
import io.seine.pipeline.ServiceFact.Endpoint;
import io.seine.pipeline.ServiceFact.Frontend;
import io.seine.pipeline.ServiceFact.Policy;
import io.seine.pipeline.ServiceFact.Protocol;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A service of 5000 endpoints, on a real switch: it is taken, read back equal, and one endpoint
 * more or less costs a few buckets and milliseconds.
 */
@Tag("system")
class LargeServiceOnOvsTest {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final int ENDPOINTS = 5000;
  private static final int CHANGES = 20;
  private static final Owner OWNER = new Owner.Service("web", "large");

  /** Counts what is sent to the switch, and how long it takes. */
  private record Counting(Switch to, List<Integer> sizes, List<Long> nanos) implements Switch {
    @Override
    public List<InstalledFlow> dumpFlows() throws SwitchException {
      return to.dumpFlows();
    }

    @Override
    public List<Group> dumpGroups() throws SwitchException {
      return to.dumpGroups();
    }

    @Override
    public void visitFlows(Consumer<InstalledFlow> visitor) throws SwitchException {
      to.visitFlows(visitor);
    }

    @Override
    public void flushConnections(List<CtFlush> flushes) throws SwitchException {
      to.flushConnections(flushes);
    }

    @Override
    public void commit(List<Change> changes) throws SwitchException {
      long start = System.nanoTime();
      to.commit(changes);
      nanos.add(System.nanoTime() - start);
      sizes.add(changes.size());
    }
  }

  private static ServiceFact service(int endpoints, boolean affinity) {
    List<Endpoint> list = new ArrayList<>(endpoints);
    for (int i = 0; i < endpoints; i++) {
      list.add(new Endpoint(Ip.parse("10.0.0.0").plus((i * 7919L) % 60_000), 8080));
    }
    return new ServiceFact(
        "web",
        "large",
        List.of(
            new ServiceFact.Port(
                "p",
                Protocol.UDP,
                Family.IPV4,
                80,
                List.of(Frontend.clusterIp(Ip.parse("10.100.0.7"), 80, Policy.CLUSTER)),
                list,
                List.of(),
                affinity ? OptionalInt.of(60) : OptionalInt.empty())));
  }

  private static void put(Reconciler reconciler, GroupIds ids, ServiceFact fact) {
    reconciler.put(OWNER, () -> ServiceCompiler.compile(fact, ids));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void oneEndpointMoreOrLessCostsLittle(boolean affinity) throws Exception {
    GroupIds ids = new GroupIds();
    try (OvsInstance ovs = OvsInstance.start()) {
      ovs.addBridge("br0");
      try (OpenFlowConnection connection = connect(ovs);
          Reconciler reconciler = new Reconciler(ids, ReconcileListener.NONE)) {
        Counting counting = new Counting(connection, new ArrayList<>(), new ArrayList<>());
        put(reconciler, ids, service(ENDPOINTS, affinity));
        reconciler.connected(counting);
        reconciler.initialSyncComplete();
        assertThat(reconciler.awaitConverged(SOON)).isTrue();
        assertThat(reconciler.audit(SOON).findings()).isEmpty();

        counting.sizes.clear();
        counting.nanos.clear();
        long start = System.nanoTime();
        for (int i = 1; i <= CHANGES; i++) {
          put(reconciler, ids, service(ENDPOINTS - i % 2, affinity));
          reconciler.awaitInstalled(OWNER, SOON);
        }
        long each = (System.nanoTime() - start) / CHANGES;
        long inSwitch = counting.nanos.stream().mapToLong(n -> n).sum() / CHANGES;
        System.out.printf(
            "%d endpoints%s, %d groups: %.1f ms a change, %.1f of them in the switch, %s steps%n",
            ENDPOINTS,
            affinity ? " with affinity" : "",
            connection.dumpGroups().size(),
            each / 1e6,
            inSwitch / 1e6,
            counting.sizes);

        assertThat(counting.sizes).hasSize(CHANGES).allMatch(size -> size <= 100);
        assertThat(Duration.ofNanos(each)).isLessThan(Duration.ofSeconds(2));
        assertThat(reconciler.audit(SOON).findings()).isEmpty();
        assertThat(endpoints(connection, affinity)).isEqualTo(ENDPOINTS);
      }
    }
  }

  private static long endpoints(OpenFlowConnection connection, boolean affinity) throws Exception {
    return affinity
        ? connection.dumpFlows(19).stream().filter(f -> f.flow().priority() == 210).count()
        : connection.dumpGroups().stream()
            .flatMap(group -> group.buckets().stream())
            .flatMap(bucket -> bucket.actions().stream())
            .filter(Action.Ct.class::isInstance)
            .count();
  }

  private static OpenFlowConnection connect(OvsInstance ovs) {
    return await()
        .atMost(SOON)
        .ignoreException(SwitchException.class)
        .until(() -> OpenFlowConnection.connect(ovs.mgmt("br0")), OpenFlowConnection::isOpen);
  }
}
