package io.seine.sandbox.replay;

import static org.assertj.core.api.Assertions.assertThat;

import io.seine.pipeline.FlowSet;
import io.seine.pipeline.Table;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Policies made up at random, with changes between: a real Open vSwitch, asked by its own trace,
 * does what the API's documents say. {@code -Dseine.policy.seed=N} and {@code
 * -Dseine.policy.cases=N} try others than the usual ones. A case that fails is made as small as it
 * goes, printed, and written to {@code target/policy-cases}, from where it can be kept as a case
 * file.
 */
@Tag("system")
class RandomPoliciesOnOvsTest {
  private static final long SEED = Long.getLong("seine.policy.seed", 20_261_121_000L);
  private static final int CASES = Integer.getInteger("seine.policy.cases", 500);

  @Test
  void theSwitchDoesWhatTheDocumentsSay() throws Exception {
    long start = System.nanoTime();
    try (TraceExecutor traces = new TraceExecutor()) {
      Comparison comparison = new Comparison(traces);
      Optional<Case> failure = comparison.firstFailure(SEED, CASES);
      System.err.printf(
          "%d made-up cases from seed %d: %d cells by %d traces in %d s%n",
          CASES,
          SEED,
          comparison.probes(),
          traces.traces(),
          Duration.ofNanos(System.nanoTime() - start).toSeconds());
      if (failure.isPresent()) {
        Path file = Comparison.write(failure.get());
        throw new AssertionError(
            "%s%n%s is this:%n%s"
                .formatted(
                    comparison.why(failure.get()).orElse("failed once, and then not again"),
                    file.toAbsolutePath(),
                    CaseText.write(failure.get())));
      }
      assertThat(traces.drift()).isEmpty();
    }
  }

  @Test
  void aCompilerThatForgetsBlocksIsFoundOut() throws Exception {
    Set<Integer> forgotten = Set.of(Table.EGRESS_BLOCKS.number(), Table.INGRESS_BLOCKS.number());
    UnaryOperator<FlowSet> forgetful =
        set ->
            new FlowSet(
                set.flows().stream().filter(f -> !forgotten.contains(f.table())).toList(),
                set.groups());
    try (TraceExecutor traces = new TraceExecutor(forgetful)) {
      Case small = new Comparison(traces).firstFailure(SEED, 100).orElseThrow();

      assertThat(small.steps()).as(CaseText.write(small)).hasSize(1);
      assertThat(small.steps().getFirst().probes()).hasSize(1);
      assertThat(small.steps().getFirst().scene().policies().values())
          .as(CaseText.write(small))
          .singleElement()
          .satisfies(policy -> assertThat(policy.body().toString()).contains("except"));
    }
  }
}
