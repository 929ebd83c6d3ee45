package io.seine.agent.policy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Finds, for labels, the things whose selectors match them, without trying all: each is filed under
 * one label that it requires, by value where it says one.
 */
final class SelectorIndex<T> {
  private static final Match.Term NOWHERE = new Match.Absent("");

  private record Entry<T>(Match match, T value) {}

  /** Those that require one label. */
  private record Shelf<T>(Map<String, List<Entry<T>>> byValue, List<Entry<T>> anyValue) {
    Shelf() {
      this(new HashMap<>(), new ArrayList<>(0));
    }

    boolean isEmpty() {
      return byValue.isEmpty() && anyValue.isEmpty();
    }
  }

  private final Map<String, Shelf<T>> shelves = new HashMap<>();
  private final List<Entry<T>> rest = new ArrayList<>(0);
  private int size;

  boolean isEmpty() {
    return size == 0;
  }

  int size() {
    return size;
  }

  void add(Match match, T value) {
    Entry<T> entry = new Entry<>(match, value);
    switch (filedUnder(match)) {
      case Match.In in -> {
        Shelf<T> shelf = shelves.computeIfAbsent(in.key(), k -> new Shelf<>());
        in.values()
            .forEach(v -> shelf.byValue.computeIfAbsent(v, x -> new ArrayList<>(1)).add(entry));
      }
      case Match.Exists exists ->
          shelves.computeIfAbsent(exists.key(), k -> new Shelf<>()).anyValue.add(entry);
      default -> rest.add(entry);
    }
    size++;
  }

  /** Takes out what was added with an equal selector. */
  void remove(Match match, T value) {
    Entry<T> entry = new Entry<>(match, value);
    boolean removed = false;
    Match.Term term = filedUnder(match);
    Shelf<T> shelf = shelves.get(term.key());
    if (term instanceof Match.In in && shelf != null) {
      for (String v : in.values()) {
        List<Entry<T>> entries = shelf.byValue.get(v);
        if (entries != null && entries.remove(entry)) {
          removed = true;
          if (entries.isEmpty()) {
            shelf.byValue.remove(v);
          }
        }
      }
    } else if (term instanceof Match.Exists && shelf != null) {
      removed = shelf.anyValue.remove(entry);
    } else {
      removed = rest.remove(entry);
    }
    if (shelf != null && shelf.isEmpty()) {
      shelves.remove(term.key());
    }
    size -= removed ? 1 : 0;
  }

  /** A label and value is best, a label better than nothing. */
  private static Match.Term filedUnder(Match match) {
    Match.Term best = NOWHERE;
    for (Match.Term term : match.terms()) {
      if (term instanceof Match.In in) {
        if (!(best instanceof Match.In other) || in.values().size() < other.values().size()) {
          best = in;
        }
      } else if (term instanceof Match.Exists && best.equals(NOWHERE)) {
        best = term;
      }
    }
    return best;
  }

  /** Hands over each thing that matches once. */
  void matching(Map<String, String> labels, Consumer<? super T> found) {
    if (size == 0) {
      return;
    }
    test(rest, labels, found);
    if (shelves.isEmpty()) {
      return;
    }
    for (Map.Entry<String, String> label : labels.entrySet()) {
      Shelf<T> shelf = shelves.get(label.getKey());
      if (shelf != null) {
        test(shelf.byValue.getOrDefault(label.getValue(), List.of()), labels, found);
        test(shelf.anyValue, labels, found);
      }
    }
  }

  private static <T> void test(
      List<Entry<T>> entries, Map<String, String> labels, Consumer<? super T> found) {
    for (Entry<T> entry : entries) {
      if (entry.match.matches(labels)) {
        found.accept(entry.value);
      }
    }
  }
}
