package io.seine.agent.facts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.seine.agent.kube.NamespaceInfo;
import io.seine.agent.kube.NetworkPolicyInfo;
import io.seine.agent.kube.ObjectKey;
import io.seine.agent.kube.ObjectRef;
import io.seine.agent.kube.PodInfo;
import io.seine.agent.kube.PolicyOptions;
import io.seine.agent.kube.Selector;
import io.seine.openflow.Ip;
import io.seine.openflow.Mac;
import io.seine.pipeline.LocalPod;
import io.seine.pipeline.Owner;
import io.seine.pipeline.policy.PodId;
import io.seine.reconcile.Reconciler;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PolicyLoopTest {
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final ObjectKey DB = new ObjectKey("shop", "db");
  private static final LocalPod PORT = port(5);
  private static final Owner POD = PORT.owner();
  private static final Owner JUDGED = new Owner.PolicyPod("shop", "db");
  private static final List<String> POLICY_KINDS =
      List.of("nodes", "pods", "namespaces", "networkpolicies", "clusternetworkpolicies");

  private final TestLoop around = new TestLoop();
  private final FactLoop loop = around.loop;
  private final Reconciler reconciler = around.reconciler;

  private static LocalPod port(int number) {
    return new LocalPod(
        "shop", "db", Ip.parse("10.96.0.5"), Mac.parse("0a:58:0a:60:00:05"), number);
  }

  private static PodInfo pod(String app) {
    return new PodInfo(
        new ObjectRef("v1", "Pod", DB, "u1"),
        "n1",
        List.of("10.96.0.5"),
        false,
        false,
        Map.of("app", app),
        List.of());
  }

  private static NamespaceInfo shop() {
    return new NamespaceInfo(
        new ObjectRef("v1", "Namespace", new ObjectKey("", "shop"), ""),
        Map.of("kubernetes.io/metadata.name", "shop"));
  }

  /** Denies all that pods with the label receive. */
  private static NetworkPolicyInfo policy(Selector pods) {
    return new NetworkPolicyInfo(
        new ObjectRef("networking.k8s.io/v1", "NetworkPolicy", new ObjectKey("shop", "closed"), ""),
        pods,
        true,
        false,
        List.of(),
        List.of(),
        PolicyOptions.NONE);
  }

  private static NetworkPolicyInfo forDb() {
    return policy(Selector.of(Map.of("app", "db")));
  }

  private void know(List<String> kinds) {
    kinds.forEach(loop::synced);
  }

  private boolean wished(Owner owner) {
    return reconciler.wanted().containsKey(owner);
  }

  private static Set<Owner> of(CompletableFuture<Set<Owner>> wished) throws Exception {
    return wished.get(SOON.toSeconds(), TimeUnit.SECONDS);
  }

  @BeforeEach
  void start() {
    loop.start();
  }

  @AfterEach
  void stop() {
    around.close();
  }

  @Test
  void shouldWishForNoPodBeforeAllThatPoliciesNeedIsKnown() throws Exception {
    // given a pod's port of an earlier run, and its policy
    loop.adopt(List.of(PORT));
    loop.namespace(shop());
    loop.pod(pod("db"));
    loop.networkPolicy(forDb());
    CompletableFuture<Set<Owner>> wished = loop.pods().connect(PORT, LocalPods.Early.NONE);

    // when one kind after the other is known
    for (String kind : POLICY_KINDS.subList(1, POLICY_KINDS.size())) {
      loop.synced(kind);
    }
    await().atMost(SOON).until(() -> loop.pods().knows(PORT, "u1"));
    assertThat(wished).isNotDone();
    assertThat(reconciler.wanted()).isEmpty();
    loop.synced("nodes");

    // then pod and policy are wished for together
    assertThat(of(wished)).contains(POD, JUDGED);
    assertThat(reconciler.wanted()).containsKeys(POD, JUDGED);
    await().atMost(SOON).until(() -> around.judgedAnew.contains(Set.of(new PodId("shop", "db"))));
  }

  @Test
  void shouldWaitForThePortsOfEarlierRuns() {
    know(POLICY_KINDS);
    loop.pod(pod("db"));
    loop.networkPolicy(forDb());
    CompletableFuture<Set<Owner>> wished = loop.pods().connect(PORT, LocalPods.Early.NONE);
    await().atMost(SOON).until(() -> loop.pods().knows(PORT, ""));
    assertThat(wished).isNotDone();

    loop.adopt(List.of());

    await().atMost(SOON).until(() -> wished(POD) && wished(JUDGED));
  }

  @Test
  void shouldFindThePoliciesOfAPodThatOnlyTheApiHasToldOf() throws Exception {
    loop.adopt(List.of());
    loop.namespace(shop());
    loop.networkPolicy(forDb());
    know(POLICY_KINDS);

    Set<Owner> owners =
        of(
            loop.pods()
                .connect(PORT, new LocalPods.Early(Optional.of(pod("db")), Optional.of(shop()))));

    assertThat(owners).contains(POD, JUDGED);
    assertThat(loop.pods().knows(PORT, "")).isFalse();

    // and when the informers tell of it, with other labels, these count
    loop.pod(pod("web"));
    await().atMost(SOON).until(() -> !wished(JUDGED));
    assertThat(wished(POD)).isTrue();
  }

  @Test
  void shouldHeedWhoHasToldOfAPodMeanwhileMoreThanAnEarlierAnswer() throws Exception {
    loop.adopt(List.of());
    loop.namespace(shop());
    loop.networkPolicy(forDb());
    know(POLICY_KINDS);
    loop.pod(pod("db"));

    Set<Owner> owners =
        of(
            loop.pods()
                .connect(PORT, new LocalPods.Early(Optional.of(pod("web")), Optional.empty())));

    assertThat(owners).contains(JUDGED);
  }

  @Test
  void shouldTakeAPodThatTheApiDoesNotHaveForOneWithoutLabels() throws Exception {
    loop.adopt(List.of());
    loop.namespace(shop());
    loop.networkPolicy(forDb());
    know(POLICY_KINDS);
    assertThat(of(loop.pods().connect(PORT, LocalPods.Early.NONE))).contains(POD);
    assertThat(wished(JUDGED)).isFalse();

    loop.networkPolicy(policy(Selector.ALL));

    await().atMost(SOON).until(() -> wished(JUDGED));
  }

  @Test
  void shouldTakeAPodWithItsPoliciesOffAndPutItBackAtAnotherPort() throws Exception {
    loop.adopt(List.of(PORT));
    loop.namespace(shop());
    loop.networkPolicy(forDb());
    loop.pod(pod("db"));
    know(POLICY_KINDS);
    await().atMost(SOON).until(() -> wished(JUDGED));

    // when another pod has the name, the end of the first one changes nothing
    assertThat(of(loop.pods().connect(port(6), LocalPods.Early.NONE))).contains(POD, JUDGED);
    assertThat(of(loop.pods().disconnect(PORT))).doesNotContain(POD, JUDGED);
    assertThat(reconciler.wanted()).containsKeys(POD, JUDGED);

    // but its own does
    assertThat(of(loop.pods().disconnect(port(6)))).contains(POD, JUDGED);
    assertThat(reconciler.wanted()).doesNotContainKeys(POD, JUDGED);
  }

  @Test
  void shouldWarnOfAPolicyOnItsObjectOnce() {
    loop.adopt(List.of());
    know(POLICY_KINDS);
    NetworkPolicyInfo unclear =
        policy(new Selector(Map.of(), List.of(new Selector.Requirement("app", "Like", List.of()))));
    loop.networkPolicy(unclear);
    await().atMost(SOON).until(() -> !around.warnings.isEmpty());
    loop.networkPolicy(unclear);
    loop.pod(pod("db"));
    await().atMost(SOON).until(() -> loop.pods().knows(PORT, ""));

    assertThat(around.warnings).singleElement().asString().startsWith("shop/closed ");
    loop.warn(new Owner.Policy("networkpolicy", "shop", "closed"), "FlowsRefused", "no room");
    await().atMost(SOON).until(() -> around.warnings.contains("shop/closed FlowsRefused"));
  }
}
