package io.seine.cli.bench;

/** One benchmark. */
interface Bench {
  /**
   * Measures; blocks for seconds to minutes.
   *
   * @param progress one line each, for the user who waits
   * @throws Exception if something could not be made or did not do what it should; all that was
   *     made is down by then
   */
  Report run(Progress progress) throws Exception;

  /** Takes what the benchmark is doing. */
  interface Progress {
    void say(String line);
  }
}
