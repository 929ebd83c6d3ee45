package io.seine.agent;

import io.seine.agent.facts.DnsServers;
import io.seine.agent.facts.FactLoop;
import io.seine.agent.facts.PolicyView;
import io.seine.agent.host.CachedFlows;
import io.seine.agent.metrics.PolicyCounters;
import io.seine.agent.sweep.EvenPace;
import io.seine.agent.sweep.TrackedLines;
import io.seine.agent.sweep.UdpSweep;
import io.seine.openflow.Action;
import io.seine.openflow.InstalledFlow;
import io.seine.openflow.Switch;
import io.seine.openflow.SwitchException;
import io.seine.openflow.connection.OpenFlowConnection;
import io.seine.pipeline.Cookie;
import io.seine.pipeline.Owner;
import io.seine.pipeline.policy.Direction;
import io.seine.pipeline.policy.PodId;
import io.seine.pipeline.policy.PolicyTables;
import io.seine.pipeline.policy.Tier;
import io.seine.reconcile.Reconciler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What policies need of the node beside their flows: UDP connections judged again after a change,
 * what was decided counted, and the addresses of domain names.
 */
final class NodePolicies implements AutoCloseable {
  /** How long a count is good for; two scrapers at once ask the switch once. */
  private static final Duration FRESH = Duration.ofSeconds(2);

  /** What is asked about in a second at most, each a packet through all tables. */
  private static final int PROBES_PER_SECOND = 5000;

  private static final long KIND = 0xffffL << 48;

  private final PolicyView view;
  private final PolicyCounters counters;
  private final PolicySweep sweep;
  private final NodeDns dns;
  private volatile Optional<OpenFlowConnection> target = Optional.empty();

  NodePolicies(
      Agent.Ground ground,
      FactLoop facts,
      Reconciler reconciler,
      PodFlows pods,
      CachedFlows cached) {
    this.view = facts.policies();
    UdpSweep.Connections tracked = new TrackedLines(ground.vswitchd(), cached);
    this.dns = new NodeDns(ground, facts, reconciler, tracked, this::send);
    facts.believe(new DnsServers(ground.config().dnsServers()));
    UdpSweep udp =
        new UdpSweep(
            ground.node(), tracked, this::send, new EvenPace(PROBES_PER_SECOND, System::nanoTime));
    this.sweep = new PolicySweep(reconciler::awaitInstalled, udp::sweep, pods::all);
    this.counters =
        new PolicyCounters(this::read, view, view::isInstalled, FRESH, System::nanoTime);
  }

  void start() {
    dns.start();
    sweep.start();
  }

  NodeDns dns() {
    return dns;
  }

  void connected(OpenFlowConnection fresh) {
    target = Optional.of(fresh);
  }

  void disconnected() {
    target = Optional.empty();
  }

  /** Connections of these pods may be judged otherwise from when these owners' flows are there. */
  void judgedAnew(Set<PodId> pods, Set<Owner> owners) {
    sweep.judgedAnew(pods, owners);
  }

  /** About how many connections the switch has been asked again. */
  long askedAgain() {
    return sweep.asked();
  }

  private OpenFlowConnection present() throws SwitchException {
    return target.orElseThrow(() -> new SwitchException("there is no connection to the switch"));
  }

  private void send(int inPort, List<Action> actions, byte[] frame) throws SwitchException {
    present().packetOut(inPort, actions, frame);
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
    Switch present = present();
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

  @Override
  public void close() {
    dns.close();
    sweep.close();
  }
}
