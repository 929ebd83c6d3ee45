package io.seine.pipeline.policy;

import io.seine.pipeline.Table;
import java.util.Comparator;

/** Where a rule's flows are. Sorts as packets meet them. */
record Place(Table table, int priority) implements Comparable<Place> {
  private static final Comparator<Place> ORDER =
      Comparator.comparingInt((Place place) -> place.table().number())
          .thenComparing(Comparator.comparingInt(Place::priority).reversed());

  @Override
  public int compareTo(Place other) {
    return ORDER.compare(this, other);
  }
}
