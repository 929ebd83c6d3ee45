package io.seine.agent;

import io.seine.openflow.FieldMatch;
import io.seine.openflow.Flow;
import io.seine.openflow.InstalledFlow;
import io.seine.pipeline.Registers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Which learned flows have not been used for as long as their service says.
 *
 * <p>The switch tells how long a flow has been idle up to {@link InstalledFlow#MOST_IDLE} and not
 * beyond, so this remembers when it saw each flow last used. A flow that was beyond that already
 * when it was first seen, as after the agent's restart, is taken for idle just that long: it may
 * stay longer than it should, by the rest of its time, and never ends early.
 *
 * <p>Not thread safe.
 */
final class LongAffinity {
  private final LongSupplier nanoTime;
  private Map<Flow.Key, Use> uses = new HashMap<>();

  /**
   * @param at on the clock
   * @param packets that had matched by then
   */
  private record Use(long at, long packets) {}

  /**
   * @param nanoTime a clock that never goes back, in nanoseconds
   */
  LongAffinity(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /** There is nothing to watch. */
  void forget() {
    uses = new HashMap<>();
  }

  /**
   * Those that are over.
   *
   * @param learned all learned flows there are
   * @param timeouts of the groups this is about; flows of others are passed over
   */
  List<Flow.Key> over(List<InstalledFlow> learned, Map<Integer, Duration> timeouts) {
    long now = nanoTime.getAsLong();
    Map<Flow.Key, Use> seen = new HashMap<>();
    List<Flow.Key> over = new ArrayList<>();
    for (InstalledFlow installed : learned) {
      Optional<Duration> timeout = group(installed.flow()).map(timeouts::get);
      // One with a timeout of its own was learned before the service's became so long.
      if (timeout.isEmpty() || installed.idleTimeout() != 0) {
        continue;
      }
      Flow.Key key = installed.flow().key();
      Use use = use(installed, Optional.ofNullable(uses.get(key)), now);
      if (now - use.at() >= timeout.get().toNanos()) {
        over.add(key);
      } else {
        seen.put(key, use);
      }
    }
    uses = seen;
    return over;
  }

  private static Use use(InstalledFlow installed, Optional<Use> before, long now) {
    Use told = new Use(now - installed.idle().toNanos(), installed.packets());
    boolean known = installed.idle().compareTo(InstalledFlow.MOST_IDLE) < 0;
    return known ? told : before.filter(b -> b.packets() == installed.packets()).orElse(told);
  }

  private static Optional<Integer> group(Flow flow) {
    return flow.match().fields().stream()
        .filter(f -> f.field().equals(Registers.GROUP.range().field()))
        .map(FieldMatch::value)
        .map(value -> (int) value.toLong())
        .findFirst();
  }
}
