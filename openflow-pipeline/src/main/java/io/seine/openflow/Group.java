package io.seine.openflow;

import java.util.Comparator;
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
    if (type != Type.SELECT) {
      buckets = buckets.stream().map(Bucket::withoutWeight).toList();
    }
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
   * @param fields what {@code hash} reads; the value is the mask of the bits that count, as {@link
   *     #hashed} makes it. Order has no meaning.
   */
  public record Selection(String method, long param, List<FieldMatch> fields) {
    public Selection {
      fields =
          fields.stream()
              .map(field -> FieldMatch.exact(field.field(), field.value()))
              .sorted(
                  Comparator.comparingInt((FieldMatch m) -> m.field().oxmClass())
                      .thenComparingInt(m -> m.field().number()))
              .toList();
    }

    /** A field of which all bits are hashed. */
    public static FieldMatch hashed(FieldId field) {
      Bits all =
          field.bits() % 8 == 0
              ? Bits.ones(field.bytes())
              : Bits.of((1L << field.bits()) - 1, field.bytes());
      return FieldMatch.exact(field, all);
    }
  }

  /**
   * @param id 0 to 0xffffff00, unsigned, unique in the group
   * @param weight 0 to 65535; only buckets of a {@link Type#SELECT} group have one, others have 0
   * @param otherProperties of a bucket that Seine did not write: its properties other than the
   *     weight (watch_port and the like), as they stand on the wire
   */
  public record Bucket(int id, int weight, List<Action> actions, Bits otherProperties) {
    public Bucket {
      actions = List.copyOf(actions);
    }

    public Bucket(int id, int weight, List<Action> actions) {
      this(id, weight, actions, Bits.EMPTY);
    }

    private Bucket withoutWeight() {
      return new Bucket(id, 0, actions, otherProperties);
    }
  }
}
