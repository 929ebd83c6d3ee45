package io.seine.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class StatisticsTest {
  @Test
  void theMedianIsTheMiddleOrBetweenTheTwoInTheMiddle() {
    assertThat(Statistics.median(List.of(9.0, 1.0, 2.0))).isEqualTo(2.0);
    assertThat(Statistics.median(List.of(9.0, 1.0, 2.0, 4.0))).isEqualTo(3.0);
    assertThat(Statistics.median(List.of(7.0))).isEqualTo(7.0);
  }

  @Test
  void aQuantileIsASampleThatThisPartDoesNotExceed() {
    List<Double> samples = List.of(5.0, 4.0, 3.0, 2.0, 1.0);

    assertThat(Statistics.quantile(samples, 0.2)).isEqualTo(1.0);
    assertThat(Statistics.quantile(samples, 0.95)).isEqualTo(5.0);
    assertThat(Statistics.quantile(samples, 1.0)).isEqualTo(5.0);
  }
}
