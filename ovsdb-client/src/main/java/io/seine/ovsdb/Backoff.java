package io.seine.ovsdb;

import java.time.Duration;
import java.util.random.RandomGenerator;

/** How long to wait before the next attempt to connect. */
@FunctionalInterface
public interface Backoff {

  /**
   * The wait before an attempt.
   *
   * @param failures attempts failed in a row, from 1
   */
  Duration delay(int failures);

  /**
   * Doubles from {@code first} up to {@code longest}, each taken between half and whole at random
   * so that the agents of many nodes do not come back together.
   */
  static Backoff exponential(Duration first, Duration longest, RandomGenerator random) {
    return failures -> {
      double whole =
          Math.min((double) longest.toNanos(), first.toNanos() * Math.pow(2, failures - 1));
      return Duration.ofNanos((long) (whole * (0.5 + random.nextDouble() / 2)));
    };
  }
}
