package io.seine.sandbox.replay;

import static org.assertj.core.api.Assertions.assertThat;

import io.seine.openflow.Action;
import io.seine.openflow.Flow;
import io.seine.pipeline.FlowSet;
import io.seine.pipeline.Registers;
import io.seine.pipeline.Table;
import io.seine.pipeline.policy.PolicyPacketIn;
import io.seine.pipeline.policy.Verdict;
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

  /** One that lets through and stops what it should. */
  @Test
  void aCompilerThatNamesNoRuleIsFoundOut() throws Exception {
    UnaryOperator<Action> nameless =
        action ->
            action instanceof Action.SetField set
                    && set.field().equals(Registers.INGRESS_RULE.range().field())
                ? Registers.INGRESS_RULE.set(0)
                : action;
    assertThat(foundOut(nameless)).contains("expected [").contains("no rule]");
  }

  /** One that does so, and lays to a dry run what that would not do. */
  @Test
  void aCompilerThatSaysOfADryRunWhatItWouldNotDoIsFoundOut() throws Exception {
    UnaryOperator<Action> liar =
        action ->
            action instanceof Action.Note note
                ? PolicyPacketIn.parse(note.data())
                    .filter(PolicyPacketIn::dryRun)
                    .map(said ->
                        new PolicyPacketIn(said.direction(), Verdict.PASS, true, said.ruleId()))
                    .<Action>map(said -> new Action.Note(said.userdata()))
                    .orElse(action)
                : action;
    assertThat(foundOut(liar)).containsAnyOf("expected dry, found ok", "tried [PASS");
  }

  /** What is said of the first case in which actions of flows are others than they should be. */
  private static String foundOut(UnaryOperator<Action> change) throws Exception {
    UnaryOperator<FlowSet> compiler =
        set ->
            new FlowSet(
                set.flows().stream()
                    .map(f ->
                        new Flow(
                            f.table(),
                            f.priority(),
                            f.match(),
                            f.actions().stream().map(change).toList()))
                    .toList(),
                set.groups());
    try (TraceExecutor traces = new TraceExecutor(compiler)) {
      Comparison comparison = new Comparison(traces);
      Case small = comparison.firstFailure(SEED, 100).orElseThrow();
      assertThat(small.steps().getFirst().probes()).as(CaseText.write(small)).hasSize(1);
      return comparison.why(small).orElseThrow();
    }
  }
}
