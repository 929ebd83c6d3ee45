package io.seine.cni.plugin;

/** The instant by which the whole operation has to be over. */
final class Deadline {
  private static final long NANOS_PER_MILLI = 1_000_000;

  private final Os os;
  private final long atNanos;
  private final int millis;

  private Deadline(Os os, long atNanos, int millis) {
    this.os = os;
    this.atNanos = atNanos;
    this.millis = millis;
  }

  /**
   * @param startNanos when the process began, on the clock of {@link Os#nanoTime()}
   * @param millis from then on, above zero
   */
  static Deadline after(Os os, long startNanos, int millis) {
    return new Deadline(os, startNanos + millis * NANOS_PER_MILLI, millis);
  }

  /** Milliseconds left, rounded up; 0 when the deadline has passed. */
  int remainingMillis() {
    long left = atNanos - os.nanoTime();
    return left <= 0
        ? 0
        : (int) Math.min(Integer.MAX_VALUE, (left + NANOS_PER_MILLI - 1) / NANOS_PER_MILLI);
  }

  /** The whole time that was given, for messages: "50 s" or "200 ms". */
  String given() {
    return millis % 1000 == 0 ? millis / 1000 + " s" : millis + " ms";
  }
}
