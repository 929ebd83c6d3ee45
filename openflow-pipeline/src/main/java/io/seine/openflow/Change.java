package io.seine.openflow;

import java.util.List;

/** One step of an ordered, atomic bundle. The steps take effect together, in the order given. */
public sealed interface Change {
  /** Adds the flow, or replaces the one with the same key; an unchanged flow keeps no counters. */
  record AddFlow(Flow flow, long cookie) implements Change {}

  /** Removes the flow with exactly this key; no such flow is no error. */
  record DeleteFlow(Flow.Key key) implements Change {}

  /** Adds a group; one with this id must not exist. */
  record AddGroup(Group group) implements Change {}

  /** Replaces a group that exists, buckets and all. */
  record ModifyGroup(Group group) implements Change {}

  /**
   * Removes a group and, as OpenFlow has it, the flows that still use it; no such group is no
   * error.
   */
  record DeleteGroup(int groupId) implements Change {}

  /**
   * Adds buckets behind those that a group has and leaves the others as they are. The group as a
   * whole must stay small enough to be described in one message, about 64 KB.
   */
  record InsertBuckets(int groupId, Group.Type type, List<Group.Bucket> buckets) implements Change {
    public InsertBuckets {
      buckets = List.copyOf(buckets);
    }
  }

  /** Removes one bucket of a group and leaves the others as they are. */
  record RemoveBucket(int groupId, Group.Type type, int bucketId) implements Change {}
}
