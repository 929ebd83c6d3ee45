package io.seine.cli.bench;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * One thing measured, of Seine and perhaps of a peer.
 *
 * @param what names it
 * @param unit of all samples
 * @param rounds at least one
 * @param peer who it is compared with
 * @param aim what is to be reached; empty for a figure that is given for information
 */
record Measure(
    String what, String unit, List<Round> rounds, Optional<String> peer, Optional<Target> aim) {
  Measure {
    rounds = List.copyOf(rounds);
  }

  /**
   * What was measured close together in time, so that the two may be compared.
   *
   * @param peer empty without a peer
   */
  record Round(List<Double> seine, List<Double> peer) {
    Round {
      seine = List.copyOf(seine);
      peer = List.copyOf(peer);
    }

    static Round of(double seine, double peer) {
      return new Round(List.of(seine), List.of(peer));
    }
  }

  /** Seine beside a peer; the less the better. */
  static Measure compared(
      String what, String unit, List<Round> rounds, String peer, double mostRatio) {
    return beside(what, unit, rounds, peer).aiming(Target.ratioAtMost(mostRatio));
  }

  /** Seine beside a peer, for information. */
  static Measure beside(String what, String unit, List<Round> rounds, String peer) {
    return new Measure(what, unit, rounds, Optional.of(peer), Optional.empty());
  }

  static Measure alone(String what, String unit, List<Double> samples) {
    return new Measure(
        what, unit, List.of(new Round(samples, List.of())), Optional.empty(), Optional.empty());
  }

  /** With a target. */
  Measure aiming(Target target) {
    return new Measure(what, unit, rounds, peer, Optional.of(target));
  }

  /** With the target that the median is at most so much. */
  Measure atMost(double limit) {
    return aiming(Target.medianAtMost(limit));
  }

  List<Double> seine() {
    return rounds.stream().flatMap(round -> round.seine().stream()).toList();
  }

  List<Double> peerSamples() {
    return rounds.stream().flatMap(round -> round.peer().stream()).toList();
  }

  /** Seine's figure over the peer's: the median over the rounds of the ratio of their medians. */
  OptionalDouble ratio() {
    if (peer.isEmpty()) {
      return OptionalDouble.empty();
    }
    List<Double> ratios =
        rounds.stream()
            .map(round -> Statistics.median(round.seine()) / Statistics.median(round.peer()))
            .toList();
    return OptionalDouble.of(Statistics.median(ratios));
  }

  /** Whether the target is met; empty if there is none. */
  Optional<Boolean> met() {
    return aim.map(target ->
        target.met(
            switch (target.of()) {
              case RATIO -> ratio().orElseThrow();
              case MEDIAN -> Statistics.median(seine());
            }));
  }

  /** The target in words, or the empty string. */
  String target() {
    return aim.map(target -> target.text(unit)).orElse("");
  }
}
