package io.seine.reconcile;

import io.seine.openflow.Flow;
import io.seine.openflow.InstalledFlow;
import io.seine.openflow.RefusedException;
import io.seine.openflow.Switch;
import io.seine.openflow.SwitchException;
import io.seine.pipeline.Cookie;
import io.seine.pipeline.Fingerprint;
import io.seine.pipeline.FlowSet;
import io.seine.pipeline.GroupIds;
import io.seine.pipeline.Owner;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.function.BiConsumer;
import java.util.function.Function;

/**
 * Does the reconciler's work on a switch. Used by the reconciler's thread only.
 *
 * <p>It keeps no flows. An owner's flows are compiled again from its facts whenever they are
 * needed, which takes microseconds; what is kept for each entry of the switch is who wants it.
 */
final class Installer {
  /** Owners in one bundle; the more, the more memory and the coarser a refusal. */
  private static final int OWNERS_PER_BUNDLE = 256;

  private static final int DELETIONS_PER_BUNDLE = 4096;

  private final GroupIds groupIds;
  private final ReconcileListener listener;
  private final InstantSource clock;
  private final Claims claims = new Claims();
  private final Map<Flow.Key, List<Conflict>> conflicts = new HashMap<>();

  /** What became of a round: every task is settled, or refused with a reason. */
  record Outcome(List<Task> settled, Map<Task, String> refused, Optional<DriftReport> report) {
    Outcome() {
      this(new ArrayList<>(), new LinkedHashMap<>(), Optional.empty());
    }
  }

  private interface Step {
    Bundle prepare(List<Task> tasks);

    void done(List<Task> tasks);
  }

  Installer(GroupIds groupIds, ReconcileListener listener, InstantSource clock) {
    this.groupIds = groupIds;
    this.listener = listener;
    this.clock = clock;
  }

  int entries() {
    return claims.size();
  }

  int conflicts() {
    return conflicts.values().stream().mapToInt(List::size).sum();
  }

  /** Tells the allocator of group ids which ones the switch has in use. */
  void adoptGroupIds(Switch target) throws SwitchException {
    target.visitFlows(installed -> {
      if (Cookie.fits(installed.cookie(), installed.flow())) {
        GroupIds.usedBy(installed.flow().actions())
            .ifPresent(id -> groupIds.adopt(Fingerprint.of(installed.flow().key()), id));
      }
    });
  }

  /** Takes some owners from what they have to what they want. */
  Outcome change(Switch target, List<Task> tasks, Function<Owner, FlowSet> installed)
      throws SwitchException {
    Outcome outcome = new Outcome();
    List<Task> sound = compilable(tasks, outcome, (owner, set) -> {});
    inBundles(target, sound, outcome, new Changing(installed));
    return outcome;
  }

  private final class Changing implements Step {
    private final Function<Owner, FlowSet> installed;
    private Plan plan;

    Changing(Function<Owner, FlowSet> installed) {
      this.installed = installed;
      this.plan = new Plan(claims, installed);
    }

    @Override
    public Bundle prepare(List<Task> tasks) {
      plan = new Plan(claims, installed);
      for (Task task : tasks) {
        FlowSet from = task.state().installed.map(FlowSource::compile).orElse(FlowSet.EMPTY);
        plan.add(task.owner(), from, task.compile());
      }
      return plan.bundle();
    }

    @Override
    public void done(List<Task> tasks) {
      plan.commit(Installer.this::contested);
      tasks.forEach(task -> task.state().installed = task.wanted());
    }
  }

  /**
   * Compares the whole switch with what all owners want, and repairs it.
   *
   * @param tasks every owner there is
   * @param deleteUnwanted whether what no owner wants may go
   */
  Outcome compare(Switch target, List<Task> tasks, boolean deleteUnwanted, DriftReport.Cause cause)
      throws SwitchException {
    Instant start = clock.instant();
    Outcome outcome = new Outcome();
    Diff diff = new Diff();
    List<Task> sound = compilable(tasks, outcome, diff::want);
    target.visitFlows(diff::found);
    target.visitGroups(diff::found);
    claims.clear();
    diff.forEachClaim(claims::set);
    contested(diff.conflicts());

    Report report = new Report();
    SortedSet<Owner> unsatisfied = diff.unsatisfied();
    List<Task> broken = new ArrayList<>();
    for (Task task : sound) {
      if (unsatisfied.contains(task.owner())) {
        broken.add(task);
        diff.findings(task.owner(), task.compile()).forEach(report::add);
      } else {
        task.state().installed = task.wanted();
        outcome.settled().add(task);
      }
    }
    inBundles(target, broken, outcome, new Repairing(diff));
    diff.unwanted().forEach(report::add);
    if (deleteUnwanted) {
      delete(target, diff);
    }
    boolean repaired = outcome.refused().isEmpty() && (deleteUnwanted || !report.unwanted());
    DriftReport found = report.end(cause, start, clock.instant(), repaired);
    listener.compared(found);
    return new Outcome(outcome.settled(), outcome.refused(), Optional.of(found));
  }

  private record Repairing(Diff diff) implements Step {
    @Override
    public Bundle prepare(List<Task> tasks) {
      Bundle bundle = new Bundle();
      tasks.forEach(task -> diff.repair(task.owner(), task.compile(), bundle));
      return bundle;
    }

    @Override
    public void done(List<Task> tasks) {
      tasks.forEach(task -> task.state().installed = task.wanted());
    }
  }

  private void delete(Switch target, Diff diff) throws SwitchException {
    Bundle bundle = new Bundle();
    int size = 0;
    for (InstalledFlow flow : diff.unwantedFlows()) {
      bundle.delete(flow.flow().key());
      if (++size % DELETIONS_PER_BUNDLE == 0) {
        commit(target, bundle, 0);
        bundle = new Bundle();
      }
    }
    for (var group : diff.unwantedGroups()) {
      bundle.deleteGroup(group.id());
    }
    commit(target, bundle, 0);
  }

  /** The tasks whose owners can be compiled; a fault in one must not stop the others. */
  private static List<Task> compilable(
      List<Task> tasks, Outcome outcome, BiConsumer<Owner, FlowSet> use) {
    List<Task> sound = new ArrayList<>(tasks.size());
    for (Task task : tasks) {
      try {
        use.accept(task.owner(), task.compile());
        sound.add(task);
      } catch (RuntimeException e) {
        task.state().installed = Optional.empty();
        outcome.refused().put(task, "its flows cannot be compiled: " + e);
      }
    }
    return sound;
  }

  private void inBundles(Switch target, List<Task> tasks, Outcome outcome, Step step)
      throws SwitchException {
    for (int from = 0; from < tasks.size(); from += OWNERS_PER_BUNDLE) {
      int to = Math.min(from + OWNERS_PER_BUNDLE, tasks.size());
      inOneBundle(target, tasks.subList(from, to), outcome, step);
    }
  }

  // A refused bundle is tried again in halves, so that what is refused in the end is one owner.
  private void inOneBundle(Switch target, List<Task> tasks, Outcome outcome, Step step)
      throws SwitchException {
    try {
      commit(target, step.prepare(tasks), tasks.size());
      step.done(tasks);
      outcome.settled().addAll(tasks);
    } catch (RefusedException e) {
      if (tasks.size() == 1) {
        tasks.getFirst().state().installed = Optional.empty();
        outcome.refused().put(tasks.getFirst(), String.valueOf(e.getMessage()));
        return;
      }
      int half = tasks.size() / 2;
      inOneBundle(target, tasks.subList(0, half), outcome, step);
      inOneBundle(target, tasks.subList(half, tasks.size()), outcome, step);
    }
  }

  private void commit(Switch target, Bundle bundle, int owners) throws SwitchException {
    var changes = bundle.changes();
    if (changes.isEmpty()) {
      return;
    }
    Instant start = clock.instant();
    target.commit(changes);
    bundle.deletedGroups().forEach(groupIds::release);
    listener.committed(owners, changes.size(), Duration.between(start, clock.instant()));
  }

  private void contested(List<Conflict> all) {
    Map<Flow.Key, List<Conflict>> now = new LinkedHashMap<>();
    all.forEach(c -> now.computeIfAbsent(c.entry(), k -> new ArrayList<>()).add(c));
    List.copyOf(conflicts.keySet()).stream()
        .filter(key -> !now.containsKey(key))
        .forEach(key -> contested(key, List.of()));
    now.forEach(this::contested);
  }

  private void contested(Flow.Key key, SortedSet<Owner> owners) {
    List<Conflict> now = new ArrayList<>();
    owners.stream().skip(1).forEach(o -> now.add(new Conflict(owners.first(), o, key)));
    contested(key, now);
  }

  private void contested(Flow.Key key, List<Conflict> now) {
    List<Conflict> before = conflicts.getOrDefault(key, List.of());
    before.stream().filter(c -> !now.contains(c)).forEach(listener::conflictResolved);
    now.stream().filter(c -> !before.contains(c)).forEach(listener::conflict);
    if (now.isEmpty()) {
      conflicts.remove(key);
    } else {
      conflicts.put(key, List.copyOf(now));
    }
  }

  private static final class Report {
    private final Map<DriftReport.Kind, Integer> counts = new EnumMap<>(DriftReport.Kind.class);
    private final List<DriftReport.Finding> listed = new ArrayList<>();

    void add(DriftReport.Finding finding) {
      if (counts.merge(finding.kind(), 1, Integer::sum) <= DriftReport.LISTED) {
        listed.add(finding);
      }
    }

    boolean unwanted() {
      return counts.containsKey(DriftReport.Kind.STALE)
          || counts.containsKey(DriftReport.Kind.FOREIGN);
    }

    DriftReport end(DriftReport.Cause cause, Instant start, Instant end, boolean repaired) {
      return new DriftReport(cause, start, Duration.between(start, end), counts, listed, repaired);
    }
  }
}
