package io.seine.openflow.wire;

import io.seine.openflow.GroupCounts;
import java.util.ArrayList;
import java.util.List;

/** The entries of a group statistics reply (OpenFlow 1.5, 7.3.5.10). */
final class GroupCountsCodec {
  private static final int HEAD = 40;
  private static final int BUCKET = 16;

  private GroupCountsCodec() {}

  static List<GroupCounts> readAll(Input in) throws DecodeException {
    List<GroupCounts> groups = new ArrayList<>();
    while (in.remaining() > 0) {
      int length = in.copy().u16();
      if (length < HEAD || (length - HEAD) % BUCKET != 0) {
        throw new DecodeException("group statistics with a length of " + length);
      }
      groups.add(read(in.slice(length)));
    }
    return groups;
  }

  private static GroupCounts read(Input in) throws DecodeException {
    in.skip(4);
    int id = in.u32();
    in.skip(8); // how many flows refer to it
    long packets = in.u64();
    long bytes = in.u64();
    in.skip(8); // its age
    List<GroupCounts.Count> buckets = new ArrayList<>();
    while (in.remaining() > 0) {
      buckets.add(new GroupCounts.Count(in.u64(), in.u64()));
    }
    return new GroupCounts(id, packets, bytes, buckets);
  }
}
