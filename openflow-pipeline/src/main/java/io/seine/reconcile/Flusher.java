package io.seine.reconcile;

import io.seine.openflow.CtFlush;
import io.seine.openflow.RefusedException;
import io.seine.openflow.Switch;
import io.seine.openflow.SwitchException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;

/**
 * Has the switch forget connections, on a thread of its own, so that neither a slow flush nor the
 * retries of a failed one hold up the flows.
 *
 * <p>Each is asked for several times, {@code rounds} after the commit. Once is not enough, for two
 * reasons: what the datapath has cached of the old flows outlives the commit by as long as it takes
 * to revalidate, and makes such a connection again; and a flush that removes most of what there is
 * may miss some ({@link Switch#flushConnections}). What is wanted again meanwhile, as of an
 * endpoint that was gone for a moment, is left alone from then on.
 *
 * <p>What failed is tried again with back-off, also on the next switch. What a switch refuses, it
 * would refuse again: that is reported and given up.
 */
final class Flusher implements AutoCloseable {
  static final List<Duration> ROUNDS =
      List.of(Duration.ZERO, Duration.ofMillis(500), Duration.ofSeconds(2), Duration.ofSeconds(6));

  /** In one request, so that a commit that comes meanwhile waits no longer than for these. */
  private static final int AT_ONCE = 32;

  private static final int MOST_WAITING = 10_000;

  private final ReconcileListener listener;
  private final InstantSource clock;
  private final Reconciler.BackOff backOff;
  private final List<Duration> rounds;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition news = lock.newCondition();
  private final Thread thread;

  // All guarded by the lock.
  private final Map<CtFlush, Due> waiting = new LinkedHashMap<>();
  private Optional<Switch> target = Optional.empty();
  private int failures;
  private Instant notBefore = Instant.MIN;
  private boolean closed;

  /**
   * @param since when it was asked for first
   * @param round the one that comes next
   */
  private record Due(Instant since, int round) {}

  private record Work(Switch on, Map<CtFlush, Due> due) {}

  /** Starts the thread; it ends with {@link #close}. */
  Flusher(
      ReconcileListener listener,
      InstantSource clock,
      Reconciler.BackOff backOff,
      List<Duration> rounds) {
    this.listener = listener;
    this.clock = clock;
    this.backOff = backOff;
    this.rounds = List.copyOf(rounds);
    this.thread = Thread.ofVirtual().name("connection-flusher").start(this::run);
  }

  /** Any thread may call; it does not wait. */
  void add(List<CtFlush> flushes) {
    if (flushes.isEmpty()) {
      return;
    }
    int lost = 0;
    lock.lock();
    try {
      Due due = new Due(clock.instant(), 0);
      for (CtFlush flush : flushes) {
        if (waiting.size() < MOST_WAITING || waiting.containsKey(flush)) {
          waiting.put(flush, due);
        } else {
          lost++;
        }
      }
      news.signalAll();
    } finally {
      lock.unlock();
    }
    if (lost > 0) {
      listener.flushFailed(lost, "too many wait already", Optional.empty());
    }
  }

  /**
   * Those that are wanted again are not forgotten once more; nor at all, if they were not yet. Any
   * thread may call; it does not wait.
   *
   * @param wanted asked only if any wait
   */
  void forgetNoMore(Predicate<CtFlush> wanted) {
    Set<CtFlush> those = some();
    those.removeIf(wanted.negate());
    if (those.isEmpty()) {
      return;
    }
    lock.lock();
    try {
      waiting.keySet().removeAll(those);
    } finally {
      lock.unlock();
    }
  }

  private Set<CtFlush> some() {
    lock.lock();
    try {
      return new HashSet<>(waiting.keySet());
    } finally {
      lock.unlock();
    }
  }

  /** Works on this switch from now on; empty: on none. */
  void target(Optional<Switch> now) {
    lock.lock();
    try {
      target = now;
      failures = 0;
      notBefore = Instant.MIN;
      news.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** How many wait, those among them that have been done and are to be done again. */
  int waiting() {
    lock.lock();
    try {
      return waiting.size();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      news.signalAll();
    } finally {
      lock.unlock();
    }
  }

  boolean isAlive() {
    return thread.isAlive();
  }

  /** Waits for the thread to end, after {@link #close}. */
  void join() throws InterruptedException {
    thread.join();
  }

  private void run() {
    try {
      Optional<Work> work = next();
      while (work.isPresent()) {
        perform(work.get());
        work = next();
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException("no one may interrupt the flusher's thread", e);
    }
  }

  private void perform(Work work) {
    List<CtFlush> flushes = List.copyOf(work.due.keySet());
    Instant start = clock.instant();
    try {
      work.on.flushConnections(flushes);
    } catch (RefusedException e) {
      done(work, true);
      listener.flushFailed(flushes.size(), String.valueOf(e.getMessage()), Optional.empty());
      return;
    } catch (SwitchException | RuntimeException e) {
      listener.flushFailed(flushes.size(), e.toString(), Optional.of(failed(work)));
      return;
    }
    done(work, false);
    listener.flushed(flushes.size(), Duration.between(start, clock.instant()));
  }

  private Duration failed(Work work) {
    lock.lock();
    try {
      Duration wait = backOff.after(++failures);
      // Another switch has come meanwhile: it is not that one that failed.
      if (target.equals(Optional.of(work.on))) {
        notBefore = clock.instant().plus(wait);
      }
      return wait;
    } finally {
      lock.unlock();
    }
  }

  private void done(Work work, boolean forGood) {
    lock.lock();
    try {
      failures = 0;
      work.due.forEach((flush, due) -> {
        boolean last = due.round == rounds.size() - 1;
        // One that was asked for anew meanwhile begins anew.
        if (due.equals(waiting.get(flush))) {
          if (forGood || last) {
            waiting.remove(flush);
          } else {
            waiting.put(flush, new Due(due.since, due.round + 1));
          }
        }
      });
    } finally {
      lock.unlock();
    }
  }

  /** Waits for something to do; empty when closed. */
  private Optional<Work> next() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (!closed) {
        Optional<Instant> first =
            waiting.values().stream().map(this::at).min(Comparator.naturalOrder());
        if (target.isEmpty() || first.isEmpty()) {
          news.await();
          continue;
        }
        Instant now = clock.instant();
        Instant at = first.get().isBefore(notBefore) ? notBefore : first.get();
        if (at.isAfter(now)) {
          long _ = news.awaitNanos(Duration.between(now, at).toNanos());
          continue;
        }
        return Optional.of(new Work(target.get(), due(now)));
      }
      return Optional.empty();
    } finally {
      lock.unlock();
    }
  }

  private Instant at(Due due) {
    return due.since.plus(rounds.get(due.round));
  }

  private Map<CtFlush, Due> due(Instant now) {
    List<Map.Entry<CtFlush, Due>> due = new ArrayList<>();
    for (Map.Entry<CtFlush, Due> entry : waiting.entrySet()) {
      if (!at(entry.getValue()).isAfter(now)) {
        due.add(Map.entry(entry.getKey(), entry.getValue()));
        if (due.size() == AT_ONCE) {
          break;
        }
      }
    }
    Map<CtFlush, Due> part = new LinkedHashMap<>();
    due.forEach(entry -> part.put(entry.getKey(), entry.getValue()));
    return part;
  }
}
