package io.seine.pipeline;

import io.seine.openflow.Action;
import io.seine.openflow.BitRange;
import io.seine.openflow.FieldMatch;
import java.util.List;
import java.util.Optional;

/**
 * Bits of a register or of a connection's mark that mean something.
 *
 * @param range at most 63 bits
 * @param values the names of its values; none for a plain number
 * @param doc one sentence: what it holds
 */
public record NamedBits(String name, BitRange range, List<Value> values, String doc) {
  public NamedBits {
    values = List.copyOf(values);
  }

  /** A value with a name. */
  public record Value(long value, String name) {}

  /** One bit, with only 1 having a meaning. */
  static NamedBits flag(String name, BitRange bit, String doc) {
    return new NamedBits(name, bit, List.of(new Value(1, "yes")), doc);
  }

  public FieldMatch is(long value) {
    return FieldMatch.masked(range.field(), value << range.from(), mask());
  }

  public FieldMatch is(Side side) {
    return is(side.code());
  }

  public Action set(long value) {
    return Action.SetField.of(range, value);
  }

  public Action set(Side side) {
    return set(side.code());
  }

  public Optional<String> nameOf(long value) {
    return values.stream().filter(v -> v.value() == value).map(Value::name).findFirst();
  }

  /** The bits of the field that this is made of. */
  public long mask() {
    return ((1L << range.width()) - 1) << range.from();
  }

  /** As {@code ovs-fields(7)} writes it, {@code reg0[0..3]}. */
  public String place() {
    if (range.width() == range.field().bits()) {
      return range.field().ovsName();
    }
    return range.width() == 1
        ? "%s[%d]".formatted(range.field().ovsName(), range.from())
        : "%s[%d..%d]".formatted(range.field().ovsName(), range.from(), range.to());
  }
}
