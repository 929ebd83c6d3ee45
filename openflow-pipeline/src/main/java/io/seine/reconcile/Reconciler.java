package io.seine.reconcile;

import io.seine.openflow.Switch;
import io.seine.openflow.SwitchException;
import io.seine.pipeline.FlowSet;
import io.seine.pipeline.GroupIds;
import io.seine.pipeline.Owner;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Keeps a switch as its owners want it.
 *
 * <p>Callers only say what they want ({@link #put}, {@link #remove}) and when a switch is there
 * ({@link #connected}); any thread may, and none of these wait. One thread does the work:
 *
 * <pre>
 *              connected                     all repaired
 *   IDLE ----------------------> COMPARE ---------------------> FOLLOW
 *    ^                            ^  |  (retried with back-off)   | wishes: one bundle for all pending
 *    |        disconnected        |  |                            |
 *    +----------------------------|--+----------------------------+
 *                                 +---- audit, retry of a refused owner, lost answer
 * </pre>
 *
 * <ul>
 *   <li>On a new connection the switch is read; what is right is left alone, counters and all, and
 *       the rest is repaired. Nothing is ever cleared.
 *   <li>Until {@link #initialSyncComplete} nothing is removed, for its owner may not be known yet,
 *       and each round compares, since the switch may have what is wished for already.
 *   <li>After that a wish costs what its owner's set costs, however much else is installed.
 *   <li>In a bundle everything new comes before anything old goes.
 *   <li>UDP connections to endpoints that went are forgotten after the bundle ({@link
 *       StaleConnections}).
 *   <li>An owner that the switch refuses, or whose flows cannot be compiled, is tried again alone,
 *       with back-off, and stops no one else.
 *   <li>What was put {@linkplain #put(Map) together} takes effect together or not at all.
 * </ul>
 *
 * <p>It holds no flows, only for each owner where its flows come from, and for each entry of the
 * switch 64 bits of its key and who wants it. Flows are compiled again whenever they are needed,
 * which takes microseconds. 10 000 services of 10 endpoints take some 11 MiB so, the facts among
 * them; a test measures it.
 */
public final class Reconciler implements AutoCloseable {
  private static final int OWNERS_PER_ROUND = 1024;

  /** How long to wait after a failure: doubled each time from the first to the longest. */
  public record BackOff(Duration first, Duration longest) {
    public static final BackOff DEFAULT =
        new BackOff(Duration.ofMillis(500), Duration.ofMinutes(1));

    Duration after(int attempts) {
      Duration wait = first.multipliedBy(1L << Math.min(attempts - 1, 20));
      return wait.compareTo(longest) > 0 ? longest : wait;
    }
  }

  /**
   * How things stand.
   *
   * @param pending owners whose last wish is not in the switch yet
   * @param entries flow entries wanted
   * @param conflicts entries wanted by a second owner
   * @param refused why, by owner
   */
  public record Status(
      boolean connected,
      boolean initialSyncComplete,
      boolean ready,
      int owners,
      int pending,
      int entries,
      int conflicts,
      Map<Owner, String> refused) {}

  private final ReconcileListener listener;
  private final InstantSource clock;
  private final BackOff backOff;
  private final Installer installer;
  private final Flusher flusher;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition work = lock.newCondition();
  private final Condition progress = lock.newCondition();
  private final Thread thread;

  // All guarded by the lock.
  private final Map<Owner, OwnerState> owners = new HashMap<>();
  private final Set<Owner> dirty = new LinkedHashSet<>();
  private final Map<Owner, OwnerState.Refusal> refusals = new HashMap<>();
  private Optional<Switch> target = Optional.empty();
  private Optional<DriftReport.Cause> comparison = Optional.empty();
  private Instant comparisonAt = Instant.MIN;
  private int interruptions;
  private boolean initialSync;
  private boolean ready;
  private boolean closed;
  private int busy;
  private long auditsWanted;
  private long auditsDone;
  private int entries;
  private int conflicts;
  private Optional<DriftReport> lastReport = Optional.empty();

  // Used by the thread only.
  private boolean adopted;

  public Reconciler(GroupIds groupIds, ReconcileListener listener) {
    this(groupIds, listener, InstantSource.system(), BackOff.DEFAULT);
  }

  /** Starts the thread; it ends with {@link #close}. */
  public Reconciler(
      GroupIds groupIds, ReconcileListener listener, InstantSource clock, BackOff backOff) {
    this.listener = listener;
    this.clock = clock;
    this.backOff = backOff;
    this.flusher = new Flusher(listener, clock, backOff, Flusher.ROUNDS);
    this.installer = new Installer(groupIds, listener, clock, flusher);
    this.thread = Thread.ofVirtual().name("reconciler").start(this::run);
  }

  /** Wishes that the switch has exactly this for the owner. */
  public void put(Owner owner, FlowSource source) {
    wish(owner, Optional.of(source));
  }

  /** As {@link #put(Owner, FlowSource)}, for a set that is held anyway. */
  public void put(Owner owner, FlowSet set) {
    put(owner, () -> set);
  }

  /** Wishes that the switch has nothing for the owner. */
  public void remove(Owner owner) {
    wish(owner, Optional.empty());
  }

  /**
   * Wishes for several owners at once, what {@link #put(Owner, FlowSource)} or, where it is empty,
   * {@link #remove} does for one: in one bundle, however many they are, so that no packet sees a
   * part of it. It is for what is wrong by halves, such as policies: a pod goes together with what
   * judges it.
   *
   * <p>An owner that was put so once is never installed apart again. All of them that have
   * something to do go in one bundle, this one's and those put before and after it that wait as
   * well. If the switch refuses anything of it, nothing of it takes effect: what was there stays in
   * force, pods that are new get no flows, and all of it is tried again, with back-off and at once
   * when any of its owners is put or removed. That one bad owner holds up all others of its kind is
   * meant, since flows without those that restrict them would let through what is forbidden. {@link
   * ReconcileListener#refused} is told of the owner that the switch refused.
   */
  public void put(Map<Owner, Optional<FlowSource>> together) {
    locked(() -> together.forEach((owner, source) -> wish(owner, source, true)));
  }

  private void wish(Owner owner, Optional<FlowSource> source) {
    locked(() -> wish(owner, source, false));
  }

  private void wish(Owner owner, Optional<FlowSource> source, boolean together) {
    OwnerState state = owners.get(owner);
    if (state == null) {
      if (source.isEmpty()) {
        return;
      }
      state = new OwnerState();
      owners.put(owner, state);
    }
    state.together |= together;
    state.wanted = source;
    state.version++;
    state.since = clock.instant();
    if (state.refusal.isPresent()) {
      compareAt(DriftReport.Cause.RETRY, clock.instant());
    }
    dirty.add(owner);
    work.signalAll();
  }

  /** Works on this switch from now on, in place of any other. */
  public void connected(Switch newTarget) {
    locked(() -> {
      target = Optional.of(newTarget);
      flusher.target(target);
      setReady(false);
      interruptions = 0;
      comparison = Optional.empty();
      compareAt(DriftReport.Cause.CONNECT, clock.instant());
      work.signalAll();
    });
  }

  /** There is no switch; wishes are remembered. */
  public void disconnected() {
    locked(() -> {
      target = Optional.empty();
      flusher.target(target);
      setReady(false);
      progress.signalAll();
    });
  }

  /**
   * Says that every owner there is has been put. From now on what no owner wants is removed. Once
   * said, it holds for good.
   */
  public void initialSyncComplete() {
    locked(() -> {
      if (!initialSync) {
        initialSync = true;
        compareAt(DriftReport.Cause.INITIAL_SYNC, clock.instant());
        work.signalAll();
      }
    });
  }

  /**
   * Whether the switch has been brought to hold all that is wanted, and nothing else, since it was
   * connected.
   */
  public boolean ready() {
    lock.lock();
    try {
      return ready;
    } finally {
      lock.unlock();
    }
  }

  public Status status() {
    lock.lock();
    try {
      Map<Owner, String> refused = new TreeMap<>();
      refusals.forEach((owner, refusal) -> refused.put(owner, refusal.reason()));
      return new Status(
          target.isPresent(),
          initialSync,
          ready,
          owners.size(),
          dirty.size() + busy,
          entries,
          conflicts,
          refused);
    } finally {
      lock.unlock();
    }
  }

  /** What every owner wants now; compile it on the thread that asks. */
  public Map<Owner, FlowSource> wanted() {
    lock.lock();
    try {
      Map<Owner, FlowSource> wanted = new TreeMap<>();
      owners.forEach((owner, state) -> state.wanted.ifPresent(w -> wanted.put(owner, w)));
      return wanted;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits until what was last wished for the owner before the call is in the switch, confirmed by
   * it.
   *
   * @throws InstallException if it is not after {@code timeout}, with the reason
   */
  public void awaitInstalled(Owner owner, Duration timeout)
      throws InstallException, InterruptedException {
    lock.lockInterruptibly();
    try {
      OwnerState state = owners.get(owner);
      if (state == null) {
        return;
      }
      long version = state.version;
      long left = timeout.toNanos();
      while (state.settledVersion < version) {
        if (closed || left <= 0) {
          throw InstallException.of(owner, state.refusal, closed, target.isPresent(), timeout);
        }
        left = progress.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
  }

  /** As {@link #awaitInstalled(Owner, Duration)}, for all of them. */
  public void awaitInstalled(Collection<Owner> several, Duration timeout)
      throws InstallException, InterruptedException {
    Instant start = clock.instant();
    for (Owner owner : several) {
      awaitInstalled(owner, timeout.minus(Duration.between(start, clock.instant())));
    }
  }

  /**
   * Waits until {@link #ready}, with nothing pending; {@code false} if that took longer than {@code
   * timeout}.
   */
  public boolean awaitConverged(Duration timeout) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long left = timeout.toNanos();
      while (!ready || !dirty.isEmpty() || busy > 0) {
        if (closed || left <= 0) {
          return false;
        }
        left = progress.awaitNanos(left);
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Compares the whole switch with what is wanted and repairs it. Returns what was found.
   *
   * @throws InstallException if that could not be done within {@code timeout}, with the reason
   */
  public DriftReport audit(Duration timeout) throws InstallException, InterruptedException {
    lock.lockInterruptibly();
    try {
      long wanted = ++auditsWanted;
      work.signalAll();
      long left = timeout.toNanos();
      while (auditsDone < wanted) {
        if (closed || left <= 0) {
          throw new InstallException(
              target.isEmpty()
                  ? "the switch cannot be audited: there is no connection to it"
                  : "the audit of the switch took longer than " + timeout.toMillis() + " ms");
        }
        left = progress.awaitNanos(left);
      }
      return lastReport.orElseThrow();
    } finally {
      lock.unlock();
    }
  }

  /** Stops the thread, after the bundle it may be waiting for. The switch is left as it is. */
  @Override
  public void close() {
    locked(() -> {
      closed = true;
      work.signalAll();
      progress.signalAll();
    });
    flusher.close();
    boolean interrupted = false;
    while (thread.isAlive() || flusher.isAlive()) {
      try {
        thread.join();
        flusher.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    try {
      Optional<Round> round = next();
      while (round.isPresent()) {
        perform(round.get());
        round = next();
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException("no one may interrupt the reconciler's thread", e);
    }
  }

  private void perform(Round round) {
    try {
      Installer.Outcome outcome =
          switch (round) {
            case Round.Compare compare -> compare(compare);
            case Round.Change change ->
                installer.change(change.target(), change.tasks(), this::installed);
          };
      locked(() -> settle(round, outcome));
    } catch (SwitchException | RuntimeException e) {
      // Whatever went wrong, nothing is known of the switch now until it is compared again.
      locked(() -> interrupted(round, e));
    }
  }

  private Installer.Outcome compare(Round.Compare round) throws SwitchException {
    if (!adopted) {
      installer.adoptGroupIds(round.target());
      adopted = true;
    }
    return installer.compare(round.target(), round.tasks(), round.delete(), round.cause());
  }

  private FlowSet installed(Owner owner) {
    lock.lock();
    try {
      return Optional.ofNullable(owners.get(owner))
          .flatMap(state -> state.installed)
          .map(FlowSource::compile)
          .orElse(FlowSet.EMPTY);
    } finally {
      lock.unlock();
    }
  }

  /** Waits for something to do; empty when closed. */
  private Optional<Round> next() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (!closed) {
        Instant now = clock.instant();
        Optional<Round> round = target.flatMap(t -> choose(t, now));
        if (round.isPresent()) {
          return round;
        }
        if (target.isPresent() && comparison.isPresent()) {
          long nanos = Duration.between(now, comparisonAt).toNanos();
          long _ = work.awaitNanos(Math.max(1, nanos));
        } else {
          work.await();
        }
      }
      return Optional.empty();
    } finally {
      lock.unlock();
    }
  }

  private Optional<Round> choose(Switch on, Instant now) {
    boolean due = comparison.isPresent() && !comparisonAt.isAfter(now);
    // Before anything else can be assumed, the switch must have been compared once.
    boolean follows = ready && interruptions == 0;
    if (due) {
      return Optional.of(comparing(on, comparison.get()));
    }
    if (comparison.isPresent() && !follows) {
      return Optional.empty();
    }
    if (!dirty.isEmpty()) {
      if (!follows) {
        return Optional.of(comparing(on, DriftReport.Cause.BEFORE_SYNC));
      }
      // What was refused together is what these build on, and may no longer be refused with them.
      return Optional.of(
          together(dirty) && together(refusals.keySet())
              ? comparing(on, DriftReport.Cause.RETRY)
              : changing(on));
    }
    if (auditsDone < auditsWanted) {
      return Optional.of(comparing(on, DriftReport.Cause.AUDIT));
    }
    return Optional.empty();
  }

  private boolean together(Set<Owner> any) {
    return any.stream().map(owners::get).anyMatch(state -> state != null && state.together);
  }

  private Round comparing(Switch on, DriftReport.Cause cause) {
    List<Task> tasks = new ArrayList<>(owners.size());
    owners.forEach((owner, state) -> tasks.add(task(owner, state)));
    tasks.sort(Comparator.comparing(Task::owner));
    busy = (int) tasks.stream().filter(t -> t.state().settledVersion < t.version()).count();
    dirty.clear();
    comparison = Optional.empty();
    return new Round.Compare(on, tasks, cause, initialSync, auditsWanted);
  }

  private Round changing(Switch on) {
    Map<Owner, OwnerState> next = new LinkedHashMap<>();
    for (Owner owner : List.copyOf(dirty)) {
      OwnerState state = Optional.ofNullable(owners.get(owner)).orElseThrow();
      if (state.together || next.size() < OWNERS_PER_ROUND) {
        next.put(owner, state);
        dirty.remove(owner);
      }
    }
    List<Task> tasks = new ArrayList<>(next.size());
    next.forEach((owner, state) -> tasks.add(task(owner, state)));
    busy = tasks.size();
    return new Round.Change(on, tasks);
  }

  private static Task task(Owner owner, OwnerState state) {
    return new Task(owner, state, state.wanted, state.version, state.since, state.together);
  }

  private void settle(Round round, Installer.Outcome outcome) {
    Instant now = clock.instant();
    busy = 0;
    interruptions = 0;
    outcome.settled().forEach(task -> settled(task, now));
    outcome.refused().forEach((task, refusal) -> refused(round, task, refusal, now));
    entries = installer.entries();
    conflicts = installer.conflicts();
    if (round instanceof Round.Compare compare) {
      lastReport = outcome.report();
      auditsDone = Math.max(auditsDone, compare.audits());
      setReady(compare.delete() && target.equals(Optional.of(compare.target())));
    }
    progress.signalAll();
  }

  private void settled(Task task, Instant now) {
    OwnerState state = task.state();
    boolean news = state.settledVersion < task.version();
    state.settledVersion = Math.max(state.settledVersion, task.version());
    state.refusal = Optional.empty();
    refusals.remove(task.owner());
    if (state.version == task.version() && task.wanted().isEmpty()) {
      owners.remove(task.owner(), state);
    }
    if (news) {
      listener.installed(task.owner(), Duration.between(task.since(), now));
    }
  }

  // What a refused owner has in the switch is not known, so its next attempt compares. The first
  // one comes at once: the switch may just have been altered by someone.
  private void refused(Round round, Task task, Installer.Refused why, Instant now) {
    OwnerState state = task.state();
    int before = state.refusal.map(OwnerState.Refusal::attempts).orElse(0);
    Duration wait = round instanceof Round.Change ? Duration.ZERO : backOff.after(before + 1);
    int attempts = round instanceof Round.Change ? before : before + 1;
    Instant at = now.plus(wait);
    OwnerState.Refusal refusal = new OwnerState.Refusal(why.reason(), attempts, at);
    state.refusal = Optional.of(refusal);
    refusals.put(task.owner(), refusal);
    compareAt(DriftReport.Cause.RETRY, at);
    if (why.itself() && !(round instanceof Round.Change)) {
      listener.refused(task.owner(), why.reason(), attempts, wait);
    }
  }

  private void interrupted(Round round, Exception e) {
    round.tasks().stream()
        .filter(task -> owners.get(task.owner()) == task.state())
        .forEach(task -> dirty.add(task.owner()));
    busy = 0;
    Duration wait = backOff.after(++interruptions);
    if (target.equals(Optional.of(round.target()))) {
      compareAt(
          round instanceof Round.Compare compare ? compare.cause() : DriftReport.Cause.RETRY,
          clock.instant().plus(wait));
    }
    listener.interrupted(e.toString(), wait);
  }

  private void compareAt(DriftReport.Cause cause, Instant at) {
    if (comparison.isEmpty() || at.isBefore(comparisonAt)) {
      comparisonAt = at;
    }
    if (comparison.isEmpty() || cause.compareTo(comparison.get()) < 0) {
      comparison = Optional.of(cause);
    }
  }

  private void setReady(boolean now) {
    if (ready != now) {
      ready = now;
      listener.readyChanged(now);
    }
  }

  private void locked(Runnable body) {
    lock.lock();
    try {
      body.run();
    } finally {
      lock.unlock();
    }
  }
}
