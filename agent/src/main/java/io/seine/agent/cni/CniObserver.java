package io.seine.agent.cni;

import java.time.Duration;

/** Is told of every request that was answered, for metrics. Thread safe; must not block. */
@FunctionalInterface
public interface CniObserver {
  /**
   * One answer.
   *
   * @param command ADD, DEL, CHECK, GC, STATUS, VERSION, or "unknown"
   * @param code 0, or the code of the CNI error
   * @param took from the request's arrival to its answer, waiting included
   */
  void answered(String command, int code, Duration took);
}
