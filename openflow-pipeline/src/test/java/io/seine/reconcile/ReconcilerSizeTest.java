package io.seine.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.seine.openflow.Change;
import io.seine.openflow.CtFlush;
import io.seine.openflow.Group;
import io.seine.openflow.InstalledFlow;
import io.seine.openflow.Ip;
import io.seine.openflow.Switch;
import io.seine.pipeline.GroupIds;
import io.seine.pipeline.Owner;
import io.seine.pipeline.ServiceCompiler;
import io.seine.pipeline.ServiceFact;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/**
 * What ten thousand services of ten endpoints take in memory, and that one's change stays small.
 */
class ReconcilerSizeTest {
  private static final int SERVICES = 10_000;
  private static final Duration SOON = Duration.ofMinutes(2);

  /** Keeps nothing, so that only the reconciler's own memory is measured. */
  private static final class Sink implements Switch {
    final AtomicInteger changes = new AtomicInteger();

    @Override
    public List<InstalledFlow> dumpFlows() {
      return List.of();
    }

    @Override
    public List<Group> dumpGroups() {
      return List.of();
    }

    @Override
    public void flushConnections(List<CtFlush> flushes) {}

    @Override
    public void commit(List<Change> all) {
      changes.addAndGet(all.size());
    }
  }

  private static ServiceFact service(int i, int firstEndpoint) {
    List<ServiceFact.Endpoint> endpoints = new ArrayList<>();
    for (int e = firstEndpoint; e < firstEndpoint + 10; e++) {
      endpoints.add(
          new ServiceFact.Endpoint(Ip.parse("10.0.0.0").plus((i * 13 + e) % 60_000), 8080));
    }
    return new ServiceFact(
        "ns" + i % 100,
        "service-" + i,
        List.of(
            ServiceFact.Port.clusterIp(
                "http",
                ServiceFact.Protocol.TCP,
                80,
                List.of(Ip.parse("10.100.0.0").plus(i)),
                endpoints)));
  }

  private static long usedHeap() {
    for (int i = 0; i < 3; i++) {
      System.gc();
    }
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }

  @Test
  void tenThousandServicesAreSmallAndOneChangeTouchesOneOfThem() throws Exception {
    long before = usedHeap();
    GroupIds ids = new GroupIds();
    Sink sink = new Sink();
    try (Reconciler reconciler = new Reconciler(ids, ReconcileListener.NONE)) {
      for (int i = 0; i < SERVICES; i++) {
        ServiceFact fact = service(i, 0);
        reconciler.put(fact.owner(), () -> ServiceCompiler.compile(fact, ids));
      }
      reconciler.initialSyncComplete();
      reconciler.connected(sink);
      assertThat(reconciler.awaitConverged(SOON)).isTrue();
      assertThat(sink.changes.get()).isEqualTo(2 * SERVICES);

      long used = usedHeap() - before;
      System.out.printf("%d services with their facts: %.1f MiB%n", SERVICES, used / 1048576.0);
      assertThat(used).isLessThan(25L << 20);

      ServiceFact changed = service(77, 1);
      Owner owner = changed.owner();
      sink.changes.set(0);
      reconciler.put(owner, () -> ServiceCompiler.compile(changed, ids));
      reconciler.awaitInstalled(owner, SOON);
      assertThat(sink.changes.get()).isEqualTo(1);
    }
  }
}
