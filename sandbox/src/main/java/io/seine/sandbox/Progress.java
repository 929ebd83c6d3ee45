package io.seine.sandbox;

import java.time.Duration;

/** Hears what a sandbox is doing as it goes. Called from any thread. */
@FunctionalInterface
public interface Progress {
  /** Something is done: what, and how long it took. */
  void done(String what, Duration took);

  /** Hears nothing. */
  static Progress silent() {
    return (what, took) -> {};
  }

  /** Runs an action and reports it. */
  default void step(String what, Runnable action) {
    long start = System.nanoTime();
    action.run();
    done(what, Duration.ofNanos(System.nanoTime() - start));
  }
}
