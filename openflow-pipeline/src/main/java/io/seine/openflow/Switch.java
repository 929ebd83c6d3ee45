package io.seine.openflow;

import java.util.List;
import java.util.function.Consumer;

/**
 * One bridge, as the reconciler sees it. The real one is an OpenFlow connection; tests use a fake
 * that enforces the same rules. Methods block, may be called from any thread, and take effect in
 * the order of the calls.
 */
public interface Switch {
  /** Every flow of every table. */
  List<InstalledFlow> dumpFlows() throws SwitchException;

  /** Every group with its buckets. */
  List<Group> dumpGroups() throws SwitchException;

  /**
   * Hands every flow to {@code visitor}, one at a time. An implementation that can, does so as they
   * arrive, so that a large switch need not be held in memory at once.
   */
  default void visitFlows(Consumer<InstalledFlow> visitor) throws SwitchException {
    dumpFlows().forEach(visitor);
  }

  /** As {@link #visitFlows}, for groups. */
  default void visitGroups(Consumer<Group> visitor) throws SwitchException {
    dumpGroups().forEach(visitor);
  }

  /** The flows of one table. */
  default List<InstalledFlow> dumpFlows(int table) throws SwitchException {
    return dumpFlows(table, 0, 0);
  }

  /** The flows of one table whose cookie is {@code cookie} in the bits of {@code cookieMask}. */
  default List<InstalledFlow> dumpFlows(int table, long cookie, long cookieMask)
      throws SwitchException {
    return dumpFlows().stream()
        .filter(f -> f.flow().table() == table && ((f.cookie() ^ cookie) & cookieMask) == 0)
        .toList();
  }

  /**
   * Has connection tracking forget what fits any of these, and returns when that is done. A packet
   * of such a connection is then a new one's first. Each costs the switch a look at every
   * connection of its zone.
   *
   * <p>One that fits more than half of all connections may miss some on the userspace datapath of
   * Open vSwitch (seen on 3.1), whose table shrinks under the search. What was missed is found by
   * another one.
   *
   * @throws RefusedException if the switch cannot do that; of the others some may be done
   * @throws SwitchException if it did not answer in time or went away
   */
  void flushConnections(List<CtFlush> flushes) throws SwitchException;

  /**
   * Applies all changes or none, in order, and returns when the switch has confirmed them.
   *
   * @throws RefusedException if the switch refused; its message names the change that was refused
   *     and why, and nothing took effect
   * @throws SwitchException if it did not answer in time or went away; whether the changes took
   *     effect is not known
   */
  void commit(List<Change> changes) throws SwitchException;
}
