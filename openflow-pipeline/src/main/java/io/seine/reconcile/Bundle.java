package io.seine.reconcile;

import io.seine.openflow.Change;
import io.seine.openflow.Flow;
import io.seine.openflow.Group;
import io.seine.pipeline.Cookie;
import io.seine.pipeline.Owner;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Collects changes in any order and gives them in the one that never leaves a packet without a
 * flow: groups and buckets that come, flows that come, flows that go, buckets and groups that go.
 */
final class Bundle {
  /** A message has at most 64 KiB, which is some 600 buckets of ours. */
  static final int BUCKETS_PER_MESSAGE = 400;

  private final List<Change> groupsIn = new ArrayList<>();
  private final List<Change> flowsIn = new ArrayList<>();
  private final List<Change> flowsOut = new ArrayList<>();
  private final List<Change> groupsOut = new ArrayList<>();
  private final List<Integer> deletedGroups = new ArrayList<>();

  void add(Owner owner, Flow flow) {
    flowsIn.add(new Change.AddFlow(flow, Cookie.of(owner.kind(), flow)));
  }

  void delete(Flow.Key key) {
    flowsOut.add(new Change.DeleteFlow(key));
  }

  void deleteGroup(int id) {
    groupsOut.add(new Change.DeleteGroup(id));
    deletedGroups.add(id);
  }

  /**
   * Makes the group what it should be. Buckets come and go one by one if the group hashes over
   * them. Otherwise it is rewritten, which the switch does in one step too: Open vSwitch builds the
   * slots of a {@code dp_hash} group from the buckets of the message alone, so that after an insert
   * all new connections go to what was inserted (openvswitch/ovs-issues 357, seen in 3.1).
   *
   * @param actual what the switch has under this id
   */
  void replace(Optional<Group> actual, Group wanted) {
    if (actual.isEmpty()) {
      whole(wanted, Change.AddGroup::new);
      return;
    }
    Map<Integer, Group.Bucket> left = new HashMap<>();
    actual.get().buckets().forEach(b -> left.put(b.id(), b));
    boolean rewrite =
        actual.get().type() != wanted.type()
            || !actual.get().selection().equals(wanted.selection())
            || !byBucket(wanted)
            || left.size() != actual.get().buckets().size();
    List<Group.Bucket> come = new ArrayList<>();
    for (Group.Bucket bucket : wanted.buckets()) {
      Group.Bucket there = left.remove(bucket.id());
      if (there == null) {
        come.add(bucket);
      } else if (!there.equals(bucket)) {
        rewrite = true;
      }
    }
    if (rewrite) {
      whole(wanted, Change.ModifyGroup::new);
      return;
    }
    insert(wanted, come);
    for (int id : left.keySet().stream().sorted(Integer::compareUnsigned).toList()) {
      groupsOut.add(new Change.RemoveBucket(wanted.id(), wanted.type(), id));
    }
  }

  private static boolean byBucket(Group group) {
    return group.type() != Group.Type.SELECT
        || group.selection().filter(s -> s.method().equals("hash")).isPresent();
  }

  private void whole(Group group, java.util.function.Function<Group, Change> change) {
    List<Group.Bucket> buckets = group.buckets();
    int first = Math.min(BUCKETS_PER_MESSAGE, buckets.size());
    groupsIn.add(
        change.apply(
            new Group(group.id(), group.type(), group.selection(), buckets.subList(0, first))));
    insert(group, buckets.subList(first, buckets.size()));
  }

  private void insert(Group group, List<Group.Bucket> buckets) {
    for (int from = 0; from < buckets.size(); from += BUCKETS_PER_MESSAGE) {
      int to = Math.min(from + BUCKETS_PER_MESSAGE, buckets.size());
      groupsIn.add(new Change.InsertBuckets(group.id(), group.type(), buckets.subList(from, to)));
    }
  }

  /** All of them, in order. */
  List<Change> changes() {
    List<Change> all = new ArrayList<>(groupsIn.size() + flowsIn.size() + flowsOut.size());
    all.addAll(groupsIn);
    all.addAll(flowsIn);
    all.addAll(flowsOut);
    all.addAll(groupsOut);
    return all;
  }

  List<Integer> deletedGroups() {
    return deletedGroups;
  }
}
