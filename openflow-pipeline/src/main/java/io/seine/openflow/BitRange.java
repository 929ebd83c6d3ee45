package io.seine.openflow;

/**
 * Bits {@code from} to {@code to} of a field, both included, counted from the least significant;
 * {@code reg0[0..3]}.
 */
public record BitRange(FieldId field, int from, int to) {
  public BitRange {
    if (from < 0 || to < from || to >= field.bits()) {
      throw new IllegalArgumentException(
          "%s has no bits %d..%d".formatted(field.ovsName(), from, to));
    }
  }

  public static BitRange all(FieldId field) {
    return new BitRange(field, 0, field.bits() - 1);
  }

  public int width() {
    return to - from + 1;
  }
}
