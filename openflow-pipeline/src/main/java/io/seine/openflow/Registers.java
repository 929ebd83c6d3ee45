package io.seine.openflow;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** The registers of Open vSwitch, which can be named as 32, 64 or 128 bits wide. */
final class Registers {
  private static final int WORD = 4;

  private Registers() {}

  /** The fields without those that match everything, wide registers split into 32-bit ones. */
  static List<FieldMatch> canonical(Collection<FieldMatch> fields) {
    List<FieldMatch> result = new ArrayList<>(fields.size());
    for (FieldMatch match : fields) {
      int first = firstWord(match.field());
      // An unknown field with an empty mask may still ask that the field be there (tun_metadata).
      boolean all = match.mask().map(Bits::isZero).orElse(false);
      if (all && match.field() instanceof Field) {
        continue;
      }
      if (first < 0) {
        result.add(match);
      } else {
        split(match, first, result);
      }
    }
    return result;
  }

  private static void split(FieldMatch wide, int first, List<FieldMatch> to) {
    byte[] value = wide.value().toByteArray();
    byte[] mask = wide.mask().orElse(Bits.ones(value.length)).toByteArray();
    for (int i = 0; i < value.length / WORD; i++) {
      Bits part = word(mask, i);
      if (!part.isZero()) {
        Field register = Field.find(Field.REG0.oxmClass(), first + i).orElseThrow();
        to.add(new FieldMatch(register, word(value, i), Optional.of(part)));
      }
    }
  }

  private static Bits word(byte[] bytes, int index) {
    return Bits.of(Arrays.copyOfRange(bytes, index * WORD, (index + 1) * WORD));
  }

  /** The number of the 32-bit register that holds the high bits, or -1 for any other field. */
  private static int firstWord(FieldId id) {
    if (!(id instanceof Field field)) {
      return -1;
    }
    if (field.oxmClass() == Field.XREG0.oxmClass()) {
      return field.number() * 2;
    }
    boolean xxreg = field.compareTo(Field.XXREG0) >= 0 && field.compareTo(Field.XXREG3) <= 0;
    return xxreg ? (field.number() - Field.XXREG0.number()) * 4 : -1;
  }
}
