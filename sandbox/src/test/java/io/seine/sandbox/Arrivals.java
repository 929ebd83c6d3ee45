package io.seine.sandbox;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.stream.IntStream;

/** Which of the numbered messages of a {@link Conversation} arrived, and when. Thread-safe. */
final class Arrivals {
  private static final int MOST = 200_000;

  /** By number, the clock's nanoseconds; 0: has not arrived. */
  private final AtomicLongArray times = new AtomicLongArray(MOST);

  private final AtomicInteger count = new AtomicInteger();
  private final AtomicInteger newest = new AtomicInteger(-1);

  void record(int number) {
    if (number < 0 || number >= MOST) {
      throw new IllegalStateException("message " + number + " is beyond what one records");
    }
    if (times.compareAndSet(number, 0, System.nanoTime())) {
      count.incrementAndGet();
    }
    newest.accumulateAndGet(number, Math::max);
  }

  int count() {
    return count.get();
  }

  /** The highest number that arrived, or -1. */
  int newest() {
    return newest.get();
  }

  /** How many arrived after a moment of {@link System#nanoTime()}. */
  long since(long moment) {
    return IntStream.rangeClosed(0, newest())
        .filter(number -> times.get(number) != 0 && times.get(number) - moment > 0)
        .count();
  }

  /** Those of the numbers, both ends included, that have not arrived. */
  List<Integer> missing(int first, int last) {
    return IntStream.rangeClosed(first, last)
        .filter(number -> times.get(number) == 0)
        .boxed()
        .toList();
  }
}
