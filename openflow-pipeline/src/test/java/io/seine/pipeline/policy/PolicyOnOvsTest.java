package io.seine.pipeline.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.seine.openflow.Action;
import io.seine.openflow.Family;
import io.seine.openflow.InstalledFlow;
import io.seine.pipeline.ServiceFact.Protocol;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a real switch does with packets under the policies of each case. */
@Tag("system")
class PolicyOnOvsTest {
  private static @Nullable PolicySwitch started;

  private static Stream<PolicyCases.Case> cases() {
    return AllPolicyCases.all().stream();
  }

  @BeforeAll
  static void start() throws Exception {
    started = new PolicySwitch();
  }

  @AfterAll
  static void stop() {
    if (started != null) {
      started.close();
    }
  }

  private static PolicySwitch ovs() {
    return Objects.requireNonNull(started);
  }

  @AfterEach
  void clear() throws Exception {
    ovs().clear();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void packetsFareAsTheCaseSays(PolicyCases.Case tested) throws Exception {
    PolicyIndex index = tested.index();
    ovs().apply(index);
    ovs().dump();
    Map<String, String> expected = new LinkedHashMap<>();
    Map<String, String> fates = new LinkedHashMap<>();
    for (PolicyCases.Probe probe : tested.probes()) {
      expected.put(probe.packet(), probe.fate());
      fates.put(probe.packet(), ovs().fate(probe.packet(), index.ruleIds()));
    }
    assertThat(fates).isEqualTo(expected);
    assertThat(ovs().reconciler().audit(PolicySwitch.SOON).findings()).isEmpty();
  }

  /** So many that neither their pod nor their peers' class has room for their clauses in a flow. */
  @Test
  void aPodAndItsPeersTakePartInMorePoliciesThanFitInAFlow() throws Exception {
    int policies = 7000;
    PolicyIndex index = new PolicyIndex(EnumSet.of(Family.IPV4));
    PolicyRef first = PolicyCases.networkPolicy("p1");
    index.put(
        new Subject(
            PolicyCases.A,
            Objects.requireNonNull(PolicyCases.PORTS.get(PolicyCases.A)),
            List.of(PolicyCases.address("a")),
            Optional.of(
                new Subject.Isolation(RuleRef.defaultOf(first, Direction.INGRESS), false, false)),
            Optional.empty()));
    index.members("peers", Set.of(PolicyCases.address("b"), PolicyCases.address("far")), Set.of());
    for (int i = 1; i <= policies; i++) {
      index.put(
          PolicyCases.allow(
              PolicyCases.ingress(PolicyCases.networkPolicy("p" + i), 0),
              Set.of(PolicyCases.A),
              PolicyCases.sets("peers"),
              PolicyCases.ports(PortRange.of(Protocol.TCP, i))));
    }
    ovs().apply(index);

    List<InstalledFlow> installed = ovs().dump();
    assertThat(installed.stream().filter(PolicyOnOvsTest::isWide).count())
        .as("flows that the clauses of the pod and of its peers are spread over")
        .isGreaterThanOrEqualTo(2 * 3);
    for (int port : List.of(1, 2, policies / 2, policies - 1, policies)) {
      for (String from : List.of("b", "far")) {
        assertThat(ovs().fate(from + " > a tcp/" + port, index.ruleIds()))
            .isEqualTo("Accept networkpolicy/web/p" + port + " ingress rule 0: arrives");
      }
    }
    String denied = "Deny networkpolicy/web/p1 ingress default: dropped";
    assertThat(ovs().fate("b > a tcp/" + (policies + 1), index.ruleIds())).isEqualTo(denied);
    assertThat(ovs().fate("c > a tcp/1", index.ruleIds())).isEqualTo(denied);
  }

  private static boolean isWide(InstalledFlow installed) {
    return installed.flow().actions().stream().filter(Action.Conjunction.class::isInstance).count()
        > 1000;
  }
}
