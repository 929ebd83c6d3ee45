package io.seine.reconcile;

import io.seine.openflow.Change;
import io.seine.openflow.Flow;
import io.seine.openflow.Group;
import io.seine.openflow.RefusedException;
import io.seine.openflow.wire.Messages;
import io.seine.pipeline.Cookie;
import io.seine.pipeline.Owner;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * Collects changes in any order and gives them in the one that never leaves a packet without a
 * flow: groups and buckets that come, flows that come, flows that go, buckets and groups that go.
 * Of groups that lead to other groups, those others come before them and go after them; Open
 * vSwitch itself takes a bucket that leads to no group, and drops what meets it.
 */
final class Bundle {
  /** A message has at most 64 KiB, which is some 600 buckets of ours. */
  static final int BUCKETS_PER_MESSAGE = 400;

  private final Map<Integer, List<Change>> groupsIn = new LinkedHashMap<>();
  private final Map<Integer, Set<Integer>> leadsTo = new LinkedHashMap<>();
  private final List<Change> flowsIn = new ArrayList<>();
  private final List<Change> flowsOut = new ArrayList<>();
  private final List<Change> bucketsOut = new ArrayList<>();
  private final Map<Integer, Set<Integer>> deletedGroups = new LinkedHashMap<>();

  void add(Owner owner, Flow flow) {
    flowsIn.add(new Change.AddFlow(flow, Cookie.of(owner.kind(), flow)));
  }

  void delete(Flow.Key key) {
    flowsOut.add(new Change.DeleteFlow(key));
  }

  void deleteGroup(Group group) {
    deletedGroups.put(group.id(), GroupRefs.of(group));
  }

  /**
   * Makes the group what it should be. Buckets come and go one by one if the group hashes over
   * them. Otherwise it is rewritten, which the switch does in one step too: Open vSwitch builds the
   * slots of a {@code dp_hash} group from the buckets of the message alone, so that after an insert
   * all new connections go to what was inserted (openvswitch/ovs-issues 357, seen in 3.1).
   *
   * @param actual what the switch has under this id
   * @throws RefusedException if the switch would end itself of the group
   */
  void replace(Optional<Group> actual, Group wanted) throws RefusedException {
    checkSize(wanted);
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
      bucketsOut.add(new Change.RemoveBucket(wanted.id(), wanted.type(), id));
    }
  }

  // The connection cannot see this when buckets are inserted: it does not know how many there are.
  private static void checkSize(Group group) throws RefusedException {
    int bytes = Messages.groupBytes(group);
    if (bytes > Messages.MAX_GROUP_BYTES) {
      throw new RefusedException(
          "group %s with its %d buckets takes %d bytes; above %d Open vSwitch ends itself when its groups are dumped: spread the buckets over several groups"
              .formatted(
                  Integer.toUnsignedString(group.id()),
                  group.buckets().size(),
                  bytes,
                  Messages.MAX_GROUP_BYTES),
          "GROUP_TOO_LARGE",
          Optional.empty());
    }
  }

  private static boolean byBucket(Group group) {
    return group.type() != Group.Type.SELECT
        || group.selection().filter(s -> s.method().equals("hash")).isPresent();
  }

  private void whole(Group group, Function<Group, Change> change) {
    List<Group.Bucket> buckets = group.buckets();
    int first = Math.min(BUCKETS_PER_MESSAGE, buckets.size());
    come(
        group,
        change.apply(
            new Group(group.id(), group.type(), group.selection(), buckets.subList(0, first))));
    insert(group, buckets.subList(first, buckets.size()));
  }

  private void insert(Group group, List<Group.Bucket> buckets) {
    for (int from = 0; from < buckets.size(); from += BUCKETS_PER_MESSAGE) {
      int to = Math.min(from + BUCKETS_PER_MESSAGE, buckets.size());
      come(group, new Change.InsertBuckets(group.id(), group.type(), buckets.subList(from, to)));
    }
  }

  private void come(Group group, Change change) {
    groupsIn.computeIfAbsent(group.id(), id -> new ArrayList<>()).add(change);
    leadsTo.computeIfAbsent(group.id(), id -> GroupRefs.of(group));
  }

  /** All of them, in order. */
  List<Change> changes() {
    List<Change> all = new ArrayList<>(groupsIn.size() + flowsIn.size() + flowsOut.size());
    for (int id : GroupRefs.subGroupsFirst(leadsTo)) {
      all.addAll(groupsIn.getOrDefault(id, List.of()));
    }
    all.addAll(flowsIn);
    all.addAll(flowsOut);
    all.addAll(bucketsOut);
    for (int id : GroupRefs.subGroupsFirst(deletedGroups).reversed()) {
      all.add(new Change.DeleteGroup(id));
    }
    return all;
  }

  Set<Integer> deletedGroups() {
    return deletedGroups.keySet();
  }
}
