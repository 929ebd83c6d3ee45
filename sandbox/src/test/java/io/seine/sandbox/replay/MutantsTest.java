package io.seine.sandbox.replay;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Made-up cases find mistakes, and say in a few lines what is mistaken. */
class MutantsTest {
  private static final long SEED = 7_000;
  private static final int CASES = 150;

  @ParameterizedTest
  @EnumSource
  void aMistakeIsFoundAndMadeSmall(Mutant mutant) throws Exception {
    Case small = mutant.foundOut(SEED, CASES).orElseThrow();

    assertThat(small.steps()).as(CaseText.write(small)).hasSize(1);
    Step step = small.steps().getFirst();
    assertThat(step.probes()).as(CaseText.write(small)).hasSize(1);
    assertThat(step.scene().policies()).as(CaseText.write(small)).hasSizeLessThanOrEqualTo(2);
    assertThat(step.scene().pods()).as(CaseText.write(small)).hasSizeLessThanOrEqualTo(2);
    assertThat(small.start().namespaces()).as(CaseText.write(small)).hasSizeLessThanOrEqualTo(2);
  }

  @Test
  void aSmallCaseCanBeKeptAsAFile() throws Exception {
    Case small = Mutant.EXCEPTS_ARE_IGNORED.foundOut(SEED, CASES).orElseThrow();

    Case read = CaseFile.read(CaseText.write(small));

    try (Executor honest = new EvaluatorExecutor();
        Executor wrong = Mutant.EXCEPTS_ARE_IGNORED.executor()) {
      assertThat(Replay.play(read, honest)).isEmpty();
      assertThat(Replay.play(read, wrong)).hasSize(1);
    }
  }

  @Test
  void theHonestOneIsNeverFoundOut() throws Exception {
    try (Executor honest = new EvaluatorExecutor()) {
      assertThat(new Comparison(honest).firstFailure(SEED, CASES)).isEmpty();
    }
  }

  @Test
  void theSameSeedMakesTheSameCase() {
    assertThat(CaseText.write(new CaseGenerator(SEED).make()))
        .isEqualTo(CaseText.write(new CaseGenerator(SEED).make()));
  }
}
