package io.seine.reconcile;

import io.seine.openflow.CtFlush;
import io.seine.openflow.Flow;
import io.seine.openflow.Group;
import io.seine.openflow.RefusedException;
import io.seine.pipeline.FlowSet;
import io.seine.pipeline.Owner;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.function.Function;

/**
 * What must change in the switch when some owners go from one set to another, given that it has
 * what they had. Its cost depends on those owners' sets and on nothing else that is installed.
 *
 * <p>Nothing is remembered until {@link #commit}, so that a plan which the switch refused can be
 * thrown away.
 */
final class Plan {
  private static final class Entry {
    final Flow.Key key;
    final SortedSet<Owner> before;
    final TreeSet<Owner> after;
    final List<Owner> rewritten = new ArrayList<>(1);

    Entry(Flow.Key key, SortedSet<Owner> before) {
      this.key = key;
      this.before = before;
      this.after = new TreeSet<>(before);
    }
  }

  private final Claims claims;
  private final Function<Owner, FlowSet> installed;
  private final Map<Long, Entry> touched = new LinkedHashMap<>();
  private final Map<Owner, Map<Long, Flow>> next = new HashMap<>();
  private final Map<Owner, FlowSet> before = new HashMap<>();
  private final Map<Owner, FlowSet> after = new HashMap<>();
  private final Bundle bundle = new Bundle();
  private final List<CtFlush> takenOver = new ArrayList<>();

  /**
   * @param installed gives the set that an owner has in the switch now
   */
  Plan(Claims claims, Function<Owner, FlowSet> installed) {
    this.claims = claims;
    this.installed = installed;
  }

  /**
   * Takes an owner from what it has to what it wants; once for each owner.
   *
   * @throws RefusedException if the switch would end itself of one of its groups
   */
  void add(Owner owner, FlowSet from, FlowSet to) throws RefusedException {
    Map<Long, Flow> old = Diff.byKey(from);
    Map<Long, Flow> wanted = Diff.byKey(to);
    next.put(owner, wanted);
    before.put(owner, from);
    after.put(owner, to);
    wanted.forEach((key, flow) -> {
      Flow had = old.remove(key);
      if (had == null) {
        entry(key, flow).after.add(owner);
      } else if (!had.equals(flow)) {
        entry(key, flow).rewritten.add(owner);
      }
    });
    old.forEach((key, flow) -> entry(key, flow).after.remove(owner));
    groups(from, to);
  }

  private void groups(FlowSet from, FlowSet to) throws RefusedException {
    Map<Integer, Group> old = new LinkedHashMap<>();
    from.groups().forEach(g -> old.put(g.id(), g));
    for (Group group : to.groups()) {
      Optional<Group> had = Optional.ofNullable(old.remove(group.id()));
      if (!had.equals(Optional.of(group))) {
        bundle.replace(had, group);
      }
    }
    old.values().forEach(bundle::deleteGroup);
  }

  private Entry entry(long key, Flow flow) {
    return touched.computeIfAbsent(key, k -> new Entry(flow.key(), claims.of(k)));
  }

  /** The changes; call once, when all owners are added. */
  Bundle bundle() {
    touched.forEach((key, entry) -> {
      if (entry.after.isEmpty()) {
        bundle.delete(entry.key);
        return;
      }
      Owner winner = entry.after.first();
      boolean same = !entry.before.isEmpty() && entry.before.first().equals(winner);
      if (!same || entry.rewritten.contains(winner)) {
        flow(winner, key).ifPresent(flow -> bundle.add(winner, flow));
        if (!same && !entry.before.isEmpty()) {
          takenOver.addAll(
              StaleConnections.takenOver(
                  entry.key, set(before, entry.before.first()), set(after, winner)));
        }
      }
    });
    return bundle;
  }

  private FlowSet set(Map<Owner, FlowSet> sets, Owner owner) {
    return sets.computeIfAbsent(owner, installed);
  }

  /** The connections of addresses that another owner serves now, once there is a bundle. */
  List<CtFlush> takenOver() {
    return takenOver;
  }

  // An owner that won without changing has it in what it has installed. One that was refused has
  // nothing installed: its retry compares with the switch and brings the flow.
  private Optional<Flow> flow(Owner winner, long key) {
    Map<Long, Flow> flows = next.computeIfAbsent(winner, o -> Diff.byKey(installed.apply(o)));
    return Optional.ofNullable(flows.get(key));
  }

  /**
   * Remembers who wants what now, and tells {@code contested} which entries have several owners or
   * had.
   */
  void commit(BiConsumer<Flow.Key, SortedSet<Owner>> contested) {
    touched.forEach((key, entry) -> {
      claims.set(key, entry.after);
      if (entry.before.size() > 1 || entry.after.size() > 1) {
        contested.accept(entry.key, entry.after);
      }
    });
  }
}
