package io.seine.pipeline.policy;

import io.seine.openflow.Ip;
import io.seine.pipeline.Fingerprint;
import io.seine.pipeline.Registers;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Which addresses are in which sets, and the classes that this divides them into.
 *
 * <p>An address that joins or leaves a set costs its own flow and at most the flows of two classes.
 * A rule costs the classes that its sets are part of; only a set that no rule used before in the
 * direction costs the flows of its members.
 */
final class PeerClasses {
  private final Map<String, PeerSet> sets = new HashMap<>();
  private final Map<List<PeerSet>, Combination> combinations = new HashMap<>();
  private final Map<Ip, Combination> addresses = new HashMap<>();
  private final Map<PeerClass.Key, PeerClass> classes = new HashMap<>();
  private final HashedIds<PeerClass.Key> ids = new HashedIds<>();
  private final Consumer<Term> changed;

  PeerClasses(Consumer<Term> changed) {
    this.changed = changed;
  }

  /** The members of a set that come and go; those that are in it, or not, already do not count. */
  void members(String name, Collection<Ip> added, Collection<Ip> removed) {
    PeerSet set = set(name);
    Map<Combination, Optional<Combination>> memo = new HashMap<>();
    for (Ip ip : removed) {
      Combination from = addresses.get(ip);
      if (from != null && from.sets.contains(set)) {
        move(ip, Optional.of(from), memo.computeIfAbsent(from, c -> without(c, set)));
      }
    }
    memo.clear();
    Optional<Combination> alone = Optional.empty();
    for (Ip ip : added) {
      Combination from = addresses.get(ip);
      if (from == null) {
        alone = alone.or(() -> Optional.of(combination(List.of(set))));
        move(ip, Optional.empty(), alone);
      } else if (!from.sets.contains(set)) {
        move(ip, Optional.of(from), memo.computeIfAbsent(from, c -> with(c, set)));
      }
    }
    forgetIfIdle(set);
  }

  /** All members leave the set. */
  void removeSet(String name) {
    PeerSet set = set(name);
    List<Ip> all = new ArrayList<>();
    set.combinations.forEach(c -> all.addAll(c.members));
    members(name, List.of(), all);
  }

  /** A rule names the set. */
  void use(String name, InstalledRule rule) {
    Direction direction = rule.rule().direction();
    PeerSet set = set(name);
    if (set.use(direction, rule)) {
      set.combinations.forEach(c -> classify(c, direction));
    }
    touch(set, direction);
  }

  /** A rule does not name the set any more. */
  void leave(String name, InstalledRule rule) {
    Direction direction = rule.rule().direction();
    PeerSet set = set(name);
    touch(set, direction);
    if (set.leave(direction, rule)) {
      set.combinations.forEach(c -> classify(c, direction));
      forgetIfIdle(set);
    }
  }

  /** Something about a rule that names the set changed. */
  void touch(String name, InstalledRule rule) {
    touch(set(name), rule.rule().direction());
  }

  /** The classes of an address. */
  Optional<PolicyFlows> peer(Ip address) {
    return Optional.ofNullable(addresses.get(address))
        .map(c -> new PeerFlows(address, id(c, Direction.INGRESS), id(c, Direction.EGRESS)))
        .filter(PeerFlows::any)
        .map(Function.identity());
  }

  /** The names of the sets of a class; empty if there is none with this id. */
  Set<String> setsOf(Direction direction, int id) {
    return find(direction, id)
        .map(c ->
            c.sets().stream().map(PeerSet::name).collect(Collectors.toCollection(TreeSet::new)))
        .orElseGet(TreeSet::new);
  }

  /** The clauses that a class fulfils. */
  Optional<PolicyFlows> peerClass(Direction direction, int id) {
    return find(direction, id)
        .map(c -> {
          Set<InstalledRule> users = new LinkedHashSet<>();
          Set<InstalledRule> lasting = new LinkedHashSet<>();
          c.sets()
              .forEach(set ->
                  (Peers.isLasting(set.name()) ? lasting : users).addAll(set.users(direction)));
          return new ClassFlows(
              Registers.PEER_CLASS,
              id,
              Clause.of(users, InstalledRule.Dimension.PEER),
              Clause.of(lasting, InstalledRule.Dimension.PEER));
        });
  }

  private Optional<PeerClass> find(Direction direction, int id) {
    return ids.find(id)
        .filter(key -> key.direction() == direction)
        .map(key -> Objects.requireNonNull(classes.get(key)));
  }

  private static int id(Combination combination, Direction direction) {
    return combination.in(direction).map(PeerClass::id).orElse(0);
  }

  private void move(Ip ip, Optional<Combination> from, Optional<Combination> to) {
    to.ifPresentOrElse(
        c -> {
          c.members.add(ip);
          addresses.put(ip, c);
        },
        () -> addresses.remove(ip));
    from.ifPresent(c -> c.members.remove(ip));
    if (!sameClasses(from, to)) {
      changed.accept(new Term.Peer(ip));
    }
    from.filter(c -> c.members.isEmpty()).ifPresent(this::drop);
  }

  private static boolean sameClasses(Optional<Combination> from, Optional<Combination> to) {
    for (Direction direction : Direction.values()) {
      if (!from.flatMap(c -> c.in(direction)).equals(to.flatMap(c -> c.in(direction)))) {
        return false;
      }
    }
    return true;
  }

  private Optional<Combination> with(Combination from, PeerSet set) {
    List<PeerSet> more = new ArrayList<>(from.sets);
    more.add(set);
    more.sort(null);
    return Optional.of(combination(List.copyOf(more)));
  }

  private Optional<Combination> without(Combination from, PeerSet set) {
    List<PeerSet> fewer = from.sets.stream().filter(s -> s != set).toList();
    return fewer.isEmpty() ? Optional.empty() : Optional.of(combination(fewer));
  }

  private Combination combination(List<PeerSet> of) {
    Combination had = combinations.get(of);
    if (had != null) {
      return had;
    }
    Combination made = new Combination(of);
    combinations.put(of, made);
    of.forEach(set -> set.combinations.add(made));
    for (Direction direction : Direction.values()) {
      classify(made, direction);
    }
    return made;
  }

  private void drop(Combination combination) {
    combinations.remove(combination.sets);
    combination.sets.forEach(set -> set.combinations.remove(combination));
    for (Direction direction : Direction.values()) {
      combination.in(direction).ifPresent(this::release);
    }
  }

  private void classify(Combination combination, Direction direction) {
    List<PeerSet> used =
        combination.sets.stream().filter(set -> !set.users(direction).isEmpty()).toList();
    Optional<PeerClass> before = combination.in(direction);
    Optional<PeerClass> now =
        used.isEmpty() ? Optional.empty() : Optional.of(acquire(direction, used));
    combination.put(direction, now);
    before.ifPresent(this::release);
    if (!now.equals(before)) {
      combination.members.forEach(ip -> changed.accept(new Term.Peer(ip)));
    }
  }

  private PeerClass acquire(Direction direction, List<PeerSet> used) {
    PeerClass.Key key = new PeerClass.Key(direction, used);
    int id = ids.acquire(key, Fingerprint.of("class", key.name()));
    return classes.computeIfAbsent(
        key,
        _ -> {
          PeerClass made = new PeerClass(direction, used, id);
          changed.accept(made.term());
          return made;
        });
  }

  private void release(PeerClass its) {
    if (ids.release(its.key())) {
      classes.remove(its.key());
      changed.accept(its.term());
    }
  }

  private void touch(PeerSet set, Direction direction) {
    for (Combination combination : set.combinations) {
      combination.in(direction).ifPresent(c -> changed.accept(c.term()));
    }
  }

  private PeerSet set(String name) {
    return sets.computeIfAbsent(name, PeerSet::new);
  }

  private void forgetIfIdle(PeerSet set) {
    if (set.idle()) {
      sets.remove(set.name());
    }
  }
}
