package io.seine.agent.metrics;

import io.seine.openflow.Flow;
import io.seine.openflow.InstalledFlow;
import io.seine.openflow.SwitchException;
import io.seine.pipeline.policy.RuleRef;
import io.seine.pipeline.policy.Verdict;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How many packets and connections each rule of a policy decided, as the switch counts them in the
 * flows that decide. Safe for any thread.
 *
 * <ul>
 *   <li>The switch is asked when somebody wants to know, but not again within {@code fresh}. What
 *       was counted last stands while it cannot be asked.
 *   <li>A flow that is written again with the same match keeps its count. When it comes back with
 *       another match or priority, or in a switch that was restarted, it counts from zero, and is
 *       added to what was seen of its forerunner. What that counted after it was last asked is
 *       lost.
 *   <li>After a restart of the agent the counts are what the flows have then.
 *   <li>The count of a rule ends with the rule; one with another verdict, or that is only tried
 *       now, counts from zero.
 * </ul>
 */
public final class PolicyCounters {
  private static final Logger LOG = LoggerFactory.getLogger(PolicyCounters.class);
  private static final Comparator<Decider> ORDER =
      Comparator.comparing(Decider::rule)
          .thenComparing(Decider::verdict)
          .thenComparing(Decider::dryRun);

  /** The flows that may be deciding ones. */
  public interface Source {
    List<InstalledFlow> read() throws SwitchException;
  }

  /** Whose decision a flow is. */
  public record Decider(RuleRef rule, Verdict verdict, boolean dryRun) {}

  /**
   * What a flow decides.
   *
   * @param opening whether it decides the packets that open connections, not the rest
   */
  public record Decision(Decider decider, boolean opening) {}

  /** Knows the flows that decide. */
  public interface Decisions {
    /** Empty if the flow decides nothing, or for a rule that is gone. */
    Optional<Decision> of(Flow flow);
  }

  /**
   * @param packets all of them, those that opened connections too
   * @param connections packets that opened connections; of a UDP connection that was never answered
   *     each packet is one
   */
  public record Count(Decider decider, long packets, long connections) {}

  private static final class Total {
    long packets;
    long connections;
  }

  private final Source source;
  private final Decisions decisions;
  private final Predicate<RuleRef> known;
  private final long fresh;
  private final LongSupplier nanoTime;
  private final Map<Decider, Total> totals = new HashMap<>();
  private Map<Flow.Key, Long> last = new HashMap<>();
  private Optional<Long> readAt = Optional.empty();
  private boolean failing;

  /**
   * @param known whether there is such a rule still
   * @param fresh how long an answer of the switch is good for
   * @param nanoTime a clock that never goes back, in nanoseconds
   */
  public PolicyCounters(
      Source source,
      Decisions decisions,
      Predicate<RuleRef> known,
      Duration fresh,
      LongSupplier nanoTime) {
    this.source = source;
    this.decisions = decisions;
    this.known = known;
    this.fresh = fresh.toNanos();
    this.nanoTime = nanoTime;
  }

  /** Sorted by rule. May block for an answer of the switch. */
  public synchronized List<Count> counts() {
    long now = nanoTime.getAsLong();
    if (readAt.isEmpty() || now - readAt.get() >= fresh) {
      read();
      readAt = Optional.of(now);
    }
    List<Count> counts = new ArrayList<>();
    totals.forEach(
        (decider, total) -> counts.add(new Count(decider, total.packets, total.connections)));
    counts.sort(Comparator.comparing(Count::decider, ORDER));
    return counts;
  }

  private void read() {
    List<InstalledFlow> flows;
    try {
      flows = source.read();
      failing = false;
    } catch (SwitchException e) {
      if (!failing) {
        LOG.warn("the counters of policies cannot be read: {}", e.getMessage());
      }
      failing = true;
      return;
    }
    Map<Flow.Key, Long> now = new HashMap<>();
    Map<RuleRef, Set<Decider>> present = new HashMap<>();
    for (InstalledFlow flow : flows) {
      Optional<Decision> decision = decisions.of(flow.flow());
      if (decision.isPresent()) {
        Decider decider = decision.get().decider();
        present.computeIfAbsent(decider.rule(), rule -> new HashSet<>()).add(decider);
        add(flow, decision.get(), now);
      }
    }
    last = now;
    totals.keySet().removeIf(decider -> isOver(decider, present));
  }

  /** Also when the rule has other flows now, but not when it has none: they may be on their way. */
  private boolean isOver(Decider decider, Map<RuleRef, Set<Decider>> present) {
    return !known.test(decider.rule())
        || !present.getOrDefault(decider.rule(), Set.of(decider)).contains(decider);
  }

  private void add(InstalledFlow flow, Decision decision, Map<Flow.Key, Long> now) {
    Flow.Key key = flow.flow().key();
    long before = last.getOrDefault(key, 0L);
    long more = flow.packets() >= before ? flow.packets() - before : flow.packets();
    now.put(key, flow.packets());
    Total total = totals.computeIfAbsent(decision.decider(), d -> new Total());
    total.packets += more;
    if (decision.opening()) {
      total.connections += more;
    }
  }
}
