package io.seine.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.seine.cli.bench.Measure.Round;
import java.util.List;
import org.junit.jupiter.api.Test;

class MeasureTest {
  private static final List<Round> ROUNDS =
      List.of(Round.of(10, 10), Round.of(30, 20), Round.of(90, 100));

  @Test
  void theRatioIsTakenWithinEachRoundBeforeTheMedian() {
    Measure measure = Measure.beside("x", "ms", ROUNDS, "peer");

    assertThat(measure.ratio()).hasValue(1.0);
    assertThat(measure.met()).isEmpty();
    assertThat(measure.target()).isEmpty();
  }

  @Test
  void aTargetMayBeAMostOrALeastOfTheRatio() {
    Measure measure = Measure.beside("x", "ms", ROUNDS, "peer");

    assertThat(measure.aiming(Target.ratioAtMost(0.99)).met()).contains(false);
    assertThat(measure.aiming(Target.ratioAtMost(1.0)).met()).contains(true);
    assertThat(measure.aiming(Target.ratioAtLeast(1.0)).met()).contains(true);
    assertThat(measure.aiming(Target.ratioAtLeast(1.01)).met()).contains(false);
    assertThat(measure.aiming(Target.ratioAtLeast(0.8)).target()).isEqualTo("ratio >= 0.8");
  }

  @Test
  void aTargetMayBeOfTheMedianInItsUnit() {
    Measure measure = Measure.alone("memory", "MiB", List.of(150.0, 250.0, 190.0));

    assertThat(measure.atMost(200).met()).contains(true);
    assertThat(measure.atMost(200).target()).isEqualTo("<= 200 MiB");
    assertThat(measure.aiming(Target.medianAtLeast(0.9)).met()).contains(true);
    assertThat(measure.aiming(Target.medianAtLeast(191)).met()).contains(false);
    assertThat(measure.aiming(Target.medianAtLeast(0.9)).target()).isEqualTo(">= 0.9 MiB");
  }
}
