package io.seine.openflow;

import java.util.List;

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
   * Applies all changes or none, in order, and returns when the switch has confirmed them.
   *
   * @throws SwitchException if the switch refused; its message names the change that was refused
   *     and why
   */
  void commit(List<Change> changes) throws SwitchException;
}
