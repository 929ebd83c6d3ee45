package io.seine.agent.cni;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One lock per attachment, made when first wanted and dropped when no one wants it any more. The
 * map's own lock is held for bookkeeping only, never while waiting. Thread safe.
 */
final class PodLocks {
  private final Map<Attachment, Entry> entries = new HashMap<>();

  private static final class Entry {
    final ReentrantLock lock = new ReentrantLock();
    int users;
  }

  /** A lock that is held; closing releases it. Closed by the thread that got it. */
  interface Held extends AutoCloseable {
    @Override
    void close();
  }

  /** Waits at most {@code patience} for the attachment's lock; empty if it did not come free. */
  Optional<Held> acquire(Attachment attachment, Duration patience) throws InterruptedException {
    Entry entry = enter(attachment);
    boolean locked = false;
    try {
      locked = entry.lock.tryLock(patience.toNanos(), TimeUnit.NANOSECONDS);
    } finally {
      if (!locked) {
        leave(attachment, entry);
      }
    }
    return locked
        ? Optional.of(() -> {
          entry.lock.unlock();
          leave(attachment, entry);
        })
        : Optional.empty();
  }

  /** The attachments that someone works on or waits for. */
  Set<Attachment> busy() {
    synchronized (entries) {
      return Set.copyOf(entries.keySet());
    }
  }

  private Entry enter(Attachment attachment) {
    synchronized (entries) {
      Entry entry = entries.computeIfAbsent(attachment, a -> new Entry());
      entry.users++;
      return entry;
    }
  }

  private void leave(Attachment attachment, Entry entry) {
    synchronized (entries) {
      if (--entry.users == 0) {
        entries.remove(attachment);
      }
    }
  }
}
