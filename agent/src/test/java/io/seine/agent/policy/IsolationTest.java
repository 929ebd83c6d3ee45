package io.seine.agent.policy;

import static io.seine.agent.policy.Given.namespace;
import static org.assertj.core.api.Assertions.assertThat;

import io.seine.pipeline.policy.PolicyRef;
import io.seine.pipeline.policy.PolicyRule;
import io.seine.pipeline.policy.Rank;
import io.seine.pipeline.policy.Tier;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Isolation by default; see {@link Cluster} for who is there. */
class IsolationTest {
  private static final List<String> ISOLATED =
      List.of("Accept shop/web from 10.0.0.1 10.0.0.2", "Deny shop/web from anyone");

  @ParameterizedTest(name = "option {0}, label {1}: {2}")
  @CsvSource({
    "false, team=a, false",
    "false, seine.io/isolation=enabled, true",
    "false, seine.io/isolation=disabled, false",
    "false, seine.io/isolation=on, false",
    "true, team=a, true",
    "true, seine.io/isolation=enabled, true",
    "true, seine.io/isolation=disabled, false",
    "true, seine.io/isolation=on, true"
  })
  void shouldHoldByOptionUnlessTheNamespaceSaysOtherwise(
      boolean option, String label, boolean isolated) {
    Cluster cluster = new Cluster(option);

    cluster.engine.put(namespace("shop", label));

    assertThat(cluster.rules()).isEqualTo(isolated ? ISOLATED : List.of());
    assertThat(cluster.problems())
        .isEqualTo(
            label.endsWith("=on")
                ? List.of(
                    "seine.io/isolation is 'enabled' or 'disabled', not 'on'; what the option"
                        + " isolateNamespaces says holds")
                : List.of());
  }

  @Test
  void shouldBeTheLastOfTheBaselineTierAndNamedByTheNamespace() {
    Cluster cluster = new Cluster(true);

    assertThat(cluster.sink.rules.values())
        .allMatch(r -> r.tier() == Tier.BASELINE)
        .allMatch(r -> r.rank().priority() == Rank.ISOLATION)
        .extracting(r -> r.ref().policy())
        .containsOnly(new PolicyRef(PolicyRef.Kind.ISOLATION, "", "shop"));
    assertThat(cluster.sink.rules.values()).noneMatch(PolicyRule::dryRun);
  }

  @Test
  void shouldBeThereForNamespacesThatHaveAPodHereOnly() {
    Cluster cluster = new Cluster(true);
    assertThat(cluster.rules()).isEqualTo(ISOLATED);

    cluster.engine.connect(Given.local("lab/x", 6, "10.0.2.1"));
    assertThat(cluster.rules())
        .containsExactly(
            "Accept lab/x from 10.0.2.1",
            "Deny lab/x from anyone",
            "Accept shop/web from 10.0.0.1 10.0.0.2",
            "Deny shop/web from anyone");

    cluster.engine.disconnect(Given.id("shop/web"));
    assertThat(cluster.rules())
        .containsExactly("Accept lab/x from 10.0.2.1", "Deny lab/x from anyone");
  }

  @Test
  void shouldComeAndGoWithTheLabel() {
    Cluster cluster = new Cluster();

    cluster.engine.put(namespace("shop", "seine.io/isolation=enabled"));
    assertThat(cluster.rules()).isEqualTo(ISOLATED);

    cluster.engine.put(namespace("shop", ""));
    assertThat(cluster.rules()).isEmpty();
    assertThat(cluster.sink.sets).isEmpty();
  }
}
