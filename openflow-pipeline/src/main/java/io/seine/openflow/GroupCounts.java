package io.seine.openflow;

import java.util.List;

/**
 * How often a group was used.
 *
 * @param packets unsigned, and so are all counts
 * @param buckets one for each of the group's buckets, in the order that {@link Switch#dumpGroups}
 *     has them in
 */
public record GroupCounts(int id, long packets, long bytes, List<Count> buckets) {
  public GroupCounts {
    buckets = List.copyOf(buckets);
  }

  /** What one bucket has been given. */
  public record Count(long packets, long bytes) {}
}
