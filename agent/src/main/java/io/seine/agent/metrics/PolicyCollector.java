package io.seine.agent.metrics;

import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.seine.pipeline.policy.RuleRef;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/** The counts of rules as Prometheus reads them: series come and go with the rules. */
final class PolicyCollector implements MultiCollector {
  static final String PACKETS = "seine_policy_packets";
  static final String CONNECTIONS = "seine_policy_connections";

  private final Supplier<List<PolicyCounters.Count>> counts;

  PolicyCollector(Supplier<List<PolicyCounters.Count>> counts) {
    this.counts = counts;
  }

  @Override
  public MetricSnapshots collect() {
    List<PolicyCounters.Count> now = counts.get();
    return MetricSnapshots.of(
        counter(
            PACKETS, "Packets that a policy's rule decided", now, PolicyCounters.Count::packets),
        counter(
            CONNECTIONS,
            "Packets opening connections that a policy's rule decided",
            now,
            PolicyCounters.Count::connections));
  }

  private static CounterSnapshot counter(
      String name,
      String help,
      List<PolicyCounters.Count> counts,
      ToLongFunction<PolicyCounters.Count> value) {
    CounterSnapshot.Builder counter = CounterSnapshot.builder().name(name).help(help);
    for (PolicyCounters.Count count : counts) {
      PolicyCounters.Decider decider = count.decider();
      RuleRef rule = decider.rule();
      counter.dataPoint(
          CounterSnapshot.CounterDataPointSnapshot.builder()
              .labels(
                  Labels.of(
                      "policy",
                      rule.policy().toString(),
                      "rule",
                      rule.index() == RuleRef.DEFAULT ? "default" : String.valueOf(rule.index()),
                      "direction",
                      rule.direction().label(),
                      "verdict",
                      decider.verdict().label().toLowerCase(Locale.ROOT),
                      "dry_run",
                      String.valueOf(decider.dryRun())))
              .value((double) value.applyAsLong(count))
              .build());
    }
    return counter.build();
  }
}
