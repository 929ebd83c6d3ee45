package io.seine.agent.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.seine.openflow.Field;
import io.seine.openflow.FieldMatch;
import io.seine.openflow.Flow;
import io.seine.openflow.InstalledFlow;
import io.seine.openflow.Match;
import io.seine.openflow.SwitchException;
import io.seine.pipeline.policy.Direction;
import io.seine.pipeline.policy.PolicyRef;
import io.seine.pipeline.policy.RuleRef;
import io.seine.pipeline.policy.Verdict;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class PolicyCountersTest {
  private static final long FRESH = Duration.ofSeconds(2).toNanos();
  private static final RuleRef RULE =
      new RuleRef(new PolicyRef(PolicyRef.Kind.NETWORK_POLICY, "shop", "db"), Direction.INGRESS, 0);
  private static final PolicyCounters.Decider ACCEPT =
      new PolicyCounters.Decider(RULE, Verdict.ACCEPT, false);
  private static final PolicyCounters.Decider TRIED =
      new PolicyCounters.Decider(RULE, Verdict.ACCEPT, true);

  private final Map<Flow.Key, PolicyCounters.Decision> decisions = new HashMap<>();
  private final List<InstalledFlow> flows = new ArrayList<>();
  private final Set<RuleRef> rules = new HashSet<>(Set.of(RULE));
  private final AtomicLong now = new AtomicLong();
  private boolean away;
  private int reads;
  private final PolicyCounters counters =
      new PolicyCounters(
          this::read,
          flow -> Optional.ofNullable(decisions.get(flow.key())),
          rules::contains,
          Duration.ofNanos(FRESH),
          now::get);

  private List<InstalledFlow> read() throws SwitchException {
    reads++;
    if (away) {
      throw new SwitchException("gone");
    }
    return List.copyOf(flows);
  }

  /** A flow that decides, and how much the switch says it has counted. */
  private void counted(
      int priority, PolicyCounters.Decider decider, boolean opening, long packets) {
    Match match = Match.of(FieldMatch.exact(Field.CONJ_ID, opening ? 1 : 2));
    Flow flow = new Flow(47, priority, match, List.of());
    decisions.put(flow.key(), new PolicyCounters.Decision(decider, opening));
    flows.removeIf(f -> f.flow().key().equals(flow.key()));
    flows.add(new InstalledFlow(flow, 0, Duration.ZERO, packets, 0, 0, 0));
  }

  private List<PolicyCounters.Count> later() {
    now.addAndGet(FRESH);
    return counters.counts();
  }

  private static PolicyCounters.Count count(
      PolicyCounters.Decider decider, long packets, long connections) {
    return new PolicyCounters.Count(decider, packets, connections);
  }

  @Test
  void shouldAddUpTheFlowsOfARule() {
    counted(10, ACCEPT, true, 3);
    counted(10, ACCEPT, false, 40);

    assertThat(counters.counts()).containsExactly(count(ACCEPT, 43, 3));
  }

  @Test
  void shouldAskTheSwitchOncePerPeriod() {
    counted(10, ACCEPT, true, 3);
    var _ = counters.counts();
    counted(10, ACCEPT, true, 4);

    assertThat(counters.counts()).containsExactly(count(ACCEPT, 3, 3));
    assertThat(reads).isEqualTo(1);
    assertThat(later()).containsExactly(count(ACCEPT, 4, 4));
  }

  @Test
  void shouldGoOnCountingWhenTheFlowComesBackElsewhereOrFromZero() {
    counted(10, ACCEPT, true, 3);
    var _ = counters.counts();

    // when it gets another priority
    flows.clear();
    counted(20, ACCEPT, true, 1);
    assertThat(later()).containsExactly(count(ACCEPT, 4, 4));

    // and the switch is restarted
    flows.clear();
    assertThat(later()).containsExactly(count(ACCEPT, 4, 4));
    counted(20, ACCEPT, true, 2);
    assertThat(later()).containsExactly(count(ACCEPT, 6, 6));
  }

  @Test
  void shouldKeepWhatItHasWhileTheSwitchIsAway() {
    counted(10, ACCEPT, true, 3);
    var _ = counters.counts();
    away = true;

    assertThat(later()).containsExactly(count(ACCEPT, 3, 3));
  }

  @Test
  void shouldForgetARuleThatIsGoneOrDecidesOtherwise() {
    counted(10, ACCEPT, true, 3);
    var _ = counters.counts();

    flows.clear();
    counted(10, TRIED, true, 3);
    assertThat(later()).containsExactly(count(TRIED, 0, 0));

    flows.clear();
    rules.clear();
    assertThat(later()).isEmpty();
  }

  @Test
  void shouldBeReadAsPrometheusCounters() {
    counted(10, ACCEPT, true, 3);
    counted(10, ACCEPT, false, 40);
    AgentMetrics metrics = new AgentMetrics();
    metrics.policies(counters::counts);

    assertThat(metrics.scrape())
        .contains(
            "seine_policy_packets_total{direction=\"ingress\",dry_run=\"false\","
                + "policy=\"networkpolicy/shop/db\",rule=\"0\",verdict=\"accept\"} 43.0")
        .contains(
            "seine_policy_connections_total{direction=\"ingress\",dry_run=\"false\","
                + "policy=\"networkpolicy/shop/db\",rule=\"0\",verdict=\"accept\"} 3.0");
  }
}
