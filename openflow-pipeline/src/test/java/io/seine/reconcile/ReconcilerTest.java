package io.seine.reconcile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.seine.openflow.Action;
import io.seine.openflow.Change;
import io.seine.openflow.Field;
import io.seine.openflow.FieldMatch;
import io.seine.openflow.Flow;
import io.seine.openflow.Ip;
import io.seine.openflow.IpPrefix;
import io.seine.openflow.Match;
import io.seine.openflow.testing.FakeSwitch;
import io.seine.pipeline.Addresses;
import io.seine.pipeline.BaseCompiler;
import io.seine.pipeline.FlowSet;
import io.seine.pipeline.GroupIds;
import io.seine.pipeline.LocalNode;
import io.seine.pipeline.LocalPod;
import io.seine.pipeline.NodeCompiler;
import io.seine.pipeline.Owner;
import io.seine.pipeline.PeerNode;
import io.seine.pipeline.PodCompiler;
import io.seine.pipeline.ServiceCompiler;
import io.seine.pipeline.ServiceFact;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ReconcilerTest {
  private static final Duration SOON = Duration.ofSeconds(10);
  private static final LocalNode NODE =
      LocalNode.of(
          "n1",
          Ip.parse("192.0.2.1"),
          IpPrefix.parse("10.0.1.0/24"),
          List.of(IpPrefix.parse("10.100.0.0/16")));
  private static final Owner BASE = new Owner.Base();
  private static final Owner FRONT = new Owner.Service("web", "front");

  private static final class Heard implements ReconcileListener {
    final List<String> lines = new CopyOnWriteArrayList<>();
    final List<DriftReport> reports = new CopyOnWriteArrayList<>();

    @Override
    public void refused(Owner owner, String reason, int attempts, Duration nextAttempt) {
      lines.add("refused " + owner);
    }

    @Override
    public void conflict(Conflict conflict) {
      lines.add("conflict %s before %s".formatted(conflict.winner(), conflict.loser()));
    }

    @Override
    public void conflictResolved(Conflict conflict) {
      lines.add("resolved %s before %s".formatted(conflict.winner(), conflict.loser()));
    }

    @Override
    public void compared(DriftReport report) {
      reports.add(report);
    }
  }

  private final Heard heard = new Heard();
  private final FakeSwitch flows = new FakeSwitch();
  private final GroupIds ids = new GroupIds();
  private final List<Reconciler> started = new ArrayList<>();
  private Reconciler reconciler = start(ids);

  private Reconciler start(GroupIds groupIds) {
    Reconciler next =
        new Reconciler(
            groupIds,
            heard,
            InstantSource.system(),
            new Reconciler.BackOff(Duration.ofMillis(5), Duration.ofMillis(20)));
    started.add(next);
    return next;
  }

  @AfterEach
  void stop() {
    started.forEach(Reconciler::close);
  }

  private static LocalPod pod(String name, String address, int ofport) {
    Ip ip = Ip.parse(address);
    return new LocalPod("web", name, ip, Addresses.macOf(ip), ofport);
  }

  private static FlowSource source(LocalPod pod) {
    return () -> PodCompiler.compile(NODE, pod);
  }

  private static ServiceFact service(String name, String vip, String... endpoints) {
    List<ServiceFact.Endpoint> list = new ArrayList<>();
    for (String endpoint : endpoints) {
      list.add(new ServiceFact.Endpoint(Ip.parse(endpoint), 8080));
    }
    return new ServiceFact(
        "web",
        name,
        List.of(
            ServiceFact.Port.clusterIp(
                "http", ServiceFact.Protocol.TCP, 80, List.of(Ip.parse(vip)), list)));
  }

  private void put(Reconciler on, GroupIds groupIds, ServiceFact service) {
    on.put(service.owner(), () -> ServiceCompiler.compile(service, groupIds));
  }

  private void putNode(Reconciler on) {
    on.put(BASE, () -> BaseCompiler.compile(NODE));
    PeerNode peer = new PeerNode("n2", Ip.parse("192.0.2.2"), IpPrefix.parse("10.0.2.0/24"));
    on.put(peer.owner(), () -> NodeCompiler.compile(NODE, peer));
    LocalPod a = pod("a", "10.0.1.2", 5);
    on.put(a.owner(), source(a));
  }

  private void converge(Reconciler on) throws InterruptedException {
    assertThat(on.awaitConverged(SOON)).isTrue();
  }

  private void converged() throws InterruptedException {
    putNode(reconciler);
    put(reconciler, ids, service("front", "10.100.0.7", "10.0.1.2", "10.0.2.9"));
    reconciler.connected(flows);
    reconciler.initialSyncComplete();
    converge(reconciler);
    flows.clearLog();
  }

  private Set<Flow> installed() {
    return flows.entries().stream().map(FakeSwitch.Entry::flow).collect(Collectors.toSet());
  }

  @Test
  void anEmptySwitchGetsWhatIsWanted() throws Exception {
    converged();
    assertThat(installed()).containsAll(BaseCompiler.compile(NODE).flows());
    assertThat(reconciler.ready()).isTrue();
    assertThat(reconciler.audit(SOON).clean()).isTrue();
  }

  @Test
  void aRestartedReconcilerAdoptsWhatIsThere() throws Exception {
    converged();
    var before = flows.entries();

    GroupIds fresh = new GroupIds();
    Reconciler next = start(fresh);
    reconciler.close();
    next.connected(flows);
    putNode(next);
    await().atMost(SOON).until(() -> next.status().pending() == 0);
    assertThat(flows.log()).as("nothing is removed before all is known").isEmpty();
    put(next, fresh, service("front", "10.100.0.7", "10.0.1.2", "10.0.2.9"));
    next.initialSyncComplete();
    converge(next);

    assertThat(flows.log()).isEmpty();
    assertThat(flows.entries()).isEqualTo(before);
  }

  @Test
  void whatWentWhileItWasAwayIsRemovedOnceAllIsKnown() throws Exception {
    converged();
    GroupIds fresh = new GroupIds();
    Reconciler next = start(fresh);
    reconciler.close();
    next.connected(flows);
    putNode(next);
    next.initialSyncComplete();
    converge(next);

    assertThat(flows.dumpGroups()).isEmpty();
    assertThat(installed()).noneMatch(f -> f.table() == 17 && f.priority() > 0);
    DriftReport report = heard.reports.getLast();
    assertThat(report.count(DriftReport.Kind.STALE)).isEqualTo(2);
    assertThat(report.count(DriftReport.Kind.FOREIGN)).isZero();
  }

  @Test
  void anEndpointsChangeRewritesItsGroupAndNoFlow() throws Exception {
    converged();
    put(reconciler, ids, service("front", "10.100.0.7", "10.0.1.2", "10.0.2.10"));
    reconciler.awaitInstalled(FRONT, SOON);

    // Inserting a bucket would make a real switch send everything there; see Bundle.
    assertThat(flows.log()).hasSize(1);
    assertThat(flows.log().getFirst())
        .satisfiesExactly(c -> assertThat(c).isInstanceOf(Change.ModifyGroup.class));
  }

  @Test
  void theEndpointsOfALargeServiceComeAndGoAsBuckets() throws Exception {
    converged();
    put(reconciler, ids, service("front", "10.100.0.7", endpoints(0, 200)));
    reconciler.awaitInstalled(FRONT, SOON);
    flows.clearLog();
    put(reconciler, ids, service("front", "10.100.0.7", endpoints(1, 201)));
    reconciler.awaitInstalled(FRONT, SOON);

    assertThat(flows.log()).hasSize(1);
    assertThat(flows.log().getFirst())
        .satisfiesExactly(
            c -> assertThat(c).isInstanceOf(Change.InsertBuckets.class),
            c -> assertThat(c).isInstanceOf(Change.RemoveBucket.class));
    assertThat(reconciler.audit(SOON).clean()).isTrue();
  }

  private static String[] endpoints(int from, int to) {
    return java.util.stream.IntStream.range(from, to)
        .mapToObj(i -> "10.0.%d.%d".formatted(4 + i / 250, 2 + i % 250))
        .toArray(String[]::new);
  }

  @Test
  void makeBeforeBreakWhenAServiceLosesItsLastEndpoint() throws Exception {
    converged();
    put(reconciler, ids, service("front", "10.100.0.7"));
    reconciler.awaitInstalled(FRONT, SOON);
    assertThat(flows.log().getFirst())
        .satisfiesExactly(
            c -> assertThat(c).isInstanceOf(Change.AddFlow.class),
            c -> assertThat(c).isInstanceOf(Change.DeleteGroup.class));

    put(reconciler, ids, service("front", "10.100.0.7", "10.0.1.2"));
    reconciler.awaitInstalled(FRONT, SOON);
    assertThat(flows.log().getLast())
        .satisfiesExactly(
            c -> assertThat(c).isInstanceOf(Change.AddGroup.class),
            c -> assertThat(c).isInstanceOf(Change.AddFlow.class));
  }

  @Test
  void removedOwnersLeaveNothing() throws Exception {
    converged();
    int before = flows.entries().size();
    LocalPod b = pod("b", "10.0.1.3", 6);
    reconciler.put(b.owner(), source(b));
    reconciler.awaitInstalled(b.owner(), SOON);
    assertThat(flows.entries()).hasSize(before + PodCompiler.compile(NODE, b).flows().size());

    reconciler.remove(b.owner());
    reconciler.awaitInstalled(b.owner(), SOON);
    assertThat(flows.entries()).hasSize(before);
    assertThat(reconciler.status().owners()).isEqualTo(4);
  }

  @Test
  void anOwnerThatTheSwitchRefusesStopsNoOneElse() throws Exception {
    converged();
    flows.refuse(c ->
        c instanceof Change.AddFlow add
            && add.flow().toString().contains(Field.IPV4_DST.name())
            && add.flow().match().get(Field.IPV4_DST).isPresent()
            && add.flow().match().get(Field.IPV4_DST).get().value().toLong()
                == Ip.parse("10.100.0.66").value().toLong());
    put(reconciler, ids, service("bad", "10.100.0.66", "10.0.1.2"));
    for (int i = 0; i < 20; i++) {
      put(reconciler, ids, service("good" + i, "10.100.1." + i, "10.0.1.2"));
    }
    for (int i = 0; i < 20; i++) {
      reconciler.awaitInstalled(new Owner.Service("web", "good" + i), SOON);
    }
    Owner bad = new Owner.Service("web", "bad");
    assertThatThrownBy(() -> reconciler.awaitInstalled(bad, Duration.ofMillis(20)))
        .isInstanceOf(InstallException.class)
        .hasMessageContaining("service/web/bad")
        .hasMessageContaining("told to refuse");
    await().atMost(SOON).until(() -> heard.lines.contains("refused " + bad));
    assertThat(heard.lines).noneMatch(l -> l.contains("good"));

    flows.refuse(c -> false);
    reconciler.awaitInstalled(bad, SOON);
    assertThat(reconciler.status().refused()).isEmpty();
    assertThat(reconciler.audit(SOON).clean()).isTrue();
  }

  @Test
  void anOwnerThatCannotBeCompiledStopsNoOneElse() throws Exception {
    converged();
    Owner bad = new Owner.Service("web", "bad");
    reconciler.put(
        bad,
        () -> {
          throw new IllegalStateException("no such thing");
        });
    put(reconciler, ids, service("good", "10.100.1.1", "10.0.1.2"));
    reconciler.awaitInstalled(new Owner.Service("web", "good"), SOON);
    await().atMost(SOON).until(() -> heard.lines.contains("refused " + bad));
    reconciler.remove(bad);
    reconciler.awaitInstalled(bad, SOON);
    await().atMost(SOON).until(() -> reconciler.status().refused().isEmpty());
  }

  @Test
  void ofTwoServicesWithOneAddressTheFirstNameWinsUntilItGoes() throws Exception {
    converged();
    put(reconciler, ids, service("zebra", "10.100.0.7", "10.0.2.20"));
    reconciler.awaitInstalled(new Owner.Service("web", "zebra"), SOON);
    assertThat(heard.lines).contains("conflict service/web/front before service/web/zebra");
    Flow serving = serving("10.100.0.7");

    put(reconciler, ids, service("aardvark", "10.100.0.7", "10.0.2.30"));
    reconciler.awaitInstalled(new Owner.Service("web", "aardvark"), SOON);
    assertThat(serving("10.100.0.7")).isNotEqualTo(serving);

    reconciler.remove(new Owner.Service("web", "aardvark"));
    reconciler.awaitInstalled(new Owner.Service("web", "aardvark"), SOON);
    assertThat(serving("10.100.0.7")).isEqualTo(serving);
    assertThat(heard.lines).contains("resolved service/web/aardvark before service/web/zebra");

    reconciler.remove(FRONT);
    reconciler.awaitInstalled(FRONT, SOON);
    assertThat(serving("10.100.0.7")).isNotEqualTo(serving);
    assertThat(reconciler.status().conflicts()).isZero();
    assertThat(reconciler.audit(SOON).clean()).isTrue();
  }

  private Flow serving(String vip) {
    FieldMatch match = FieldMatch.exact(Field.IPV4_DST, Ip.parse(vip).value().toLong());
    return installed().stream()
        .filter(f -> f.table() == 17 && f.match().fields().contains(match))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void theAuditNamesAndRepairsWhatSomeoneDid() throws Exception {
    converged();
    Set<Flow> right = installed();
    List<Flow> podFlows = PodCompiler.compile(NODE, pod("a", "10.0.1.2", 5)).flows();
    Flow foreign = new Flow(0, 999, Match.ANY, List.of(new Action.Output(7)));
    Flow changed =
        new Flow(
            podFlows.getLast().table(),
            podFlows.getLast().priority(),
            podFlows.getLast().match(),
            List.of());
    flows.meddle(
        new Change.DeleteFlow(podFlows.get(0).key()),
        new Change.DeleteFlow(podFlows.get(1).key()),
        new Change.AddFlow(foreign, 0),
        new Change.AddFlow(changed, 0));

    DriftReport report = reconciler.audit(SOON);

    assertThat(report.count(DriftReport.Kind.MISSING)).isEqualTo(2);
    assertThat(report.count(DriftReport.Kind.FOREIGN)).isEqualTo(1);
    assertThat(report.count(DriftReport.Kind.ALTERED)).isEqualTo(1);
    assertThat(report.findings())
        .filteredOn(f -> f.kind() != DriftReport.Kind.FOREIGN)
        .allSatisfy(f -> assertThat(f.owner()).isEqualTo(Optional.of(new Owner.Pod("web", "a"))));
    assertThat(report.repaired()).isTrue();
    assertThat(report.text())
        .contains("missing pod/web/a: table=0, priority=200,arp,in_port=5 actions=")
        .contains("foreign: table=0, priority=999 actions=output:7\n")
        .containsPattern("altered pod/web/a: table=40, .*; it is table=40, .* actions=drop");
    assertThat(installed()).isEqualTo(right);
    assertThat(reconciler.audit(SOON).clean()).isTrue();
  }

  @Test
  void theAuditRepairsGroups() throws Exception {
    converged();
    var group = flows.dumpGroups().getFirst();
    flows.meddle(
        new Change.RemoveBucket(group.id(), group.type(), group.buckets().getFirst().id()));
    assertThat(reconciler.audit(SOON).count(DriftReport.Kind.ALTERED)).isEqualTo(1);
    assertThat(flows.group(group.id()).orElseThrow().buckets())
        .containsExactlyInAnyOrderElementsOf(group.buckets());

    // Someone deletes the group, and with it goes the flow.
    flows.meddle(new Change.DeleteGroup(group.id()));
    assertThat(reconciler.audit(SOON).count(DriftReport.Kind.MISSING)).isEqualTo(2);
    assertThat(reconciler.audit(SOON).clean()).isTrue();
  }

  @Test
  void aChangeFindsOutThatSomeoneDeletedItsGroup() throws Exception {
    converged();
    flows.meddle(new Change.DeleteGroup(flows.dumpGroups().getFirst().id()));
    put(reconciler, ids, service("front", "10.100.0.7", "10.0.1.2", "10.0.2.10"));
    reconciler.awaitInstalled(FRONT, SOON);
    assertThat(flows.dumpGroups().getFirst().buckets()).hasSize(2);
    assertThat(heard.lines).isEmpty();
  }

  @Test
  void aSwitchThatComesBackEmptyIsFilledAgain() throws Exception {
    converged();
    Set<Flow> right = installed();
    reconciler.disconnected();
    assertThat(reconciler.ready()).isFalse();
    assertThatThrownBy(
            () -> {
              reconciler.put(FRONT, FlowSet.EMPTY);
              reconciler.awaitInstalled(FRONT, Duration.ofMillis(5));
            })
        .hasMessageContaining("no connection to the switch");
    put(reconciler, ids, service("front", "10.100.0.7", "10.0.1.2", "10.0.2.9"));

    FakeSwitch empty = new FakeSwitch();
    reconciler.connected(empty);
    converge(reconciler);
    assertThat(empty.entries().stream().map(FakeSwitch.Entry::flow).collect(Collectors.toSet()))
        .isEqualTo(right);
  }

  @Test
  void aLostAnswerIsFollowedByAComparison() throws Exception {
    converged();
    flows.gone(true);
    LocalPod b = pod("b", "10.0.1.3", 6);
    reconciler.put(b.owner(), source(b));
    assertThatThrownBy(() -> reconciler.awaitInstalled(b.owner(), Duration.ofMillis(30)))
        .isInstanceOf(InstallException.class);
    flows.gone(false);
    reconciler.awaitInstalled(b.owner(), SOON);
    assertThat(heard.reports.getLast().cause()).isEqualTo(DriftReport.Cause.RETRY);
  }

  @Test
  void aServiceOfManyEndpointsHasGroupsOfGroups() throws Exception {
    converged();
    put(reconciler, ids, service("large", "10.100.0.9", endpoints(0, 800)));
    reconciler.awaitInstalled(new Owner.Service("web", "large"), SOON);
    assertThat(flows.dumpGroups()).hasSizeGreaterThan(3);
    assertThat(flows.dangling()).isEmpty();
    assertThat(reconciler.audit(SOON).clean()).isTrue();
  }
}
