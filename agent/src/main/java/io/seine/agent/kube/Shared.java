package io.seine.agent.kube;

import java.lang.ref.WeakReference;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.function.UnaryOperator;

/**
 * One instance of each value, for values that a hundred thousand objects have few of. A value is
 * forgotten when nobody else holds it any more. Safe for any thread.
 */
final class Shared<T> {
  private final Map<T, WeakReference<T>> known = new WeakHashMap<>();
  private final UnaryOperator<T> keep;

  /**
   * @param keep turns a value that is new into the one to be kept, which equals it
   */
  Shared(UnaryOperator<T> keep) {
    this.keep = keep;
  }

  synchronized T of(T value) {
    WeakReference<T> before = known.get(value);
    T held = before == null ? null : before.get();
    if (held != null) {
      return held;
    }
    T fresh = keep.apply(value);
    known.put(fresh, new WeakReference<>(fresh));
    return fresh;
  }

  synchronized int size() {
    return known.size();
  }
}
