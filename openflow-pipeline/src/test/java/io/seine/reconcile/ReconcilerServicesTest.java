package io.seine.reconcile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.seine.openflow.Action;
import io.seine.openflow.Bits;
import io.seine.openflow.Change;
import io.seine.openflow.CtFlush;
import io.seine.openflow.Family;
import io.seine.openflow.Field;
import io.seine.openflow.FieldMatch;
import io.seine.openflow.Flow;
import io.seine.openflow.Group;
import io.seine.openflow.Ip;
import io.seine.openflow.Match;
import io.seine.openflow.testing.FakeSwitch;
import io.seine.pipeline.Cookie;
import io.seine.pipeline.FlowSet;
import io.seine.pipeline.GroupIds;
import io.seine.pipeline.Owner;
import io.seine.pipeline.ServiceCompiler;
import io.seine.pipeline.ServiceFact;
import io.seine.pipeline.ServiceFact.Endpoint;
import io.seine.pipeline.ServiceFact.Frontend;
import io.seine.pipeline.ServiceFact.Policy;
import io.seine.pipeline.ServiceFact.Protocol;
import io.seine.pipeline.Table;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What services ask of the reconciler beyond flows: groups of groups, learning, forgetting. */
class ReconcilerServicesTest {
  private static final Duration SOON = Duration.ofSeconds(10);
  private static final Owner BIG = new Owner.Service("web", "big");
  private static final Owner DNS = new Owner.Service("web", "dns");

  private final FakeSwitch flows = new FakeSwitch();
  private final List<Reconciler> started = new ArrayList<>();

  private Reconciler start() {
    Reconciler next = new Reconciler(new GroupIds(), ReconcileListener.NONE);
    started.add(next);
    return next;
  }

  @AfterEach
  void stop() {
    started.forEach(Reconciler::close);
  }

  private static void converge(Reconciler reconciler, FakeSwitch on) throws Exception {
    reconciler.connected(on);
    reconciler.initialSyncComplete();
    assertThat(reconciler.awaitConverged(SOON)).isTrue();
  }

  private void put(Reconciler reconciler, Owner owner, FlowSet set) throws Exception {
    reconciler.put(owner, set);
    reconciler.awaitInstalled(owner, SOON);
    assertThat(flows.dangling()).isEmpty();
  }

  private static Group group(int id, int... leadsTo) {
    List<Group.Bucket> buckets = new ArrayList<>();
    for (int next : leadsTo) {
      buckets.add(new Group.Bucket(next, 1, List.of(new Action.Group(next))));
    }
    if (buckets.isEmpty()) {
      buckets.add(new Group.Bucket(1, 1, List.of(new Action.Output(id))));
    }
    return new Group(id, Group.Type.SELECT, HASH, buckets);
  }

  private static final Optional<Group.Selection> HASH =
      Optional.of(new Group.Selection("hash", 0, List.of(Group.Selection.hashed(Field.IPV4_SRC))));

  private static FlowSet leading(int first, Group... groups) {
    Match match =
        Match.of(
            FieldMatch.exact(Field.ETH_TYPE, 0x0800), FieldMatch.exact(Field.IPV4_DST, 0x0a640001));
    return new FlowSet(
        List.of(new Flow(17, 200, match, List.of(new Action.Group(first)))), List.of(groups));
  }

  private List<String> steps() {
    List<String> steps = new ArrayList<>();
    for (Change change : flows.log().getLast()) {
      steps.add(
          switch (change) {
            case Change.AddGroup c -> "+" + c.group().id();
            case Change.ModifyGroup c -> "=" + c.group().id();
            case Change.DeleteGroup c -> "-" + c.groupId();
            case Change.InsertBuckets c -> c.groupId() + "+" + c.buckets().getFirst().id();
            case Change.RemoveBucket c -> c.groupId() + "-" + c.bucketId();
            case Change.AddFlow _ -> "+flow";
            case Change.DeleteFlow _ -> "-flow";
          });
    }
    return steps;
  }

  @Test
  void subGroupsComeBeforeTheirParentsAndGoAfterThem() throws Exception {
    Reconciler reconciler = start();
    converge(reconciler, flows);

    put(reconciler, BIG, leading(1, group(1, 2, 3), group(2), group(3)));
    assertThat(steps()).containsExactly("+2", "+3", "+1", "+flow");

    // when one of the sub-groups is replaced by two
    put(reconciler, BIG, leading(1, group(1, 2, 4, 5), group(5), group(4), group(2)));
    assertThat(steps()).containsExactly("+4", "+5", "1+4", "1-3", "-3");

    // when the group is put below another one
    put(reconciler, BIG, leading(6, group(6, 1), group(1, 2), group(2)));
    assertThat(steps()).containsExactly("+6", "+flow", "1-4", "1-5", "-4", "-5");

    reconciler.remove(BIG);
    reconciler.awaitInstalled(BIG, SOON);
    assertThat(steps()).containsExactly("-flow", "-6", "-1", "-2");
    assertThat(flows.dumpGroups()).isEmpty();
  }

  @Test
  void whatIsLeftOfGroupsOfGroupsIsKnownAsSeinesAndGoesParentsFirst() throws Exception {
    Reconciler first = start();
    first.put(BIG, leading(1, group(1, 2, 3), group(2), group(3)));
    converge(first, flows);
    first.close();

    Reconciler second = start();
    converge(second, flows);

    assertThat(steps()).first().isEqualTo("-flow");
    assertThat(steps().indexOf("-1"))
        .isLessThan(Math.min(steps().indexOf("-2"), steps().indexOf("-3")));
    assertThat(flows.dumpGroups()).isEmpty();
  }

  @Test
  void aGroupTooLargeToBeShownIsRefusedHoweverItGrew() throws Exception {
    Reconciler reconciler = start();
    converge(reconciler, flows);
    put(reconciler, BIG, leading(1, ofBuckets(1000)));
    reconciler.put(BIG, leading(1, ofBuckets(3000)));
    reconciler.put(DNS, FlowSet.EMPTY);
    reconciler.awaitInstalled(DNS, SOON);
    await().atMost(SOON).until(() -> reconciler.status().refused().containsKey(BIG));
    assertThat(reconciler.status().refused().get(BIG)).contains("3000 buckets", "spread");
    assertThat(flows.dumpGroups().getFirst().buckets()).hasSize(1000);
  }

  private static Group ofBuckets(int count) {
    return new Group(
        1,
        Group.Type.SELECT,
        HASH,
        IntStream.range(0, count)
            .mapToObj(i -> new Group.Bucket(i, 1, List.of(new Action.Output(i))))
            .toList());
  }

  private static ServiceFact dns(Protocol protocol, OptionalInt affinity, String... endpoints) {
    List<Endpoint> list =
        Arrays.stream(endpoints).map(a -> new Endpoint(Ip.parse(a), 5353)).toList();
    return new ServiceFact(
        "web",
        "dns",
        List.of(
            new ServiceFact.Port(
                "dns",
                protocol,
                Family.IPV4,
                53,
                List.of(Frontend.clusterIp(Ip.parse("10.100.0.7"), 53, Policy.CLUSTER)),
                list,
                List.of(),
                affinity)));
  }

  private static void put(Reconciler reconciler, ServiceFact fact) {
    GroupIds ids = new GroupIds();
    reconciler.put(fact.owner(), () -> ServiceCompiler.compile(fact, ids));
  }

  private static ServiceFact udp(String... endpoints) {
    return dns(Protocol.UDP, OptionalInt.empty(), endpoints);
  }

  private static String of(String endpoint) {
    return "protocol 17 to 10.100.0.7:53 answered by " + endpoint + ":5353, zone 65520";
  }

  private void awaitFlushes(FakeSwitch on, String... flushes) {
    await()
        .atMost(SOON)
        .untilAsserted(() -> assertThat(on.flushed()).map(CtFlush::toString).contains(flushes));
  }

  @Test
  void whenAnEndpointGoesItsUdpConnectionsAreForgotten() throws Exception {
    Reconciler reconciler = start();
    put(reconciler, udp("10.0.1.2", "10.0.2.3"));
    converge(reconciler, flows);
    flows.clearLog();

    put(reconciler, udp("10.0.1.2"));
    awaitFlushes(flows, of("10.0.2.3"));
    assertThat(flows.flushed()).hasSize(1);
  }

  @Test
  void whatChangedWhileTheAgentWasAwayCountsToo() throws Exception {
    Reconciler first = start();
    put(first, udp("10.0.1.2", "10.0.2.3"));
    converge(first, flows);
    first.close();
    flows.clearLog();

    Reconciler second = start();
    put(second, udp("10.0.1.2", "10.0.2.4"));
    converge(second, flows);
    awaitFlushes(flows, of("10.0.2.3"));
    second.close();
    flows.clearLog();

    // and what did not change breaks nothing
    Reconciler third = start();
    put(third, udp("10.0.1.2", "10.0.2.4"));
    converge(third, flows);
    third.close();
    assertThat(flows.flushed()).isEmpty();

    Reconciler fourth = start();
    converge(fourth, flows);
    awaitFlushes(flows, "protocol 17 to 10.100.0.7:53, zone 65520");
  }

  @Test
  void aSwitchThatLostItsFlowsKeepsItsConnectionsToEndpointsThatStay() throws Exception {
    Reconciler reconciler = start();
    put(reconciler, udp("10.0.1.2", "10.0.2.3"));
    converge(reconciler, flows);
    reconciler.disconnected();

    FakeSwitch again = new FakeSwitch();
    converge(reconciler, again);
    assertThat(again.flushed()).isEmpty();
    reconciler.disconnected();

    put(reconciler, udp("10.0.1.2"));
    FakeSwitch third = new FakeSwitch();
    converge(reconciler, third);
    awaitFlushes(third, of("10.0.2.3"));
  }

  private static Change learnt(long cookie) {
    Match match =
        Match.of(
            FieldMatch.exact(Field.ETH_TYPE, 0x0800),
            FieldMatch.exact(Field.IPV4_SRC, Bits.of(cookie, 4)));
    return new Change.AddFlow(new Flow(Table.AFFINITY.number(), 200, match, List.of()), cookie);
  }

  @Test
  void whatWantedFlowsHaveLearntIsLeftAloneAndGoesWithThem() throws Exception {
    Reconciler reconciler = start();
    put(reconciler, dns(Protocol.TCP, OptionalInt.of(60), "10.0.1.2", "10.0.2.3"));
    converge(reconciler, flows);
    // given clients of both endpoints, and one that no flow would remember
    Group group = flows.dumpGroups().getFirst();
    for (Group.Bucket bucket : group.buckets()) {
      flows.meddle(learnt(Cookie.learned(group.id(), bucket.id(), 60)));
    }
    flows.meddle(learnt(Cookie.learned(group.id(), 4711, 60)));

    DriftReport report = reconciler.audit(SOON);
    assertThat(report.counts()).containsOnly(Map.entry(DriftReport.Kind.STALE, 1));
    assertThat(flows.dumpFlows(Table.AFFINITY.number())).hasSize(2);
    assertThat(reconciler.audit(SOON).clean()).isTrue();

    // when one endpoint goes, so do its clients' entries
    put(reconciler, dns(Protocol.TCP, OptionalInt.of(60), "10.0.1.2"));
    reconciler.awaitInstalled(DNS, SOON);
    assertThat(flows.dumpFlows(Table.AFFINITY.number())).hasSize(1);
    assertThat(reconciler.audit(SOON).clean()).isTrue();
  }
}
