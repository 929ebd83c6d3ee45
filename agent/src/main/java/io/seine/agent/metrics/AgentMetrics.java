package io.seine.agent.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;

/**
 * The agent's metrics. Everything is named {@code seine_agent_...}; times are in seconds. Safe for
 * any thread.
 */
public final class AgentMetrics {
  private static final Duration[] STEPS = {
    Duration.ofMillis(1),
    Duration.ofMillis(2),
    Duration.ofMillis(5),
    Duration.ofMillis(10),
    Duration.ofMillis(20),
    Duration.ofMillis(50),
    Duration.ofMillis(100),
    Duration.ofMillis(200),
    Duration.ofMillis(500),
    Duration.ofSeconds(1),
    Duration.ofSeconds(2),
    Duration.ofSeconds(5),
    Duration.ofSeconds(10),
    Duration.ofSeconds(30)
  };

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final Timer reconcile =
      timer("seine.agent.reconcile", "From the arrival of an API event to the switch's word");
  private final Timer commit =
      timer("seine.agent.commit", "From sending a bundle of changes to the switch's word");
  private final AtomicLong changes = new AtomicLong();

  /** A counter of the registry knows its source weakly, and stands still when that is gone. */
  private final Queue<DoubleSupplier> sources = new ConcurrentLinkedQueue<>();

  public AgentMetrics() {
    counter("seine.agent.changes", "Flow and group changes sent to the switch", "", "", changes);
  }

  private Timer timer(String name, String description, String... tags) {
    return Timer.builder(name)
        .description(description)
        .serviceLevelObjectives(STEPS)
        .tags(tags)
        .register(registry);
  }

  /** The text that Prometheus reads. */
  public String scrape() {
    return registry.scrape();
  }

  /** What rules of policies decided, read when it is asked for. */
  public void policies(Supplier<List<PolicyCounters.Count>> counts) {
    registry.getPrometheusRegistry().register(new PolicyCollector(counts));
  }

  /** An API event's effect is in the switch. */
  public void reconciled(Duration took) {
    reconcile.record(took);
  }

  public void committed(int count, Duration took) {
    changes.addAndGet(count);
    commit.record(took);
  }

  /**
   * Differences between the switch and what is wanted.
   *
   * @param kind missing, altered, stale or foreign
   */
  public void drift(String kind, int count) {
    Counter.builder("seine.agent.drift")
        .description("Differences found between the switch and what is wanted, when all was known")
        .tag("kind", kind)
        .register(registry)
        .increment(count);
  }

  /** The switch was told to forget stale UDP connections, by so many descriptions. */
  public void flushed(int count) {
    flushes("done", count);
  }

  /** The switch did not forget what so many descriptions fit. */
  public void flushFailed(int count) {
    flushes("failed", count);
  }

  private void flushes(String result, int count) {
    Counter.builder("seine.agent.stale.flushes")
        .description("Descriptions of stale UDP connections that the switch was told to forget")
        .tag("result", result)
        .register(registry)
        .increment(count);
  }

  public void compared(String cause) {
    Counter.builder("seine.agent.comparisons")
        .description("Comparisons of the whole switch with what is wanted")
        .tag("cause", cause)
        .register(registry)
        .increment();
  }

  /**
   * @param code 0, or the code of the CNI error
   */
  public void cni(String command, int code, Duration took) {
    timer(
            "seine.agent.cni.request",
            "CNI requests, from their arrival to the answer",
            "command",
            command,
            "code",
            String.valueOf(code))
        .record(took);
  }

  /** A value that is read when it is asked for; an empty tag name means none. */
  public void gauge(
      String name, String description, String tag, String value, DoubleSupplier source) {
    Gauge.builder(name, source::getAsDouble)
        .description(description)
        .tags(tag.isEmpty() ? Tags.empty() : Tags.of(tag, value))
        .strongReference(true)
        .register(registry);
  }

  /** A count that only grows and is kept elsewhere; an empty tag name means none. */
  public void counter(String name, String description, String tag, String value, Number source) {
    counter(name, description, tag, value, source::doubleValue);
  }

  public void counter(
      String name, String description, String tag, String value, DoubleSupplier source) {
    sources.add(source);
    FunctionCounter.builder(name, source, DoubleSupplier::getAsDouble)
        .description(description)
        .tags(tag.isEmpty() ? Tags.empty() : Tags.of(tag, value))
        .register(registry);
  }
}
