package io.seine.agent.kube;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.seine.agent.kube.NetworkPolicyInfo.Peer;
import io.seine.agent.kube.NetworkPolicyInfo.Port;
import io.seine.agent.kube.NetworkPolicyInfo.Rule;
import io.seine.agent.kube.Selector.Requirement;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each field of a NetworkPolicy absent, empty and odd (networking/v1, NetworkPolicySpec). */
class ReduceNetworkPolicyTest {
  private static final ReduceNetworkPolicy REDUCE = new ReduceNetworkPolicy();
  private static final Rule ALL = new Rule(List.of(), List.of());

  private static NetworkPolicyInfo policy(String annotations, String spec) {
    String yaml =
        """
        apiVersion: networking.k8s.io/v1
        kind: NetworkPolicy
        metadata: {name: web, namespace: shop, uid: u1, annotations: %s}
        %s
        """
            .formatted(annotations, spec);
    return REDUCE.policy(new KubernetesSerialization().unmarshal(yaml, NetworkPolicy.class));
  }

  private static NetworkPolicyInfo policy(String spec) {
    return policy("{}", "spec: " + spec);
  }

  private static Rule ingress(String rule) {
    return policy("{podSelector: {}, ingress: [" + rule + "]}").ingressRules().getFirst();
  }

  private static Peer peer(String peer) {
    return ingress("{from: [" + peer + "]}").peers().getFirst();
  }

  private static Port port(String port) {
    return ingress("{ports: [" + port + "]}").ports().getFirst();
  }

  @Test
  void shouldKeepAllThatIsSaid() {
    NetworkPolicyInfo web =
        policy(
            "{seine.io/dry-run: 'true', seine.io/log: denied}",
            """
            spec:
              podSelector:
                matchLabels: {app: web}
                matchExpressions:
                - {key: tier, operator: In, values: [front, back]}
                - {key: old, operator: DoesNotExist}
              policyTypes: [Ingress, Egress]
              ingress:
              - from:
                - ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16, 10.2.0.0/16]}
                - namespaceSelector: {matchLabels: {team: a}}
                  podSelector: {matchLabels: {app: client}}
                ports: [{protocol: UDP, port: 53}]
              egress:
              - {}
            """);

    assertThat(web)
        .isEqualTo(
            new NetworkPolicyInfo(
                new ObjectRef(
                    "networking.k8s.io/v1", "NetworkPolicy", new ObjectKey("shop", "web"), "u1"),
                new Selector(
                    Map.of("app", "web"),
                    List.of(
                        new Requirement("tier", "In", List.of("front", "back")),
                        new Requirement("old", "DoesNotExist", List.of()))),
                true,
                true,
                List.of(
                    new Rule(
                        List.of(
                            new Peer.Addresses("10.0.0.0/8", List.of("10.1.0.0/16", "10.2.0.0/16")),
                            new Peer.Pods(
                                Optional.of(Selector.of(Map.of("team", "a"))),
                                Optional.of(Selector.of(Map.of("app", "client"))))),
                        List.of(new Port("UDP", "53", Optional.empty())))),
                List.of(ALL),
                new PolicyOptions("true", "denied")));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          nothing but a selector           | {podSelector: {}}                                       | true  | false
          ingress rules                    | {podSelector: {}, ingress: [{}]}                        | true  | false
          no egress rule is no egress      | {podSelector: {}, egress: []}                           | true  | false
          egress rules                     | {podSelector: {}, egress: [{}]}                         | true  | true
          an empty list is an absent one   | {podSelector: {}, policyTypes: [], egress: [{}]}        | true  | true
          Egress only                      | {podSelector: {}, policyTypes: [Egress], ingress: [{}]} | false | true
          Egress without rules             | {podSelector: {}, policyTypes: [Egress]}                | false | true
          Ingress, whatever egress it says | {podSelector: {}, policyTypes: [Ingress], egress: [{}]} | true  | false
          both, without rules              | {podSelector: {}, policyTypes: [Egress, Ingress]}       | true  | true
          """)
  void shouldDefaultTheTypesAsDocumented(
      String name, String spec, boolean ingress, boolean egress) {
    NetworkPolicyInfo policy = policy(spec);

    assertThat(policy.ingress()).isEqualTo(ingress);
    assertThat(policy.egress()).isEqualTo(egress);
  }

  @ParameterizedTest(name = "spec: {0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          no spec at all      | ''
          an empty spec       | spec: {}
          no selector         | spec: {policyTypes: [Ingress]}
          a selector of null  | spec: {podSelector: null}
          an empty selector   | spec: {podSelector: {}}
          empty parts         | spec: {podSelector: {matchLabels: {}, matchExpressions: []}}
          """)
  void shouldSelectAllPodsOfTheNamespaceWithoutASelector(String name, String spec) {
    NetworkPolicyInfo policy = policy("{}", spec);

    assertThat(policy.pods()).isEqualTo(Selector.ALL);
    assertThat(policy.ingress()).isTrue();
    assertThat(policy.ingressRules()).isEmpty();
    assertThat(policy.options()).isEqualTo(PolicyOptions.NONE);
  }

  @Test
  void shouldTakeAbsentAndEmptyListsOfPeersAndPortsForAll() {
    for (String rule : List.of("{}", "{from: []}", "{ports: []}", "{from: null, ports: null}")) {
      assertThat(ingress(rule)).as(rule).isEqualTo(ALL);
    }
  }

  @Test
  void shouldTellAnAbsentSelectorFromAnEmptyOne() {
    Optional<Selector> all = Optional.of(Selector.ALL);

    assertThat(peer("{podSelector: {}}")).isEqualTo(new Peer.Pods(Optional.empty(), all));
    assertThat(peer("{namespaceSelector: {}}")).isEqualTo(new Peer.Pods(all, Optional.empty()));
    assertThat(peer("{namespaceSelector: {}, podSelector: {}}")).isEqualTo(new Peer.Pods(all, all));
    assertThat(peer("{namespaceSelector: null, podSelector: {}}"))
        .isEqualTo(new Peer.Pods(Optional.empty(), all));
  }

  @Test
  void shouldSayWhatIsUnclearOfAPeer() {
    assertThat(peer("{}")).isInstanceOf(Peer.Unclear.class);
    assertThat(peer("{fqdn: example.com}")).isInstanceOf(Peer.Unclear.class);
    assertThat(peer("{ipBlock: {cidr: 10.0.0.0/8}, podSelector: {}}"))
        .isEqualTo(new Peer.Unclear("it has an ipBlock and a selector, which exclude each other"));
  }

  @Test
  void shouldLeaveBlocksToBeJudgedByOthers() {
    assertThat(peer("{ipBlock: {cidr: '::/0'}}")).isEqualTo(new Peer.Addresses("::/0", List.of()));
    assertThat(peer("{ipBlock: {}}")).isEqualTo(new Peer.Addresses("", List.of()));
    assertThat(peer("{ipBlock: {cidr: 10.0.0.0/8, except: [nonsense]}}"))
        .isEqualTo(new Peer.Addresses("10.0.0.0/8", List.of("nonsense")));
  }

  @Test
  void shouldReadPortsByNumberNameAndRange() {
    assertThat(port("{}")).isEqualTo(new Port("TCP", "", Optional.empty()));
    assertThat(port("{protocol: SCTP}")).isEqualTo(new Port("SCTP", "", Optional.empty()));
    assertThat(port("{port: 80}")).isEqualTo(new Port("TCP", "80", Optional.empty()));
    assertThat(port("{port: web}")).isEqualTo(new Port("TCP", "web", Optional.empty()));
    assertThat(port("{port: 8000, endPort: 9000, protocol: UDP}"))
        .isEqualTo(new Port("UDP", "8000", Optional.of(9000)));
    assertThat(port("{port: web, endPort: 90}")).isEqualTo(new Port("TCP", "web", Optional.of(90)));
  }

  @Test
  void shouldKeepSelectorsOnceThatManyPoliciesHave() {
    NetworkPolicyInfo one = policy("{podSelector: {matchLabels: {app: web}}}");
    NetworkPolicyInfo two = policy("{podSelector: {matchLabels: {app: web}}, egress: [{}]}");

    assertThat(two.pods()).isSameAs(one.pods());
    assertThat(two.options()).isSameAs(PolicyOptions.NONE);
  }

  @Test
  void shouldReadEgressRulesAsIngressRules() {
    NetworkPolicyInfo policy =
        policy("{podSelector: {}, egress: [{to: [{podSelector: {}}], ports: [{port: 53}]}]}");

    assertThat(policy.egressRules())
        .containsExactly(
            new Rule(
                List.of(new Peer.Pods(Optional.empty(), Optional.of(Selector.ALL))),
                List.of(new Port("TCP", "53", Optional.empty()))));
  }
}
