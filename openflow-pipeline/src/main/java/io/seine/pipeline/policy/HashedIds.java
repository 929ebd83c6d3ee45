package io.seine.pipeline.policy;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Gives names 32-bit numbers that are hashes of them, so that they are the same after a restart
 * without being stored. When two hash alike, the later one takes the next free number. Zero is no
 * one's. Any thread may call.
 */
final class HashedIds<K> {
  private final Map<Integer, K> names = new HashMap<>();
  private final Map<K, Held> held = new HashMap<>();

  private static final class Held {
    final int id;
    int uses;

    Held(int id) {
      this.id = id;
    }
  }

  /**
   * The number of a name, which it keeps until it has been released as often as acquired.
   *
   * @param print a hash of the name that is the same on every run
   */
  synchronized int acquire(K name, long print) {
    Held mine =
        held.computeIfAbsent(
            name,
            _ -> {
              int id = free(Long.hashCode(print));
              names.put(id, name);
              return new Held(id);
            });
    mine.uses++;
    return mine.id;
  }

  /** Whether that was the last use. */
  synchronized boolean release(K name) {
    Held mine = held.get(name);
    if (mine == null || --mine.uses > 0) {
      return false;
    }
    held.remove(name);
    names.remove(mine.id);
    return true;
  }

  synchronized Optional<K> find(int id) {
    return Optional.ofNullable(names.get(id));
  }

  synchronized OptionalInt of(K name) {
    Held mine = held.get(name);
    return mine == null ? OptionalInt.empty() : OptionalInt.of(mine.id);
  }

  private int free(int home) {
    int id = home;
    while (id == 0 || names.containsKey(id)) {
      id++;
    }
    return id;
  }
}
