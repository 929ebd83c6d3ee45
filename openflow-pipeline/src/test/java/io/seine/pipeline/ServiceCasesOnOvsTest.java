package io.seine.pipeline;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.seine.openflow.Action;
import io.seine.openflow.InstalledFlow;
import io.seine.openflow.Ip;
import io.seine.openflow.Mac;
import io.seine.openflow.SwitchException;
import io.seine.openflow.connection.OpenFlowConnection;
import io.seine.openflow.testing.OvsInstance;
import io.seine.reconcile.ReconcileListener;
import io.seine.reconcile.Reconciler;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Every case of the Service API, written into a real Open vSwitch: it reads back as it was written,
 * one turns into the next without a trace, and what the switch has learnt is left to it.
 */
@Tag("system")
class ServiceCasesOnOvsTest {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final String BRIDGE = "cases0";
  private static final Owner FRONT = new Owner.Service("web", "front");
  private static final Set<Integer> SERVICE_TABLES =
      Set.of(Table.SERVICE_LB.number(), Table.AFFINITY.number(), Table.ENDPOINT_DNAT.number());

  private final OvsInstance ovs = OvsInstance.start();

  @BeforeEach
  void makeTheBridge() {
    ovs.addBridge(BRIDGE);
    // What is put in by a port goes on behind connection tracking only if the port is there.
    String port = "p" + ServiceCases.A.ofport();
    ovs.vsctl(
        "add-port",
        BRIDGE,
        port,
        "--",
        "set",
        "interface",
        port,
        "type=internal",
        "ofport_request=" + ServiceCases.A.ofport());
  }

  @AfterEach
  void stop() {
    ovs.close();
  }

  private OpenFlowConnection connect() {
    return await()
        .atMost(SOON)
        .ignoreException(SwitchException.class)
        .until(() -> OpenFlowConnection.connect(ovs.mgmt(BRIDGE)), OpenFlowConnection::isOpen);
  }

  private static Reconciler start(OpenFlowConnection connection, ServiceFact service)
      throws Exception {
    GroupIds ids = new GroupIds();
    Reconciler reconciler = new Reconciler(ids, ReconcileListener.NONE);
    reconciler.put(new Owner.Base(), () -> BaseCompiler.compile(ServiceCases.NODE));
    reconciler.put(
        ServiceCases.PEER.owner(),
        () -> NodeCompiler.compile(ServiceCases.NODE, ServiceCases.PEER));
    for (LocalPod pod : List.of(ServiceCases.A, ServiceCases.B)) {
      reconciler.put(pod.owner(), () -> PodCompiler.compile(ServiceCases.NODE, pod));
    }
    reconciler.put(FRONT, () -> ServiceCompiler.compile(service, ids));
    reconciler.connected(connection);
    reconciler.initialSyncComplete();
    assertThat(reconciler.awaitConverged(SOON)).isTrue();
    return reconciler;
  }

  private static List<InstalledFlow> service(OpenFlowConnection connection) throws Exception {
    return connection.dumpFlows().stream()
        .filter(f -> SERVICE_TABLES.contains(f.flow().table()))
        .filter(f -> f.flow().priority() > 0)
        .toList();
  }

  @Test
  void eachCaseReadsBackAsItWasWrittenAndTurnsIntoTheNext() throws Exception {
    List<ServiceCases.Case> cases = ServiceCases.all();
    GroupIds ids = new GroupIds();
    try (OpenFlowConnection connection = connect();
        Reconciler reconciler = start(connection, cases.getLast().service())) {
      for (ServiceCases.Case next : cases) {
        FlowSet wanted = ServiceCompiler.compile(next.service(), ids);
        reconciler.put(FRONT, wanted);
        reconciler.awaitInstalled(FRONT, SOON);
        assertThat(reconciler.audit(SOON).findings()).as(next.name()).isEmpty();
        assertThat(service(connection)).as(next.name()).hasSameSizeAs(wanted.flows());
        assertThat(connection.dumpGroups()).as(next.name()).hasSameSizeAs(wanted.groups());
      }
      reconciler.remove(FRONT);
      await().atMost(SOON).until(() -> service(connection).isEmpty());
      assertThat(connection.dumpGroups()).isEmpty();
    }
  }

  @Test
  void whatWasLearntOutlivesTheAgentAndIsNoDrift() throws Exception {
    ServiceFact sticky =
        ServiceCases.all().stream()
            .filter(c -> c.name().equals("affinity-and-external-policy-local"))
            .findFirst()
            .orElseThrow()
            .service();
    try (OpenFlowConnection connection = connect()) {
      try (Reconciler first = start(connection, sticky)) {
        connection.packetOut(ServiceCases.A.ofport(), List.of(Action.Resubmit.to(0)), fromA());
        await().atMost(20, SECONDS).until(() -> learned(connection).size() == 1);
        assertThat(first.audit(SOON).findings()).isEmpty();
      }
      Set<Long> before = learned(connection);

      try (OpenFlowConnection again = connect();
          Reconciler second = start(again, sticky)) {
        assertThat(second.audit(SOON).findings()).isEmpty();
        assertThat(learned(again)).isEqualTo(before);

        // Nor does it keep what it was learnt from: the service goes, and with it its clients.
        second.remove(FRONT);
        await().atMost(SOON).until(() -> service(again).isEmpty());
      }
    }
  }

  private static Set<Long> learned(OpenFlowConnection connection) throws Exception {
    return service(connection).stream()
        .filter(f -> f.flow().table() == Table.AFFINITY.number())
        .map(InstalledFlow::cookie)
        .collect(Collectors.toSet());
  }

  private static byte[] fromA() {
    Mac gateway = ServiceCases.NODE.gatewayMac();
    LocalPod a = ServiceCases.A;
    return new RealPipeline.Packet(
            a.ofport(), a.mac(), gateway, a.address(), 4000, Ip.parse("10.100.0.7"), 80)
        .frame();
  }
}
