package io.seine.cli.bench;

import java.util.List;

/** Order statistics of samples. */
final class Statistics {
  private Statistics() {}

  static double median(List<Double> samples) {
    List<Double> sorted = samples.stream().sorted().toList();
    int middle = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(middle)
        : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
  }

  /**
   * The smallest sample that at least this part of all samples does not exceed.
   *
   * @param part above 0, at most 1
   */
  static double quantile(List<Double> samples, double part) {
    List<Double> sorted = samples.stream().sorted().toList();
    return sorted.get((int) Math.ceil(part * sorted.size()) - 1);
  }
}
