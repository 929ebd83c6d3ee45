package io.seine.agent.dns;

import io.seine.agent.policy.Resolved;
import io.seine.openflow.Ip;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which addresses names have, and for how long. An address is current until the time is over that
 * DNS gave it; after that it lasts for as long as connections to it do. Where there are too many,
 * those go first whose time is over first. Used by one thread at a time.
 */
final class LearnedNames {
  /** Addresses of one name; ten times what NPEP-133 asks for. */
  static final int MOST_OF_ONE = 1000;

  /** Addresses of all names together; one that two names have counts twice. */
  static final int MOST = 20_000;

  private final Duration shortest;
  private final Duration longest;
  private final InstantSource clock;
  private final Map<String, Map<Ip, Learned>> names = new HashMap<>();
  private int size;

  /** An address of a name. */
  record Learned(String name, Ip address, Instant until, boolean lasting) {
    Learned atLeast(Instant soonest) {
      return until.isBefore(soonest) ? new Learned(name, address, soonest, lasting) : this;
    }
  }

  /**
   * What an answer came to.
   *
   * @param now what the name has now; empty if that is what it had
   * @param others names that had to give way
   * @param full whether addresses were left out
   */
  record Lesson(Optional<Resolved> now, Map<String, Resolved> others, boolean full) {}

  /**
   * @param shortest and {@code longest} for which an address is kept, whatever DNS says
   */
  LearnedNames(Duration shortest, Duration longest, InstantSource clock) {
    this.shortest = shortest;
    this.longest = longest;
    this.clock = clock;
  }

  /** Takes over what an earlier run had learned. */
  void restore(List<Learned> learned) {
    learned.forEach(this::put);
  }

  private void put(Learned one) {
    if (of(one.name()).put(one.address(), one) == null) {
      size++;
    }
  }

  private Map<Ip, Learned> of(String name) {
    return names.computeIfAbsent(name, n -> new LinkedHashMap<>());
  }

  Lesson learn(DnsAnswer answer) {
    String name = answer.name();
    Resolved before = resolved(name);
    Instant now = clock.instant();
    answer
        .addresses()
        .forEach((address, seconds) -> {
          Instant until = now.plus(clamped(seconds));
          Learned had = names.getOrDefault(name, Map.of()).get(address);
          Instant later = had != null && had.until().isAfter(until) ? had.until() : until;
          put(new Learned(name, address, later, false));
        });
    boolean full = false;
    while (names.getOrDefault(name, Map.of()).size() > MOST_OF_ONE) {
      drop(first(of(name).values()));
      full = true;
    }
    Map<String, Resolved> others = new HashMap<>();
    while (size > MOST) {
      Learned first = first(all());
      drop(first);
      others.put(first.name(), resolved(first.name()));
      full = true;
    }
    others.remove(name);
    Resolved after = resolved(name);
    return new Lesson(after.equals(before) ? Optional.empty() : Optional.of(after), others, full);
  }

  private Duration clamped(long seconds) {
    Duration said = Duration.ofSeconds(seconds);
    if (said.compareTo(shortest) < 0) {
      return shortest;
    }
    return said.compareTo(longest) > 0 ? longest : said;
  }

  private static Learned first(Iterable<Learned> some) {
    List<Learned> list = new ArrayList<>();
    some.forEach(list::add);
    return list.stream().min(Comparator.comparing(Learned::until)).orElseThrow();
  }

  private void drop(Learned one) {
    Map<Ip, Learned> of = of(one.name());
    if (of.remove(one.address()) != null) {
      size--;
    }
    if (of.isEmpty()) {
      names.remove(one.name());
    }
  }

  /** Finds addresses whose time is over; returns what the names have then. */
  Map<String, Resolved> expire() {
    Instant now = clock.instant();
    Map<String, Resolved> changed = new HashMap<>();
    for (Learned one : all()) {
      if (!one.lasting() && !one.until().isAfter(now)) {
        put(new Learned(one.name(), one.address(), one.until(), true));
        changed.put(one.name(), Resolved.NONE);
      }
    }
    changed.replaceAll((name, was) -> resolved(name));
    return changed;
  }

  /** Addresses that are kept for open connections only. */
  Set<Ip> lasting() {
    Set<Ip> found = new HashSet<>();
    all().stream().filter(Learned::lasting).forEach(one -> found.add(one.address()));
    return found;
  }

  /** Of the addresses that are kept for open connections, forgets all but these. */
  Map<String, Resolved> forgetAllBut(Set<Ip> connected) {
    Map<String, Resolved> changed = new HashMap<>();
    for (Learned one : all()) {
      if (one.lasting() && !connected.contains(one.address())) {
        drop(one);
        changed.put(one.name(), Resolved.NONE);
      }
    }
    changed.replaceAll((name, was) -> resolved(name));
    return changed;
  }

  /** What a name has. */
  Resolved resolved(String name) {
    return resolved(names.getOrDefault(name, Map.of()).values());
  }

  static Resolved resolved(Iterable<Learned> ofOneName) {
    Set<Ip> current = new HashSet<>();
    Set<Ip> lasting = new HashSet<>();
    ofOneName.forEach(one -> (one.lasting() ? lasting : current).add(one.address()));
    return new Resolved(current, lasting);
  }

  List<Learned> all() {
    List<Learned> all = new ArrayList<>(size);
    names.values().forEach(of -> all.addAll(of.values()));
    return all;
  }

  int names() {
    return names.size();
  }

  int addresses() {
    return size;
  }
}
