package io.seine.agent.kube;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.seine.agent.kube.ClusterPolicyInfo.Peer;
import io.seine.agent.kube.ClusterPolicyInfo.Protocol;
import io.seine.agent.kube.ClusterPolicyInfo.Range;
import io.seine.agent.kube.ClusterPolicyInfo.Rule;
import io.seine.agent.kube.Selector.Requirement;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each field of a ClusterNetworkPolicy present, absent and odd (v1alpha2). */
class ReduceClusterPolicyTest {
  private static final Peer.Pods EVERY_POD = new Peer.Pods(Selector.ALL, Selector.ALL);

  private static ClusterPolicyInfo policy(String spec) {
    String yaml =
        """
        apiVersion: policy.networking.k8s.io/v1alpha2
        kind: ClusterNetworkPolicy
        metadata: {name: guard, uid: u1, annotations: {seine.io/log: all}}
        spec: %s
        """
            .formatted(spec.strip().replace("\n", " "));
    return ReduceClusterPolicy.policy(
        new KubernetesSerialization().unmarshal(yaml, GenericKubernetesResource.class));
  }

  private static Rule egress(String rule) {
    return policy("{egress: [" + rule + "]}").egressRules().getFirst();
  }

  private static Peer to(String peer) {
    return egress("{to: [" + peer + "]}").peers().getFirst();
  }

  private static Peer from(String peer) {
    return policy("{ingress: [{from: [" + peer + "]}]}")
        .ingressRules()
        .getFirst()
        .peers()
        .getFirst();
  }

  private static Protocol protocol(String protocol) {
    return egress("{protocols: [" + protocol + "]}").protocols().orElseThrow().getFirst();
  }

  @Test
  void shouldKeepAllThatIsSaid() {
    ClusterPolicyInfo guard =
        policy(
            """
            {tier: Admin, priority: 10,
             subject: {pods: {namespaceSelector: {matchLabels: {team: a}},
                              podSelector: {matchExpressions: [{key: app, operator: In, values: [x]}]}}},
             ingress: [{name: monitors, action: Accept,
                        from: [{namespaces: {matchLabels: {team: ops}}}],
                        protocols: [{tcp: {destinationPort: {number: 9100}}}]}],
             egress: [{action: Deny, to: [{networks: [169.254.0.0/16, 'fe80::/10']}]}]}
            """);

    assertThat(guard)
        .isEqualTo(
            new ClusterPolicyInfo(
                new ObjectRef(
                    "policy.networking.k8s.io/v1alpha2",
                    "ClusterNetworkPolicy",
                    new ObjectKey("", "guard"),
                    "u1"),
                "Admin",
                10,
                Optional.of(
                    new Peer.Pods(
                        Selector.of(Map.of("team", "a")),
                        new Selector(
                            Map.of(), List.of(new Requirement("app", "In", List.of("x")))))),
                List.of(
                    new Rule(
                        "monitors",
                        "Accept",
                        List.of(new Peer.Pods(Selector.of(Map.of("team", "ops")), Selector.ALL)),
                        Optional.of(
                            List.of(
                                new Protocol.Transport(
                                    "TCP", Optional.of(new Range(9100, 9100))))))),
                List.of(
                    new Rule(
                        "",
                        "Deny",
                        List.of(new Peer.Networks(List.of("169.254.0.0/16", "fe80::/10"))),
                        Optional.empty())),
                new PolicyOptions("", "all")));
  }

  @Test
  void shouldReadEveryKindOfPeer() {
    assertThat(to("{namespaces: {}}")).isEqualTo(EVERY_POD);
    assertThat(to("{pods: {namespaceSelector: {}, podSelector: {}}}")).isEqualTo(EVERY_POD);
    assertThat(to("{pods: {podSelector: {}}}")).isEqualTo(EVERY_POD);
    assertThat(to("{nodes: {}}")).isEqualTo(new Peer.Nodes(Selector.ALL));
    assertThat(to("{nodes: {matchLabels: {role: db}}}"))
        .isEqualTo(new Peer.Nodes(Selector.of(Map.of("role", "db"))));
    assertThat(to("{networks: ['::/0']}")).isEqualTo(new Peer.Networks(List.of("::/0")));
    assertThat(to("{domainNames: ['*.example.com']}"))
        .isEqualTo(new Peer.DomainNames(List.of("*.example.com")));
    assertThat(from("{namespaces: {}}")).isEqualTo(EVERY_POD);
    assertThat(from("{pods: {namespaceSelector: {}, podSelector: {}}}")).isEqualTo(EVERY_POD);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{services: {}}",
        "{namespaces: null}",
        "{namespaces: {}, pods: {podSelector: {}}}",
        "{namespaces: {}, notYet: {}}",
        "nonsense"
      })
  void shouldNotGuessAtPeersOfOtherVersions(String peer) {
    assertThat(to(peer)).isEqualTo(new Peer.Unknown());
    assertThat(from(peer)).isEqualTo(new Peer.Unknown());
  }

  @ParameterizedTest
  @ValueSource(strings = {"{nodes: {}}", "{networks: [0.0.0.0/0]}", "{domainNames: [a.example]}"})
  void shouldNotKnowIngressFromWhatIsNoPod(String peer) {
    assertThat(from(peer)).isEqualTo(new Peer.Unknown());
  }

  @Test
  void shouldIgnoreMembersThatAreNull() {
    assertThat(to("{namespaces: {}, pods: null}")).isEqualTo(EVERY_POD);
  }

  @Test
  void shouldReadEveryKindOfProtocol() {
    assertThat(protocol("{tcp: {destinationPort: {number: 80}}}"))
        .isEqualTo(new Protocol.Transport("TCP", Optional.of(new Range(80, 80))));
    assertThat(protocol("{udp: {destinationPort: {range: {start: 5000, end: 5010}}}}"))
        .isEqualTo(new Protocol.Transport("UDP", Optional.of(new Range(5000, 5010))));
    assertThat(protocol("{sctp: {destinationPort: {number: 3868}}}"))
        .isEqualTo(new Protocol.Transport("SCTP", Optional.of(new Range(3868, 3868))));
    assertThat(protocol("{destinationNamedPort: web}")).isEqualTo(new Protocol.NamedPort("web"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{icmp: {}}",
        "{tcp: {}}",
        "{tcp: {sourcePort: {number: 80}}}",
        "{tcp: {destinationPort: {}}}",
        "{tcp: {destinationPort: {number: 80, range: {start: 1, end: 2}}}}",
        "{tcp: {destinationPort: {number: 80}}, udp: {destinationPort: {number: 80}}}"
      })
  void shouldNotGuessAtProtocolsOfOtherVersions(String protocol) {
    assertThat(protocol(protocol)).isEqualTo(new Protocol.Unknown());
  }

  @Test
  void shouldTakeAbsentProtocolsForAnyAndAbsentPeersForNobody() {
    assertThat(egress("{action: Deny, to: [{namespaces: {}}]}").protocols()).isEmpty();
    assertThat(egress("{action: Deny, protocols: []}").protocols()).isEmpty();
    assertThat(egress("{action: Deny}").peers()).isEmpty();
  }

  @Test
  void shouldNotFailOnAnObjectThatSaysNothing() {
    ClusterPolicyInfo empty = policy("{}");

    assertThat(empty.tier()).isEmpty();
    assertThat(empty.priority()).isEqualTo(-1);
    assertThat(empty.subject()).isEmpty();
    assertThat(empty.ingressRules()).isEmpty();
    assertThat(empty.egressRules()).isEmpty();
    assertThat(policy("nonsense")).isEqualTo(empty);
    assertThat(policy("{subject: {}}")).isEqualTo(empty);
    assertThat(policy("{subject: {namespaces: {}, pods: {podSelector: {}}}}")).isEqualTo(empty);
  }

  @Test
  void shouldReadSubjects() {
    assertThat(policy("{subject: {namespaces: {}}}").subject()).contains(EVERY_POD);
    assertThat(policy("{subject: {namespaces: {matchLabels: {a: b}}}}").subject())
        .contains(new Peer.Pods(Selector.of(Map.of("a", "b")), Selector.ALL));
  }

  @Test
  void shouldKeepWhatItsStatusSaysOfItsAcceptance() {
    String yaml =
        """
        apiVersion: policy.networking.k8s.io/v1alpha2
        kind: ClusterNetworkPolicy
        metadata: {name: guard, uid: u1, generation: 4}
        spec: {tier: Admin}
        status:
          conditions:
            - {type: Others, status: "True"}
            - {type: Accepted, status: "False", reason: InvalidCidr, message: no, observedGeneration: 3,
               lastTransitionTime: "2026-01-02T03:04:05Z"}
        """;
    ClusterPolicyInfo guard =
        ReduceClusterPolicy.policy(
            new KubernetesSerialization().unmarshal(yaml, GenericKubernetesResource.class));

    assertThat(guard.status())
        .isEqualTo(
            new ClusterPolicyInfo.Status(
                4,
                Optional.of(
                    new Condition(
                        "Accepted", "False", "InvalidCidr", "no", 3, "2026-01-02T03:04:05Z"))));
    assertThat(policy("{tier: Admin}").status()).isEqualTo(ClusterPolicyInfo.Status.NONE);
  }
}
