package io.seine.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.seine.cli.bench.ServiceTraffic.Figures;
import java.util.List;
import org.junit.jupiter.api.Test;

class TrafficMeasuresTest {
  /** The machine is half as quick in the second round; nothing else differs. */
  private static TrafficMeasures.Rounds size(int services, double rate, double connect) {
    return new TrafficMeasures.Rounds(
        services,
        List.of(figures(5000, rate, 2, connect), figures(2500, rate / 2, 4, connect * 2)),
        List.of(figures(20000, 18000, 0.1, 0.12), figures(10000, 9000, 0.2, 0.24)));
  }

  private static Figures figures(double direct, double service, double connect, double through) {
    return new Figures(direct, service, List.of(connect, connect), List.of(through, through));
  }

  private static Measure named(List<Measure> measures, String what) {
    return measures.stream()
        .filter(measure -> measure.what().equals(what))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aServiceIsHeldAgainstItsPodsInTheSameRound() {
    List<Measure> measures =
        TrafficMeasures.of(List.of(size(10, 4500, 2.2), size(1000, 3900, 2.3)));

    Measure few = named(measures, "connections a second, 10 services");
    assertThat(few.ratio()).hasValue(0.9);
    assertThat(few.met()).contains(true);
    assertThat(few.target()).isEqualTo("ratio >= 0.8");
    assertThat(named(measures, "connections a second, 1000 services").met()).contains(false);
    assertThat(named(measures, "connecting where all is cold, 10 services").ratio()).hasValue(1.1);
  }

  @Test
  void manyServicesAreHeldAgainstFewInTheSameRound() {
    List<Measure> measures =
        TrafficMeasures.of(
            List.of(size(10, 4000, 2.0), size(1000, 3700, 2.1), size(9999, 3500, 2.4)));

    Measure rate = named(measures, "connections a second, 1000 services, times those of 10");
    assertThat(rate.seine()).containsExactly(0.925, 0.925);
    assertThat(rate.peerSamples()).containsExactly(1.0, 1.0);
    assertThat(rate.met()).contains(true);
    assertThat(named(measures, "connections a second, 9999 services, times those of 10").met())
        .contains(false);
    assertThat(
            named(measures, "connecting where all is cold, 1000 services, times those of 10").met())
        .contains(true);
    assertThat(
            named(measures, "connecting where all is cold, 9999 services, times those of 10").met())
        .contains(false);
  }

  @Test
  void besideThePeerStandTheFigureItselfAndItsRatioToTheDirectWay() {
    List<Measure> measures = TrafficMeasures.of(List.of(size(10, 4500, 2.2)));

    List<Measure> beside =
        measures.stream()
            .filter(measure -> measure.peer().orElse("").equals(TrafficMeasures.PEER))
            .toList();
    assertThat(beside).extracting(Measure::unit).containsExactly("/s", "x", "ms", "x");
    assertThat(beside.get(0).ratio()).hasValue(0.25);
    assertThat(beside.get(1).seine()).containsExactly(0.9, 0.9);
    assertThat(beside.get(1).ratio()).hasValue(1.0);
  }
}
