package io.seine.cli.bench;

import io.seine.cli.bench.Measure.Round;
import io.seine.cli.bench.ServiceTraffic.Figures;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;

/** What connections through services cost, as ratios: to the pods, to the peer, to few services. */
final class TrafficMeasures {
  static final String PEER = "kube-proxy's nftables rules";
  private static final String DIRECT = "the pods directly";
  private static final double LEAST_OF_DIRECT = 0.8;
  private static final double FLAT = 0.1;

  /**
   * One size's rounds; both lists are of the same rounds in the same order.
   *
   * @param services how many
   */
  record Rounds(int services, List<Figures> seine, List<Figures> peer) {
    Rounds {
      seine = List.copyOf(seine);
      peer = List.copyOf(peer);
    }
  }

  /** The samples of one kind, of a round. */
  private interface Kind extends Function<Figures, List<Double>> {}

  private TrafficMeasures() {}

  /**
   * All measures.
   *
   * @param sizes the smallest first
   */
  static List<Measure> of(List<Rounds> sizes) {
    List<Measure> measures = new ArrayList<>();
    Kind rate = figures -> List.of(figures.serviceRate());
    Kind directRate = figures -> List.of(figures.directRate());
    for (Rounds size : sizes) {
      String what = "connections a second, %d services".formatted(size.services());
      measures.add(
          Measure.beside(what, "/s", rounds(size.seine(), rate, size.seine(), directRate), DIRECT)
              .aiming(Target.ratioAtLeast(LEAST_OF_DIRECT)));
      measures.addAll(besidePeer("/s", size, rate, directRate));
    }
    measures.addAll(flat("connections a second", sizes, rate, Target.medianAtLeast(1 - FLAT)));
    Kind connect = Figures::serviceConnect;
    Kind directConnect = Figures::directConnect;
    for (Rounds size : sizes) {
      String what = "connecting where all is cold, %d services".formatted(size.services());
      measures.add(
          Measure.beside(
              what, "ms", rounds(size.seine(), connect, size.seine(), directConnect), DIRECT));
      measures.addAll(besidePeer("ms", size, connect, directConnect));
    }
    measures.addAll(
        flat("connecting where all is cold", sizes, connect, Target.medianAtMost(1 + FLAT)));
    return measures;
  }

  /** The figure itself and its ratio to the direct way, both beside the peer's. */
  private static List<Measure> besidePeer(String unit, Rounds size, Kind service, Kind direct) {
    return List.of(
        Measure.beside(
            "  the same beside the peer",
            unit,
            rounds(size.seine(), service, size.peer(), service),
            PEER),
        Measure.beside(
            "  times the pods' directly",
            "x",
            beside(
                multiples(size.seine(), service, size.seine(), direct),
                multiples(size.peer(), service, size.peer(), direct)),
            PEER));
  }

  /** Each size's figure as a multiple of that of the smallest, in the same round. */
  private static List<Measure> flat(String what, List<Rounds> sizes, Kind kind, Target target) {
    Rounds smallest = sizes.getFirst();
    List<Measure> measures = new ArrayList<>();
    for (Rounds size : sizes.subList(1, sizes.size())) {
      measures.add(
          Measure.beside(
                  "%s, %d services, times those of %d"
                      .formatted(what, size.services(), smallest.services()),
                  "x",
                  beside(
                      multiples(size.seine(), kind, smallest.seine(), kind),
                      multiples(size.peer(), kind, smallest.peer(), kind)),
                  PEER)
              .aiming(target));
    }
    return measures;
  }

  private static List<Round> rounds(
      List<Figures> ones, Kind one, List<Figures> others, Kind other) {
    return IntStream.range(0, ones.size())
        .mapToObj(i -> new Round(one.apply(ones.get(i)), other.apply(others.get(i))))
        .toList();
  }

  /** Round by round, the one's median over the other's. */
  private static List<Double> multiples(
      List<Figures> ones, Kind one, List<Figures> others, Kind other) {
    return rounds(ones, one, others, other).stream()
        .map(round -> Statistics.median(round.seine()) / Statistics.median(round.peer()))
        .toList();
  }

  private static List<Round> beside(List<Double> seine, List<Double> peer) {
    return IntStream.range(0, seine.size())
        .mapToObj(i -> Round.of(seine.get(i), peer.get(i)))
        .toList();
  }
}
