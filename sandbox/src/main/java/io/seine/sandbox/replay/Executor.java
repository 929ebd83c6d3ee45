package io.seine.sandbox.replay;

import java.util.Map;

/** Plays cases, one after the other, on one thread. */
public interface Executor extends AutoCloseable {
  /** Makes the cluster of the case as it is before the first step. */
  void begin(Case next) throws Exception;

  /** Makes the step's changes, and answers its probes. */
  Map<Probe, Finding> perform(Step step) throws Exception;

  /** Whether it tells {@link Outcome#DRY} from {@link Outcome#ALLOWED}. */
  default boolean seesDryRuns() {
    return false;
  }

  @Override
  void close();
}
