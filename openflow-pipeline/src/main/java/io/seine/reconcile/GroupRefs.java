package io.seine.reconcile;

import io.seine.openflow.Action;
import io.seine.openflow.Group;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Which groups lead to which. */
final class GroupRefs {
  private GroupRefs() {}

  /** The groups that the actions lead to directly. */
  static Set<Integer> of(Collection<Action> actions) {
    Set<Integer> ids = new TreeSet<>();
    for (Action action : actions) {
      if (action instanceof Action.Group group) {
        ids.add(group.groupId());
      }
    }
    return ids;
  }

  /** The groups that the buckets lead to directly. */
  static Set<Integer> of(Group group) {
    Set<Integer> ids = new TreeSet<>();
    group.buckets().forEach(bucket -> ids.addAll(of(bucket.actions())));
    return ids;
  }

  /**
   * The groups in an order in which each comes after all that it leads to, other than that as they
   * are given. Of groups that lead to each other in a circle, some come before.
   *
   * @param leadsTo for each group the ones that it leads to; those that are no key are left out
   */
  static List<Integer> subGroupsFirst(Map<Integer, Set<Integer>> leadsTo) {
    List<Integer> order = new ArrayList<>(leadsTo.size());
    Set<Integer> seen = new HashSet<>();
    leadsTo.keySet().forEach(id -> visit(id, leadsTo, seen, order));
    return order;
  }

  private static void visit(
      int id, Map<Integer, Set<Integer>> leadsTo, Set<Integer> seen, List<Integer> order) {
    Optional<Set<Integer>> next = Optional.ofNullable(leadsTo.get(id));
    if (next.isEmpty() || !seen.add(id)) {
      return;
    }
    next.get().forEach(sub -> visit(sub, leadsTo, seen, order));
    order.add(id);
  }
}
