package io.seine.reconcile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.seine.openflow.Change;
import io.seine.openflow.Flow;
import io.seine.openflow.Ip;
import io.seine.openflow.IpPrefix;
import io.seine.openflow.testing.FakeSwitch;
import io.seine.pipeline.Addresses;
import io.seine.pipeline.BaseCompiler;
import io.seine.pipeline.FlowSet;
import io.seine.pipeline.GroupIds;
import io.seine.pipeline.LocalNode;
import io.seine.pipeline.LocalPod;
import io.seine.pipeline.Owner;
import io.seine.pipeline.PodCompiler;
import io.seine.pipeline.Rule;
import io.seine.pipeline.Table;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is put together takes effect together, or not at all. */
class ReconcilerTogetherTest {
  private static final Duration SOON = Duration.ofSeconds(10);
  private static final LocalNode NODE =
      LocalNode.of(
          "n1",
          Ip.parse("192.0.2.1"),
          IpPrefix.parse("10.0.1.0/24"),
          List.of(IpPrefix.parse("10.100.0.0/16")));
  private static final LocalPod POD =
      new LocalPod("web", "a", Ip.parse("10.0.1.2"), Addresses.macOf(Ip.parse("10.0.1.2")), 5);
  private static final LocalPod APART =
      new LocalPod("web", "b", Ip.parse("10.0.1.3"), Addresses.macOf(Ip.parse("10.0.1.3")), 6);

  private final List<Owner> told = new CopyOnWriteArrayList<>();
  private final FakeSwitch flows = new FakeSwitch();
  private final Reconciler reconciler =
      new Reconciler(
          new GroupIds(),
          new ReconcileListener() {
            @Override
            public void refused(Owner owner, String reason, int attempts, Duration nextAttempt) {
              told.add(owner);
            }
          },
          InstantSource.system(),
          new Reconciler.BackOff(Duration.ofMillis(5), Duration.ofMillis(20)));

  @AfterEach
  void stop() {
    reconciler.close();
  }

  private static Owner policy(int i) {
    return new Owner.Policy("networkpolicy", "web", "p" + i);
  }

  private static Flow flow(int i, int version) {
    return Rule.in(Table.EGRESS_NETWORK_POLICY, 100 + version)
        .destination(Ip.parse("10.9.0.0").plus(i))
        .drop();
  }

  private static Optional<FlowSource> source(int i, int version) {
    FlowSet set = new FlowSet(List.of(flow(i, version)), List.of());
    return Optional.of(() -> set);
  }

  private static Map<Owner, Optional<FlowSource>> policies(int from, int to, int version) {
    Map<Owner, Optional<FlowSource>> all = new HashMap<>();
    for (int i = from; i < to; i++) {
      all.put(policy(i), source(i, version));
    }
    return all;
  }

  private static Optional<FlowSource> pod(LocalPod pod) {
    return Optional.of(() -> PodCompiler.compile(NODE, pod));
  }

  private void base() {
    reconciler.put(new Owner.Base(), () -> BaseCompiler.compile(NODE));
  }

  private void converged() throws InterruptedException {
    reconciler.initialSyncComplete();
    reconciler.connected(flows);
    assertThat(reconciler.awaitConverged(SOON)).isTrue();
  }

  private boolean has(Flow flow) {
    return flows.entries().stream().anyMatch(entry -> entry.flow().equals(flow));
  }

  private static boolean speaksOf(List<Change> bundle, Flow flow) {
    return bundle.stream()
        .anyMatch(change ->
            switch (change) {
              case Change.AddFlow add -> add.flow().key().equals(flow.key());
              case Change.DeleteFlow delete -> delete.key().equals(flow.key());
              default -> false;
            });
  }

  private void refuse(Flow flow) {
    flows.refuse(
        change -> change instanceof Change.AddFlow add && add.flow().key().equals(flow.key()));
  }

  @Test
  void thousandsOfOwnersChangeInOneBundle() throws Exception {
    base();
    reconciler.put(policies(0, 3000, 1));
    converged();
    flows.clearLog();

    reconciler.put(policies(0, 3000, 2));
    reconciler.awaitInstalled(policies(0, 3000, 2).keySet(), SOON);

    assertThat(flows.log()).hasSize(1);
    assertThat(flows.log().getFirst()).hasSize(6000);
    assertThat(has(flow(17, 2))).isTrue();
    assertThat(has(flow(17, 1))).isFalse();
  }

  @Test
  void whatIsNewGoesInTheBundleThatTakesAwayWhatItReplaces() throws Exception {
    base();
    reconciler.put(policies(0, 2, 1));
    converged();
    flows.clearLog();

    Map<Owner, Optional<FlowSource>> next = policies(2, 4, 1);
    next.put(policy(0), Optional.empty());
    next.put(policy(1), Optional.empty());
    reconciler.put(next);
    assertThat(reconciler.awaitConverged(SOON)).isTrue();

    assertThat(flows.log()).hasSize(1);
    assertThat(has(flow(2, 1))).isTrue();
    assertThat(has(flow(0, 1))).isFalse();
  }

  @Test
  void ifOneIsRefusedNoneOfThemTakesEffectAndOthersDo() throws Exception {
    base();
    reconciler.put(policies(0, 10, 1));
    converged();
    refuse(flow(7, 2));

    reconciler.put(policies(0, 10, 2));
    reconciler.put(APART.owner(), () -> PodCompiler.compile(NODE, APART));
    reconciler.awaitInstalled(APART.owner(), SOON);
    await().atMost(SOON).until(() -> told.contains(policy(7)));

    for (int i = 0; i < 10; i++) {
      assertThat(has(flow(i, 1))).as("policy %d as it was", i).isTrue();
      assertThat(has(flow(i, 2))).as("policy %d as it should be", i).isFalse();
    }
    assertThatThrownBy(() -> reconciler.awaitInstalled(policy(3), Duration.ofMillis(20)))
        .isInstanceOf(InstallException.class)
        .hasMessageContaining("policy/web/p3")
        .hasMessageContaining("go together with those of networkpolicy/web/p7")
        .hasMessageContaining("told to refuse");
    assertThat(told).containsOnly(policy(7));
    assertThat(reconciler.status().refused()).hasSize(10);
  }

  @Test
  void whatComesAfterARefusalWaitsForItAndMayEndIt() throws Exception {
    base();
    reconciler.put(policies(0, 4, 1));
    converged();
    refuse(flow(2, 2));
    reconciler.put(policies(0, 4, 2));
    await().atMost(SOON).until(() -> told.contains(policy(2)));

    Map<Owner, Optional<FlowSource>> pod = new HashMap<>(policies(9, 10, 1));
    pod.put(POD.owner(), pod(POD));
    reconciler.put(pod);
    assertThatThrownBy(() -> reconciler.awaitInstalled(POD.owner(), Duration.ofMillis(100)))
        .isInstanceOf(InstallException.class)
        .hasMessageContaining("networkpolicy/web/p2");
    assertThat(has(flow(9, 1))).isFalse();

    reconciler.put(Map.of(policy(2), Optional.empty()));
    reconciler.awaitInstalled(List.of(POD.owner(), policy(0), policy(9)), SOON);
    assertThat(reconciler.awaitConverged(SOON)).isTrue();
    assertThat(has(flow(0, 2))).isTrue();
    assertThat(has(flow(2, 1))).isFalse();
    assertThat(reconciler.status().refused()).isEmpty();
    assertThat(reconciler.audit(SOON).clean()).isTrue();
  }

  @Test
  void itIsTriedAgainByItself() throws Exception {
    base();
    converged();
    refuse(flow(2, 1));
    reconciler.put(policies(0, 4, 1));
    await().atMost(SOON).until(() -> told.contains(policy(2)));

    flows.refuse(change -> false);

    reconciler.awaitInstalled(policies(0, 4, 1).keySet(), SOON);
    assertThat(reconciler.status().refused()).isEmpty();
  }

  @Test
  void anEmptySwitchGetsPodsAndWhatJudgesThemBeforeAnythingElse() throws Exception {
    base();
    reconciler.put(APART.owner(), () -> PodCompiler.compile(NODE, APART));
    Map<Owner, Optional<FlowSource>> together = new HashMap<>(policies(0, 600, 1));
    together.put(POD.owner(), pod(POD));
    reconciler.put(together);

    converged();

    List<Change> first = flows.log().getFirst();
    assertThat(flows.log()).hasSize(2);
    assertThat(speaksOf(first, BaseCompiler.compile(NODE).flows().getFirst())).isTrue();
    assertThat(speaksOf(first, PodCompiler.compile(NODE, POD).flows().getFirst())).isTrue();
    assertThat(speaksOf(first, flow(599, 1))).isTrue();
    assertThat(speaksOf(first, PodCompiler.compile(NODE, APART).flows().getFirst())).isFalse();
  }

  @Test
  void anEmptySwitchThatRefusesAPolicyGetsNoPodThatGoesTogetherWithIt() throws Exception {
    base();
    reconciler.put(APART.owner(), () -> PodCompiler.compile(NODE, APART));
    Map<Owner, Optional<FlowSource>> together = new HashMap<>(policies(0, 3, 1));
    together.put(POD.owner(), pod(POD));
    reconciler.put(together);
    refuse(flow(1, 1));

    reconciler.initialSyncComplete();
    reconciler.connected(flows);
    reconciler.awaitInstalled(List.of(new Owner.Base(), APART.owner()), SOON);
    await().atMost(SOON).until(() -> told.contains(policy(1)));

    Set<Flow> there = new HashSet<>();
    flows.entries().forEach(entry -> there.add(entry.flow()));
    assertThat(there).doesNotContainAnyElementsOf(PodCompiler.compile(NODE, POD).flows());
    assertThat(there).doesNotContain(flow(0, 1), flow(2, 1));
    assertThat(there).containsAll(PodCompiler.compile(NODE, APART).flows());
  }

  @Test
  void policiesOfBeforeARestartGoInTheBundleThatBringsTheNewOnes() throws Exception {
    base();
    reconciler.put(policies(0, 3, 1));
    converged();
    reconciler.close();
    flows.clearLog();

    try (Reconciler next = new Reconciler(new GroupIds(), ReconcileListener.NONE)) {
      next.put(new Owner.Base(), () -> BaseCompiler.compile(NODE));
      next.put(policies(2, 5, 2));
      next.initialSyncComplete();
      next.connected(flows);
      assertThat(next.awaitConverged(SOON)).isTrue();
    }

    assertThat(flows.log())
        .filteredOn(bundle -> speaksOf(bundle, flow(2, 2)))
        .singleElement()
        .satisfies(bundle -> {
          assertThat(bundle).hasSize(6);
          assertThat(speaksOf(bundle, flow(0, 1))).isTrue();
          assertThat(speaksOf(bundle, flow(2, 1))).isTrue();
        });
  }

  @Test
  void whatCannotBeCompiledHoldsUpWhatItGoesTogetherWith() throws Exception {
    base();
    reconciler.put(policies(0, 2, 1));
    converged();
    Map<Owner, Optional<FlowSource>> next = policies(0, 2, 2);
    next.put(
        policy(1),
        Optional.of(() -> {
          throw new IllegalStateException("no such thing");
        }));

    reconciler.put(next);
    await().atMost(SOON).until(() -> told.contains(policy(1)));

    assertThat(has(flow(0, 1))).isTrue();
    assertThat(has(flow(1, 1))).isTrue();
    assertThat(has(flow(0, 2))).isFalse();
    assertThat(told).containsOnly(policy(1));
  }
}
