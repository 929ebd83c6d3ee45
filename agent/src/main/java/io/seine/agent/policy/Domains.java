package io.seine.agent.policy;

import io.seine.openflow.Ip;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** The addresses that domain names have, and the sets of those that rules speak of. */
final class Domains {
  private final Map<String, Resolved> resolved = new HashMap<>();
  private final Map<DomainPattern, Tally> tallies = new HashMap<>();

  /** Where an address is, as one of all that a pattern means. */
  private enum Place {
    NOWHERE,
    CURRENT,
    LASTING
  }

  /** How many of the names that a pattern means have an address, and its two sets. */
  private static final class Tally {
    final Map<Ip, Integer> current = new HashMap<>();
    final Map<Ip, Integer> lasting = new HashMap<>();
    final Map<Place, AddressSet> sets = new HashMap<>();

    Place place(Ip address) {
      if (current.containsKey(address)) {
        return Place.CURRENT;
      }
      return lasting.containsKey(address) ? Place.LASTING : Place.NOWHERE;
    }

    void count(Resolved of, int by) {
      of.current().forEach(ip -> current.merge(ip, by, Tally::sum));
      of.lasting().forEach(ip -> lasting.merge(ip, by, Tally::sum));
    }

    @SuppressWarnings("NullAway") // null is how Map.merge is told to remove
    private static Integer sum(Integer some, Integer more) {
      return some + more == 0 ? null : some + more;
    }

    Set<Ip> at(Place place) {
      Set<Ip> found = new HashSet<>();
      (place == Place.CURRENT ? current : lasting)
          .keySet().stream().filter(ip -> place(ip) == place).forEach(found::add);
      return found;
    }
  }

  private static Place place(Watched.Domain watched) {
    return watched.lasting() ? Place.LASTING : Place.CURRENT;
  }

  /** Somebody watches it from now on; fills its set. */
  void add(Watched.Domain watched, AddressSet set) {
    Tally tally = tallies.computeIfAbsent(watched.pattern(), this::count);
    tally.sets.put(place(watched), set);
    tally.at(place(watched)).forEach(set::fill);
  }

  private Tally count(DomainPattern pattern) {
    Tally tally = new Tally();
    resolved.forEach((name, now) -> {
      if (pattern.matches(name)) {
        tally.count(now, 1);
      }
    });
    return tally;
  }

  /** Nobody watches it any more. */
  void remove(Watched.Domain watched) {
    Tally tally = tallies.get(watched.pattern());
    if (tally != null && tally.sets.remove(place(watched)) != null && tally.sets.isEmpty()) {
      tallies.remove(watched.pattern());
    }
  }

  /**
   * A name has these addresses now.
   *
   * @param changed is told of each address that comes into a set or leaves it
   */
  void put(String name, Resolved now, AddressSets changed) {
    Resolved old = now.equals(Resolved.NONE) ? resolved.remove(name) : resolved.put(name, now);
    Resolved before = old == null ? Resolved.NONE : old;
    if (now.equals(before)) {
      return;
    }
    Set<Ip> touched = before.all();
    touched.addAll(now.all());
    tallies.forEach((pattern, tally) -> {
      if (pattern.matches(name)) {
        change(tally, touched, before, now, changed);
      }
    });
  }

  private static void change(
      Tally tally, Set<Ip> touched, Resolved before, Resolved now, AddressSets changed) {
    Map<Ip, Place> was = new HashMap<>();
    touched.forEach(ip -> was.put(ip, tally.place(ip)));
    tally.count(now, 1);
    tally.count(before, -1);
    was.forEach((ip, place) -> {
      Place is = tally.place(ip);
      if (is != place) {
        AddressSet left = tally.sets.get(place);
        if (left != null) {
          changed.left(left, ip);
        }
        AddressSet joined = tally.sets.get(is);
        if (joined != null) {
          changed.came(joined, ip);
        }
      }
    });
  }
}
