package io.seine.openflow;

import java.util.Optional;

/**
 * One field of a match.
 *
 * <p>Canonical: {@code value} has no bit outside {@code mask}, and an all-ones mask is written as
 * no mask, so that equal meaning is equal value.
 *
 * @param mask the bits that must be equal; empty for an exact match
 */
public record FieldMatch(FieldId field, Bits value, Optional<Bits> mask) {
  public FieldMatch {
    if (value.size() != field.bytes()) {
      throw new IllegalArgumentException(
          field.ovsName() + " takes " + field.bytes() + " bytes, not " + value.size());
    }
    if (mask.isPresent()) {
      Bits ones = allOnes(field);
      Bits bits = mask.get().and(ones);
      value = value.and(bits);
      mask = Optional.of(bits);
      if (bits.equals(ones)) {
        mask = Optional.empty();
      }
    }
  }

  public static FieldMatch exact(FieldId field, long value) {
    return new FieldMatch(field, Bits.of(value, field.bytes()), Optional.empty());
  }

  public static FieldMatch exact(FieldId field, Bits value) {
    return new FieldMatch(field, value, Optional.empty());
  }

  public static FieldMatch masked(FieldId field, long value, long mask) {
    return new FieldMatch(
        field, Bits.of(value, field.bytes()), Optional.of(Bits.of(mask, field.bytes())));
  }

  public static FieldMatch masked(FieldId field, Bits value, Bits mask) {
    return new FieldMatch(field, value, Optional.of(mask));
  }

  private static Bits allOnes(FieldId field) {
    if (field.bits() % 8 == 0) {
      return Bits.ones(field.bytes());
    }
    return Bits.of((1L << field.bits()) - 1, field.bytes());
  }
}
