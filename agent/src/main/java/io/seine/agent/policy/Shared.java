package io.seine.agent.policy;

import java.util.HashMap;
import java.util.Map;

/**
 * Keeps one of equal values for all who hold them: the pods of one Deployment have the same labels,
 * a hundred thousand times.
 */
final class Shared<T> {
  private static final class Counted<T> {
    private final T value;
    private int holders;

    Counted(T value) {
      this.value = value;
    }
  }

  private final Map<T, Counted<T>> all = new HashMap<>();

  /** The one that is equal to this; to be given back once. */
  T take(T value) {
    Counted<T> counted = all.computeIfAbsent(value, Counted::new);
    counted.holders++;
    return counted.value;
  }

  void giveBack(T value) {
    Counted<T> counted = all.get(value);
    if (counted != null && --counted.holders == 0) {
      all.remove(value);
    }
  }

  int size() {
    return all.size();
  }
}
