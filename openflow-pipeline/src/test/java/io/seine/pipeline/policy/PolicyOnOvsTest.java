package io.seine.pipeline.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
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
}
