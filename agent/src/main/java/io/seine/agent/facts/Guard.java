package io.seine.agent.facts;

import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A defect in handling one object must not end the handling of all others. */
final class Guard {
  private static final Logger LOG = LoggerFactory.getLogger(Guard.class);

  private Guard() {}

  static void run(Runnable step) {
    try {
      step.run();
    } catch (RuntimeException e) {
      LOG.error("a change could not be handled and is left out", e);
    }
  }

  static <K> void each(List<K> keys, Consumer<K> step) {
    keys.forEach(key -> run(() -> step.accept(key)));
  }
}
