package io.seine.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.seine.cli.bench.Measure.Round;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReportTest {
  private static final Report REPORT =
      new Report(
          "services",
          List.of("How it was measured."),
          List.of(
              Measure.beside("rate", "/s", List.of(Round.of(4000, 5000)), "direct")
                  .aiming(Target.ratioAtLeast(0.9)),
              Measure.alone("memory", "MiB", List.of(150.0)).atMost(200)));

  @Test
  void aMissedTargetIsSaidToBeMissed() {
    StringWriter text = new StringWriter();

    REPORT.print(new PrintWriter(text, true));

    assertThat(text.toString().lines().map(line -> line.stripTrailing().replaceAll(" {2,}", "  ")))
        .containsExactly(
            "services",
            "MEASURE  UNIT  N  MEDIAN  P95  PEER  MEDIAN  P95  RATIO  TARGET",
            "rate  /s  1  4000  4000  direct  5000  5000  0.80  ratio >= 0.9, MISSED",
            "memory  MiB  1  150  150  <= 200 MiB, met",
            "  How it was measured.",
            "");
  }

  @Test
  void theJsonHasEverySample() {
    assertThat(REPORT.json().toString())
        .contains("\"what\":\"rate\"")
        .contains("\"peer\":{\"name\":\"direct\",\"median\":5000.0")
        .contains("\"samples\":[4000.0]")
        .contains("\"target\":{\"text\":\"ratio >= 0.9\",\"met\":false}")
        .contains("\"target\":{\"text\":\"<= 200 MiB\",\"met\":true}");
  }
}
