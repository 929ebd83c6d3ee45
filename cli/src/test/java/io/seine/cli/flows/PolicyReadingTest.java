package io.seine.cli.flows;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.seine.agent.facts.ClusterFacts;
import io.seine.agent.facts.KnownPolicies;
import io.seine.agent.facts.PolicyObjects;
import io.seine.agent.kube.ClusterPolicyInfo;
import io.seine.agent.kube.NamespaceInfo;
import io.seine.agent.kube.NetworkPolicyInfo;
import io.seine.agent.kube.ObjectKey;
import io.seine.agent.kube.ObjectRef;
import io.seine.agent.kube.PodInfo;
import io.seine.agent.kube.Policies;
import io.seine.cli.flows.PolicyView.Peer;
import io.seine.cli.flows.PolicyView.Rule;
import io.seine.openflow.Flow;
import io.seine.openflow.InstalledFlow;
import io.seine.openflow.Ip;
import io.seine.openflow.IpPrefix;
import io.seine.openflow.Mac;
import io.seine.pipeline.Cookie;
import io.seine.pipeline.LocalNode;
import io.seine.pipeline.LocalPod;
import io.seine.pipeline.Owner;
import io.seine.pipeline.policy.Direction;
import io.seine.pipeline.policy.PolicyDecision;
import io.seine.pipeline.policy.PolicyRef;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What a node and its switch have of a policy. Of the node's pods, web/db is one. */
class PolicyReadingTest {
  private static final LocalNode NODE =
      LocalNode.of(
          "n1",
          Ip.parse("192.0.2.1"),
          IpPrefix.parse("10.0.1.0/24"),
          List.of(IpPrefix.parse("10.100.0.0/16")));
  private static final LocalPod PORT =
      new LocalPod("web", "db", Ip.parse("10.0.1.2"), Mac.parse("0a:58:0a:00:01:02"), 5);
  private static final PolicyRef DB = new PolicyRef(PolicyRef.Kind.NETWORK_POLICY, "web", "db");
  private static final PolicyRef GUARD =
      new PolicyRef(PolicyRef.Kind.CLUSTER_NETWORK_POLICY, "", "guard");
  private static final Peer ANYONE = new Peer("anyone", -1, List.of());

  private final List<PodInfo> pods = new ArrayList<>();
  private final List<NetworkPolicyInfo> networkPolicies = new ArrayList<>();
  private final List<ClusterPolicyInfo> clusterPolicies = new ArrayList<>();
  private boolean isolateNamespaces;

  PolicyReadingTest() {
    pod("db", "n1", "10.0.1.2");
    pod("front", "n2", "10.0.2.2");
  }

  private void pod(String name, String node, String address) {
    pods.add(
        new PodInfo(
            new ObjectRef("v1", "Pod", new ObjectKey("web", name), ""),
            node,
            List.of(address),
            false,
            false,
            Map.of("app", name.replaceAll("-.*", "")),
            List.of()));
  }

  private void networkPolicy(String spec) {
    String yaml =
        """
        apiVersion: networking.k8s.io/v1
        kind: NetworkPolicy
        metadata: {name: db, namespace: web}
        spec: %s
        """
            .formatted(spec);
    networkPolicies.add(
        Policies.of(new KubernetesSerialization().unmarshal(yaml, NetworkPolicy.class)));
  }

  private void clusterPolicy(String annotations, String spec) {
    String yaml =
        """
        apiVersion: policy.networking.k8s.io/v1alpha2
        kind: ClusterNetworkPolicy
        metadata: {name: guard, annotations: {%s}}
        spec: %s
        """
            .formatted(annotations, spec);
    clusterPolicies.add(
        Policies.ofCluster(
            new KubernetesSerialization().unmarshal(yaml, GenericKubernetesResource.class)));
  }

  /** What is read if the switch has those of the flows that it should have. */
  private PolicyView view(PolicyRef policy, Predicate<Flow> there) {
    PolicyObjects objects =
        new PolicyObjects(
            List.of(
                new NamespaceInfo(
                    new ObjectRef("v1", "Namespace", new ObjectKey("", "web"), ""), Map.of())),
            pods,
            List.of(),
            networkPolicies,
            clusterPolicies);
    List<LocalPod> ports = List.of(PORT);
    KnownPolicies known = KnownPolicies.of(NODE, isolateNamespaces, objects, ports);
    ClusterFacts facts = new ClusterFacts(NODE, List.of(), List.of(), ports, known, List.of());
    List<InstalledFlow> flows =
        known.flows().values().stream()
            .flatMap(set -> set.flows().stream())
            .filter(there)
            .map(PolicyReadingTest::counted)
            .toList();
    Map<Ip, Owner> names =
        pods.stream()
            .collect(
                Collectors.toMap(
                    pod -> Ip.parse(pod.address()), pod -> new Owner.Pod("web", pod.key().name())));
    return new PolicyReading(facts, flows, names).view(policy);
  }

  private PolicyView view(PolicyRef policy) {
    return view(policy, flow -> true);
  }

  /** Each rule opened 3 connections, of which 10 packets more came. */
  private static InstalledFlow counted(Flow flow) {
    boolean opening = PolicyDecision.of(flow).filter(PolicyDecision.Part::opening).isPresent();
    return new InstalledFlow(
        flow, Cookie.of(Owner.Kind.POLICY, flow), Duration.ofSeconds(9), opening ? 3 : 10, 0, 0, 0);
  }

  @Test
  void aNetworkPolicyIsItsRulesAndTheDenialOfAllElse() {
    networkPolicy(
        """
        {podSelector: {matchLabels: {app: db}}, ingress: [{ports: [{port: 80}, {port: 53, protocol: UDP}], from: [
          {podSelector: {matchLabels: {app: front}}},
          {ipBlock: {cidr: 198.51.100.0/24}},
          {ipBlock: {cidr: 10.0.0.0/8, except: [10.9.0.0/16, 10.8.0.0/16]}}]}]}
        """);

    PolicyView view = view(DB);

    assertThat(view.node()).isEqualTo("n1");
    assertThat(view.policy()).hasToString("networkpolicy/web/db");
    assertThat(view.pods()).containsExactly("pod/web/db");
    assertThat(view.missing()).isZero();
    assertThat(view.problems()).isEmpty();
    Rule rule = view.rules().getFirst();
    assertThat(rule)
        .isEqualTo(
            new Rule(
                Direction.INGRESS,
                "rule 0",
                "Accept",
                "NetworkPolicy",
                false,
                false,
                List.of(
                    new Peer("pods web: app=front", 1, List.of("pod/web/front")),
                    new Peer("198.51.100.0/24", -1, List.of()),
                    new Peer("10.0.0.0/8 without 10.8.0.0/16, 10.9.0.0/16", -1, List.of())),
                List.of("TCP/80", "UDP/53"),
                13,
                3));
    assertThat(view.rules().getLast())
        .satisfies(last -> {
          assertThat(last.which()).isEqualTo("default, what no NetworkPolicy allows");
          assertThat(last.verdict()).isEqualTo("Deny");
          assertThat(last.peers()).containsExactly(ANYONE);
          assertThat(last.ports()).containsExactly("any");
        });
    assertThat(view.rules()).hasSize(2);
  }

  @Test
  void aClusterNetworkPolicyHasItsPlaceItsNamesAndWhetherItIsTried() {
    clusterPolicy(
        "seine.io/dry-run: 'true', seine.io/log: denied",
        """
        {tier: Admin, priority: 10, subject: {namespaces: {}}, egress: [
          {name: no-metadata, action: Deny, to: [{networks: [169.254.169.254/32]}]},
          {action: Pass, to: [{namespaces: {}}], protocols: [{tcp: {destinationPort: {range: {start: 1, end: 99}}}}]}]}
        """);

    PolicyView view = view(GUARD);

    assertThat(view.policy()).hasToString("clusternetworkpolicy/guard");
    assertThat(view.rules())
        .extracting(Rule::which)
        .containsExactly("rule 0 (no-metadata)", "rule 1");
    assertThat(view.rules()).allMatch(Rule::dryRun);
    assertThat(view.rules()).extracting(Rule::order).containsOnly("Admin, priority 10");
    assertThat(view.rules()).extracting(Rule::log).containsExactly(true, false);
    assertThat(view.rules()).extracting(Rule::verdict).containsExactly("Deny", "Pass");
    assertThat(view.rules().getLast().ports()).containsExactly("TCP/1-99");
    assertThat(view.rules().getLast().peers())
        .singleElement()
        .satisfies(peer -> assertThat(peer.addresses()).isEqualTo(2));
  }

  @Test
  void theIsolationOfANamespaceComesLast() {
    isolateNamespaces = true;

    PolicyView view = view(new PolicyRef(PolicyRef.Kind.ISOLATION, "", "web"));

    assertThat(view.pods()).containsExactly("pod/web/db");
    assertThat(view.rules()).extracting(Rule::order).containsOnly("Baseline, last");
    assertThat(view.rules()).extracting(Rule::verdict).containsExactly("Accept", "Deny");
  }

  @Test
  void ofManyPeersSomeAreNamed() {
    IntStream.range(0, 8).forEach(i -> pod("worker-" + i, "n2", "10.0.3." + (i + 1)));
    networkPolicy(
        "{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{podSelector: {matchLabels: {app: worker}}}]}]}");

    assertThat(view(DB).rules().getFirst().peers())
        .containsExactly(
            new Peer(
                "pods web: app=worker",
                8,
                IntStream.range(0, 5).mapToObj(i -> "pod/web/worker-" + i).toList()));
  }

  @Test
  void ofAPolicyThatSelectsNobodyHereThereIsOnlyWhatIsWrongWithIt() {
    networkPolicy(
        "{podSelector: {matchLabels: {app: front}}, ingress: [{from: [{ipBlock: {cidr: x/8}}]}]}");

    PolicyView view = view(DB);

    assertThat(view.pods()).isEmpty();
    assertThat(view.rules()).isEmpty();
    assertThat(view.missing()).isZero();
    assertThat(view.problems())
        .singleElement()
        .satisfies(problem -> assertThat(problem.reason()).isEqualTo("InvalidCidr"));
  }

  @Test
  void whatTheSwitchLacksOfThePolicyIsCounted() {
    networkPolicy("{podSelector: {}, ingress: [{from: [{podSelector: {}}]}]}");
    PolicyView view = view(DB, flow -> PolicyDecision.of(flow).isEmpty());

    assertThat(view.missing()).isPositive();
    assertThat(view.rules()).hasSize(2).allMatch(rule -> rule.packets() + rule.connections() == 0);
  }
}
