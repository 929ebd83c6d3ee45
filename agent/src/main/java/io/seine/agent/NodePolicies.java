package io.seine.agent;

import io.seine.agent.facts.PolicyView;
import io.seine.agent.metrics.PolicyCounters;
import io.seine.openflow.InstalledFlow;
import io.seine.openflow.Switch;
import io.seine.openflow.SwitchException;
import io.seine.pipeline.Cookie;
import io.seine.pipeline.Owner;
import io.seine.pipeline.policy.Direction;
import io.seine.pipeline.policy.PolicyTables;
import io.seine.pipeline.policy.Tier;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What policies need of the node beside their flows: what they decided is counted. */
final class NodePolicies {
  /** How long a count is good for; two scrapers at once ask the switch once. */
  private static final Duration FRESH = Duration.ofSeconds(2);

  private static final long KIND = 0xffffL << 48;

  private final PolicyView view;
  private final PolicyCounters counters;
  private volatile Optional<Switch> target = Optional.empty();

  NodePolicies(PolicyView view) {
    this.view = view;
    this.counters =
        new PolicyCounters(this::read, view, view::isInstalled, FRESH, System::nanoTime);
  }

  void connected(Switch fresh) {
    target = Optional.of(fresh);
  }

  void disconnected() {
    target = Optional.empty();
  }

  PolicyView view() {
    return view;
  }

  /** Asks the switch if it has not been asked just now. */
  List<PolicyCounters.Count> counts() {
    return counters.counts();
  }

  /** The flows that decide, and some that do not, but not those of every peer. */
  private List<InstalledFlow> read() throws SwitchException {
    Switch present =
        target.orElseThrow(() -> new SwitchException("there is no connection to the switch"));
    List<InstalledFlow> all = new ArrayList<>();
    for (Direction direction : Direction.values()) {
      PolicyTables tables = PolicyTables.of(direction);
      for (Tier tier : Tier.values()) {
        all.addAll(of(present, Owner.Kind.POLICY, tables.tier(tier).number()));
      }
      // What no rule of a NetworkPolicy allows is denied by the pod's own flows.
      all.addAll(of(present, Owner.Kind.POLICY_POD, tables.tier(Tier.NETWORK_POLICY).number()));
    }
    return all;
  }

  private static List<InstalledFlow> of(Switch present, Owner.Kind kind, int table)
      throws SwitchException {
    return present.dumpFlows(table, Cookie.of(kind, 0L), KIND);
  }
}
