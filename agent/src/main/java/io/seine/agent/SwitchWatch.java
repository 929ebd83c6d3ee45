package io.seine.agent;

import io.seine.agent.events.Events;
import io.seine.agent.facts.Latency;
import io.seine.agent.kube.ObjectRef;
import io.seine.agent.metrics.AgentMetrics;
import io.seine.openflow.OvsText;
import io.seine.pipeline.Owner;
import io.seine.reconcile.Conflict;
import io.seine.reconcile.DriftReport;
import io.seine.reconcile.ReconcileListener;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hears what the reconciler does, and passes it on: to the log, the metrics, Events on the objects,
 * and the status page.
 */
final class SwitchWatch implements ReconcileListener {
  private static final Logger LOG = LoggerFactory.getLogger(SwitchWatch.class);
  private static final int REMEMBERED_ERRORS = 20;
  private static final int NAMED = 10;

  /** Warns on the object of an owner. */
  interface OwnerWarning {
    void warn(Owner owner, String reason, String message);
  }

  /** Something that went wrong, for the status page. */
  record Trouble(Instant at, String text) {}

  private final AgentMetrics metrics;
  private final Events events;
  private final ObjectRef node;
  private final Latency latency;
  private final Consumer<Boolean> ready;

  private volatile OwnerWarning ownerWarning = (owner, reason, message) -> {};
  private volatile Runnable flowsChanged = () -> {};
  private volatile Optional<DriftReport> lastReport = Optional.empty();
  private volatile Optional<String> lastRestart = Optional.empty();
  private volatile Optional<Instant> lastCommit = Optional.empty();
  private volatile boolean settledBefore;
  private final Deque<Trouble> troubles = new ArrayDeque<>();

  /**
   * @param node this node's object
   * @param ready told when the answer to whether the switch is as wanted changes; must not block
   */
  SwitchWatch(
      AgentMetrics metrics,
      Events events,
      ObjectRef node,
      Latency latency,
      Consumer<Boolean> ready) {
    this.metrics = metrics;
    this.events = events;
    this.node = node;
    this.latency = latency;
    this.ready = ready;
  }

  void ownerWarning(OwnerWarning warning) {
    ownerWarning = warning;
  }

  /**
   * @param changed run after each change of the switch's flows; must not block
   */
  void flowsChanged(Runnable changed) {
    flowsChanged = changed;
  }

  @Override
  public void committed(int owners, int changes, Duration took) {
    flowsChanged.run();
    metrics.committed(changes, took);
    lastCommit = Optional.of(Instant.now());
    LOG.debug("bundle: owners={} changes={} took={}", owners, changes, took);
  }

  @Override
  public void installed(Owner owner, Duration since) {
    latency.installed(owner).ifPresent(nanos -> metrics.reconciled(Duration.ofNanos(nanos)));
  }

  @Override
  public void refused(Owner owner, String reason, int attempts, Duration nextAttempt) {
    String text =
        "the flows of %s are not in the switch after %d attempts: %s"
            .formatted(owner, attempts, reason);
    LOG.warn("{}; next attempt in {} s", text, nextAttempt.toSeconds());
    trouble(text);
    ownerWarning.warn(owner, "FlowsRefused", text);
  }

  @Override
  public void conflict(Conflict conflict) {
    String text =
        "%s and %s want the same entry of the switch (%s); %s has it"
            .formatted(
                conflict.winner(),
                conflict.loser(),
                OvsText.of(conflict.entry().match()),
                conflict.winner());
    LOG.warn("{}", text);
    trouble(text);
    ownerWarning.warn(conflict.loser(), "FlowConflict", text);
  }

  @Override
  public void compared(DriftReport report) {
    String cause = report.cause().name().toLowerCase(Locale.ROOT);
    metrics.compared(cause);
    boolean audit =
        report.cause() == DriftReport.Cause.AUDIT || report.cause() == DriftReport.Cause.RETRY;
    if (audit || !report.clean()) {
      lastReport = Optional.of(report);
    }
    if (report.clean()) {
      LOG.debug("the switch is as wanted: cause={} took={}", cause, report.took());
      return;
    }
    String counts =
        report.counts().entrySet().stream()
            .map(e -> e.getKey().name().toLowerCase(Locale.ROOT) + "=" + e.getValue())
            .sorted()
            .collect(Collectors.joining(" "));
    LOG.info(
        "the switch differed: cause={} {} repaired={} took={} ms",
        cause,
        counts,
        report.repaired(),
        report.took().toMillis());
    if (audit) {
      drift(report, counts);
    } else if (report.cause() == DriftReport.Cause.CONNECT && settledBefore) {
      reconnected(report);
    }
  }

  private void drift(DriftReport report, String counts) {
    report
        .counts()
        .forEach((kind, count) -> metrics.drift(kind.name().toLowerCase(Locale.ROOT), count));
    String named =
        report.findings().stream()
            .limit(NAMED)
            .map(Findings::line)
            .collect(Collectors.joining("; "));
    report.findings().forEach(f -> LOG.warn("drift: {}", Findings.line(f)));
    events.warning(
        node,
        "FlowDrift",
        "the switch's flows differed from the wanted ones (%s) and were %s: %s"
            .formatted(counts, report.repaired() ? "repaired" : "not all repaired", named));
  }

  private void reconnected(DriftReport report) {
    int missing = report.count(DriftReport.Kind.MISSING);
    if (missing > 0) {
      String text = "flows re-installed after switch restart: " + missing;
      LOG.warn("{}", text);
      lastRestart = Optional.of(Instant.now() + " " + text);
      events.warning(node, "SwitchRestarted", text);
    }
  }

  @Override
  public void interrupted(String reason, Duration nextAttempt) {
    LOG.warn(
        "the switch could not be brought up to date: {}; next attempt in {} ms",
        reason,
        nextAttempt.toMillis());
    trouble(reason);
  }

  @Override
  public void flushed(int flushes, Duration took) {
    metrics.flushed(flushes);
    LOG.debug("stale UDP connections forgotten: descriptions={} took={}", flushes, took);
  }

  @Override
  public void flushFailed(int flushes, String reason, Optional<Duration> nextAttempt) {
    metrics.flushFailed(flushes);
    String next =
        nextAttempt.map(wait -> "next attempt in " + wait.toMillis() + " ms").orElse("given up");
    LOG.warn("stale UDP connections were not forgotten: {}; {}", reason, next);
    trouble(reason);
  }

  @Override
  public void readyChanged(boolean now) {
    if (now) {
      settledBefore = true;
    }
    ready.accept(now);
  }

  void trouble(String text) {
    synchronized (troubles) {
      troubles.addLast(new Trouble(Instant.now(), text));
      if (troubles.size() > REMEMBERED_ERRORS) {
        troubles.removeFirst();
      }
    }
  }

  List<Trouble> troubles() {
    synchronized (troubles) {
      return new ArrayList<>(troubles);
    }
  }

  /** The last comparison that was an audit or found something. */
  Optional<DriftReport> lastReport() {
    return lastReport;
  }

  Optional<String> lastRestart() {
    return lastRestart;
  }

  Optional<Instant> lastCommit() {
    return lastCommit;
  }
}
