package io.seine.openflow;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * What a flow matches: at most one {@link FieldMatch} a field, prerequisites before what needs them
 * (OpenFlow 1.5, section 7.2.3.6).
 *
 * <p>Canonical: two matches that mean the same are equal, however they were given. Order does not
 * count, a known field whose mask is zero is left out, and the wide registers ({@code xreg}, {@code
 * xxreg}) are written as the 32-bit registers they consist of, since a switch keeps registers, not
 * the name under which they were matched.
 */
public record Match(List<FieldMatch> fields) {
  /** Matches every packet. */
  public static final Match ANY = new Match(List.of());

  // Prerequisites (eth_type, nw_proto) have lower class-and-number than what needs them within the
  // basic class, and the
  // Nicira classes come after it.
  private static final Comparator<FieldMatch> WIRE_ORDER =
      Comparator.comparingInt((FieldMatch m) -> m.field().oxmClass() == 0x8000 ? 0 : 1)
          .thenComparingInt(m -> m.field().oxmClass())
          .thenComparingInt(m -> m.field().number());

  public Match {
    List<FieldMatch> sorted = Registers.canonical(fields);
    sorted.sort(WIRE_ORDER);
    for (int i = 1; i < sorted.size(); i++) {
      if (sorted.get(i).field().equals(sorted.get(i - 1).field())) {
        throw new IllegalArgumentException(sorted.get(i).field().ovsName() + " is given twice");
      }
    }
    fields = List.copyOf(sorted);
  }

  public static Match of(FieldMatch... fields) {
    return new Match(List.of(fields));
  }

  public static Match of(Collection<FieldMatch> fields) {
    return new Match(List.copyOf(fields));
  }

  /** This match and one field more. */
  public Match and(FieldMatch field) {
    List<FieldMatch> all = new ArrayList<>(fields);
    all.add(field);
    return new Match(all);
  }

  public Optional<FieldMatch> get(FieldId field) {
    return fields.stream().filter(m -> m.field().equals(field)).findFirst();
  }
}
