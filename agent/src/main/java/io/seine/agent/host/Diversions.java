package io.seine.agent.host;

import io.seine.pipeline.Owner;
import java.util.Set;

/**
 * Takes what traffic from outside the pod network is to reach the switch. Any thread may call; no
 * call waits for the kernel.
 */
public interface Diversions {
  /** Diverts nothing: where there is no host to do it on. */
  Diversions NONE =
      new Diversions() {
        @Override
        public void put(Owner owner, Set<Diversion> wanted) {}

        @Override
        public void complete() {}
      };

  /** Says all that an owner wants from now on, in the place of what it wanted before. */
  void put(Owner owner, Set<Diversion> wanted);

  /** Nothing is wanted for this owner any more. */
  default void remove(Owner owner) {
    put(owner, Set.of());
  }

  /**
   * Every owner there is has said what it wants, for the first time. From now on what an earlier
   * run of the agent left in the kernel, and nobody wants, is removed.
   */
  void complete();
}
