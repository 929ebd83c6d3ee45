package io.seine.reconcile;

import io.seine.openflow.Change;
import io.seine.openflow.CtFlush;
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
import io.seine.pipeline.Table;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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
  private static final int SERVICE_LB = Table.SERVICE_LB.number();
  private static final Set<Owner.Kind> POLICY =
      EnumSet.of(Owner.Kind.POLICY, Owner.Kind.POLICY_POD, Owner.Kind.POLICY_TERM);

  private final GroupIds groupIds;
  private final ReconcileListener listener;
  private final InstantSource clock;
  private final Flusher flusher;
  private final Claims claims = new Claims();
  private final Map<Flow.Key, List<Conflict>> conflicts = new HashMap<>();

  /**
   * Why an owner's flows are not in the switch.
   *
   * @param itself whether they were refused, rather than others that they go together with
   */
  record Refused(String reason, boolean itself) {}

  /** What became of a round: every task is settled, or refused with a reason. */
  record Outcome(List<Task> settled, Map<Task, Refused> refused, Optional<DriftReport> report) {
    Outcome() {
      this(new ArrayList<>(), new LinkedHashMap<>(), Optional.empty());
    }
  }

  private interface Step {
    Bundle prepare(List<Task> tasks) throws RefusedException;

    void done(List<Task> tasks);
  }

  /**
   * @param flusher told of the connections that are to be forgotten, after the commit that made
   *     them so, and of flows that may have endpoints for them again
   */
  Installer(GroupIds groupIds, ReconcileListener listener, InstantSource clock, Flusher flusher) {
    this.groupIds = groupIds;
    this.listener = listener;
    this.clock = clock;
    this.flusher = flusher;
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
    Step step = new Changing(installed);
    allOrNothing(target, sound.stream().filter(Task::together).toList(), outcome, step);
    inBundles(target, sound.stream().filter(task -> !task.together()).toList(), outcome, step);
    return outcome;
  }

  private final class Changing implements Step {
    private final Function<Owner, FlowSet> installed;
    private Plan plan;
    private List<CtFlush> flushes = List.of();

    Changing(Function<Owner, FlowSet> installed) {
      this.installed = installed;
      this.plan = new Plan(claims, installed);
    }

    @Override
    public Bundle prepare(List<Task> tasks) throws RefusedException {
      plan = new Plan(claims, installed);
      flushes = new ArrayList<>();
      for (Task task : tasks) {
        FlowSet from = task.state().installed.map(FlowSource::compile).orElse(FlowSet.EMPTY);
        FlowSet to = task.compile();
        plan.add(task.owner(), from, to);
        flushes.addAll(StaleConnections.between(from, to, true));
      }
      Bundle bundle = plan.bundle();
      flushes.addAll(plan.takenOver());
      return bundle;
    }

    @Override
    public void done(List<Task> tasks) {
      changed(tasks, flushes);
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
    repair(target, broken, deleteUnwanted, diff, outcome);
    diff.unwanted().forEach(report::add);
    if (deleteUnwanted) {
      delete(target, diff);
    }
    boolean repaired = outcome.refused().isEmpty() && (deleteUnwanted || !report.unwanted());
    DriftReport found = report.end(cause, start, clock.instant(), repaired);
    listener.compared(found);
    return new Outcome(outcome.settled(), outcome.refused(), Optional.of(found));
  }

  // What goes together comes first, lest pods are reached for a moment that policies close; and
  // with it the tables that policies need, and what old policies left behind.
  private void repair(
      Switch target, List<Task> broken, boolean deleteUnwanted, Diff diff, Outcome outcome)
      throws SwitchException {
    List<Task> first = broken.stream().filter(Installer::isFirst).toList();
    List<Flow.Key> old =
        deleteUnwanted
            ? diff.unwantedFlows().stream()
                .filter(Installer::isPolicy)
                .map(installed -> installed.flow().key())
                .toList()
            : List.of();
    boolean done = allOrNothing(target, first, outcome, new Repairing(diff, old));
    List<Task> rest =
        broken.stream().filter(task -> !task.together() && !(done && isFirst(task))).toList();
    inBundles(target, rest, outcome, new Repairing(diff, List.of()));
  }

  private static boolean isFirst(Task task) {
    return task.together() || task.owner().kind() == Owner.Kind.BASE;
  }

  private static boolean isPolicy(InstalledFlow installed) {
    return Cookie.kind(installed.cookie()).filter(POLICY::contains).isPresent();
  }

  private final class Repairing implements Step {
    private final Diff diff;
    private final List<Flow.Key> deleted;
    private List<CtFlush> flushes = List.of();

    /**
     * @param deleted what goes in every bundle besides
     */
    Repairing(Diff diff, List<Flow.Key> deleted) {
      this.diff = diff;
      this.deleted = deleted;
    }

    @Override
    public Bundle prepare(List<Task> tasks) throws RefusedException {
      Bundle bundle = new Bundle();
      deleted.forEach(bundle::delete);
      flushes = new ArrayList<>();
      for (Task task : tasks) {
        FlowSet to = task.compile();
        diff.repair(task.owner(), to, bundle);
        flushes.addAll(stale(task, to));
      }
      return bundle;
    }

    // What another switch had, before this one, may have made connections that this one has too: on
    // the kernel datapath they outlive ovs-vswitchd.
    private List<CtFlush> stale(Task task, FlowSet to) {
      List<CtFlush> all = new ArrayList<>();
      task.state()
          .installed
          .ifPresent(last -> all.addAll(StaleConnections.between(last.compile(), to, false)));
      if (StaleConnections.concern(to)) {
        all.addAll(
            StaleConnections.between(diff.before(task.owner(), to), to, diff.anyOf(SERVICE_LB)));
      }
      return all;
    }

    @Override
    public void done(List<Task> tasks) {
      changed(tasks, flushes);
      tasks.forEach(task -> task.state().installed = task.wanted());
    }
  }

  private void delete(Switch target, Diff diff) throws SwitchException {
    Bundle bundle = new Bundle();
    int size = 0;
    for (InstalledFlow flow : diff.unwantedFlows()) {
      if (isPolicy(flow)) {
        continue; // gone already, or kept with what it goes together with
      }
      bundle.delete(flow.flow().key());
      if (++size % DELETIONS_PER_BUNDLE == 0) {
        commit(target, bundle, 0);
        bundle = new Bundle();
      }
    }
    for (var group : diff.unwantedGroups()) {
      bundle.deleteGroup(group);
    }
    commit(target, bundle, 0);
    flusher.add(
        diff.unwantedFlows().stream()
            .flatMap(flow -> StaleConnections.of(flow.flow()).stream())
            .distinct()
            .toList());
  }

  private void changed(List<Task> tasks, List<CtFlush> stale) {
    if (flusher.waiting() > 0) {
      flusher.forgetNoMore(StaleConnections.served(tasks.stream().map(Task::compile).toList()));
    }
    flusher.add(stale);
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
        outcome.refused().put(task, new Refused("its flows cannot be compiled: " + e, true));
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
        outcome.refused().put(tasks.getFirst(), new Refused(String.valueOf(e.getMessage()), true));
        return;
      }
      int half = tasks.size() / 2;
      inOneBundle(target, tasks.subList(0, half), outcome, step);
      inOneBundle(target, tasks.subList(half, tasks.size()), outcome, step);
    }
  }

  /** Whether all was done; else those that go together are refused, and others left alone. */
  private boolean allOrNothing(Switch target, List<Task> tasks, Outcome outcome, Step step)
      throws SwitchException {
    Optional<Task> uncompiled =
        outcome.refused().keySet().stream().filter(Task::together).findFirst();
    if (uncompiled.isPresent()) {
      wait(tasks, uncompiled.get(), outcome);
      return false;
    }
    try {
      commit(target, step.prepare(tasks), tasks.size());
      step.done(tasks);
      outcome.settled().addAll(tasks);
      return true;
    } catch (RefusedException e) {
      if (tasks.isEmpty()) {
        throw e;
      }
      List<Task> together = tasks.stream().filter(Task::together).toList();
      Optional<Task> cause = cause(together, e).or(() -> together.stream().findFirst());
      if (cause.isPresent()) {
        outcome.refused().put(cause.get(), new Refused(String.valueOf(e.getMessage()), true));
        wait(together, cause.get(), outcome);
      }
      return false;
    }
  }

  private static void wait(List<Task> tasks, Task cause, Outcome outcome) {
    Refused waiting =
        new Refused(
            "they go together with those of %s, which are not in the switch: %s"
                .formatted(
                    cause.owner(),
                    Optional.ofNullable(outcome.refused().get(cause)).orElseThrow().reason()),
            false);
    tasks.stream()
        .filter(Task::together)
        .forEach(task -> outcome.refused().putIfAbsent(task, waiting));
  }

  private static Optional<Task> cause(List<Task> tasks, RefusedException e) {
    Optional<Flow.Key> key =
        e.change()
            .filter(Change.AddFlow.class::isInstance)
            .map(change -> ((Change.AddFlow) change).flow().key());
    return key.flatMap(refused ->
        tasks.stream()
            .filter(task ->
                task.compile().flows().stream().anyMatch(flow -> flow.key().equals(refused)))
            .findFirst());
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
