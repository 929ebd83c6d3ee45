package io.seine.reconcile;

import io.seine.pipeline.Owner;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Who wants each entry of a table, by the fingerprint of the entry's key. Nearly every entry is
 * wanted by one owner, which is stored as itself; only a contested one has a set.
 */
final class Claims {
  private final Map<Long, Object> claims = new HashMap<>();

  /** All that want the entry; the first one gets it. */
  SortedSet<Owner> of(long key) {
    return switch (claims.get(key)) {
      case null -> Collections.emptySortedSet();
      case Contested contested -> Collections.unmodifiableSortedSet(contested.owners);
      case Owner owner -> new TreeSet<>(java.util.List.of(owner));
      default -> throw new IllegalStateException("a claim is an owner or a set of them");
    };
  }

  void set(long key, SortedSet<Owner> owners) {
    switch (owners.size()) {
      case 0 -> claims.remove(key);
      case 1 -> claims.put(key, owners.first());
      default -> claims.put(key, new Contested(new TreeSet<>(owners)));
    }
  }

  void clear() {
    claims.clear();
  }

  int size() {
    return claims.size();
  }

  private record Contested(TreeSet<Owner> owners) {}
}
