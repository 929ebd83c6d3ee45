package io.seine.reconcile;

import io.seine.openflow.Switch;
import java.util.List;

/** What the reconciler's thread is about to do. */
sealed interface Round {
  Switch target();

  List<Task> tasks();

  /**
   * Compare the whole switch with what all owners want, and repair it.
   *
   * @param delete whether what no owner wants goes
   * @param audits how many audits were asked for until now
   */
  record Compare(
      Switch target, List<Task> tasks, DriftReport.Cause cause, boolean delete, long audits)
      implements Round {}

  /** Take some owners from what they have to what they want. */
  record Change(Switch target, List<Task> tasks) implements Round {}
}
