package io.seine.openflow;

import java.util.List;
import java.util.Optional;

/**
 * A group as it should stand in the switch.
 *
 * @param id 1 to 0xffffff00, unsigned
 * @param selection how a {@link Type#SELECT} group picks; empty for the switch's default
 */
public record Group(int id, Type type, Optional<Selection> selection, List<Bucket> buckets) {
  public Group {
    buckets = List.copyOf(buckets);
  }

  public enum Type {
    ALL,
    SELECT,
    INDIRECT,
    FAST_FAILOVER
  }

  /**
   * {@code selection_method} (NTR_SELECTION_METHOD of Open vSwitch).
   *
   * @param method {@code dp_hash} or {@code hash}
   * @param fields what {@code hash} reads, with masks
   */
  public record Selection(String method, long param, List<FieldMatch> fields) {
    public Selection {
      fields = List.copyOf(fields);
    }
  }

  /**
   * @param id 0 to 0xffffff00, unsigned, unique in the group
   * @param weight 0 to 65535
   */
  public record Bucket(int id, int weight, List<Action> actions) {
    public Bucket {
      actions = List.copyOf(actions);
    }
  }
}
