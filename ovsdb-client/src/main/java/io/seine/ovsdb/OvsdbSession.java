package io.seine.ovsdb;

import io.seine.ovsdb.OvsdbException.Reason;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection to ovsdb-server that comes back: connects, fills the cache, watches that the server
 * answers, and begins again with back-off when the connection ends.
 *
 * <pre>
 *   connecting --connected, cache filled--> connected --ended, or no answer to a probe--> waiting --back-off--> connecting
 * </pre>
 *
 * <p>One virtual thread owns the connection and calls the listener. Transactions are not repeated:
 * while there is no connection they fail at once with {@link Reason#DISCONNECTED}.
 */
public final class OvsdbSession implements Transactor, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(OvsdbSession.class);

  /**
   * How a session behaves.
   *
   * @param connectTimeout for connecting, schema and first fill of the cache, each
   * @param probeInterval how often the server is asked for a sign of life
   * @param probeTimeout how long it may take to give one
   */
  public record Options(
      Duration connectTimeout, Duration probeInterval, Duration probeTimeout, Backoff backoff) {

    /**
     * What suits an agent: 10 s to connect, a sign of life every 5 s within 5 s, attempts from 0.1
     * s to 5 s apart.
     */
    public static Options standard(RandomGenerator random) {
      return new Options(
          Duration.ofSeconds(10),
          Duration.ofSeconds(5),
          Duration.ofSeconds(5),
          Backoff.exponential(Duration.ofMillis(100), Duration.ofSeconds(5), random));
    }
  }

  /** Is told of connections, on the session's thread, one call at a time and in order. */
  public interface Listener {
    /** The cache is filled and transactions work. */
    void connected(Snapshot snapshot);

    /** The connection has ended; {@code why} in words. */
    void disconnected(String why);

    /** An attempt to connect has failed, and another one follows; {@code why} in words. */
    default void failed(String why) {}
  }

  private final Path socket;
  private final Options options;
  private final Listener listener;
  private final OvsdbCache cache = new OvsdbCache();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Thread owner;
  private volatile @Nullable OvsdbClient client;
  private volatile String lastFailure = "not connected yet";

  private OvsdbSession(Path socket, Options options, Listener listener) {
    this.socket = socket;
    this.options = options;
    this.listener = listener;
    this.owner = Thread.ofVirtual().name("seine-ovsdb-session").unstarted(this::run);
  }

  /** Starts connecting, and returns without waiting for it. */
  public static OvsdbSession open(Path socket, Options options, Listener listener) {
    OvsdbSession session = new OvsdbSession(socket, options, listener);
    session.owner.start();
    return session;
  }

  /** The local copy of the database. */
  public OvsdbCache cache() {
    return cache;
  }

  /** Whether there is a connection and the cache is being kept up to date. */
  public boolean connected() {
    return client != null;
  }

  /**
   * Waits for the connection.
   *
   * @throws OvsdbException with {@link Reason#DISCONNECTED} and the last failure when it does not
   *     come in time
   */
  public Snapshot awaitConnected(Duration timeout) {
    long left = timeout.toNanos();
    lock.lock();
    try {
      while (client == null) {
        if (left <= 0 || closed.getCount() == 0) {
          throw new OvsdbException(
              Reason.DISCONNECTED,
              "no connection to OVSDB within " + timeout.toMillis() + " ms: " + lastFailure);
        }
        left = changed.awaitNanos(left);
      }
      return cache.snapshot();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new OvsdbException(
          Reason.DISCONNECTED, "interrupted while waiting for the connection to OVSDB", e);
    } finally {
      lock.unlock();
    }
  }

  /** Starts a transaction. */
  public Transaction transaction() {
    return new Transaction(this);
  }

  @Override
  public TransactionResult commit(List<Operation> operations, Duration timeout) {
    OvsdbClient present = client;
    if (present == null) {
      throw notConnected();
    }
    return present.commit(operations, timeout);
  }

  /** What a call fails with while there is no connection. */
  OvsdbException notConnected() {
    return new OvsdbException(
        Reason.DISCONNECTED, "there is no connection to OVSDB at " + socket + ": " + lastFailure);
  }

  /**
   * Ends the connection and the session's threads; waiters and calls under way fail. May be called
   * again, but not from the listener.
   */
  @Override
  public void close() {
    closed.countDown();
    owner.interrupt();
    cache.close();
    boolean interrupted = false;
    while (owner.isAlive()) {
      try {
        owner.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    int failures = 0;
    while (closed.getCount() > 0) {
      try (OvsdbClient fresh = OvsdbClient.connect(socket, options.connectTimeout)) {
        fresh.monitor(cache, options.connectTimeout);
        failures = 0;
        become(fresh);
        LOG.debug("connected to OVSDB at {}", socket);
        tell(() -> listener.connected(cache.snapshot()));
        lastFailure = watch(fresh);
        become(null);
        tell(() -> listener.disconnected(lastFailure));
      } catch (OvsdbException e) {
        lastFailure = String.valueOf(e.getMessage());
        LOG.debug("no connection to OVSDB at {}: {}", socket, lastFailure);
        tell(() -> listener.failed(lastFailure));
      }
      failures++;
      pause(options.backoff.delay(failures));
    }
    become(null);
  }

  private String watch(OvsdbClient connection) {
    while (true) {
      try {
        return connection.ended().get(options.probeInterval.toNanos(), TimeUnit.NANOSECONDS);
      } catch (TimeoutException quiet) {
        try {
          connection.echo(options.probeTimeout);
        } catch (OvsdbException e) {
          return String.valueOf(e.getMessage());
        }
      } catch (InterruptedException e) {
        return "closed by this side";
      } catch (ExecutionException e) {
        return String.valueOf(e.getCause());
      }
    }
  }

  private void become(@Nullable OvsdbClient now) {
    lock.lock();
    try {
      client = now;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void tell(Runnable call) {
    try {
      call.run();
    } catch (RuntimeException e) {
      // The connection is the session's to keep, whatever the listener makes of the news.
      LOG.error("the listener of the OVSDB session failed", e);
    }
  }

  private void pause(Duration delay) {
    try {
      boolean done = closed.await(delay.toNanos(), TimeUnit.NANOSECONDS);
      LOG.trace("paused {} ms, closed {}", delay.toMillis(), done);
    } catch (InterruptedException e) {
      // Only close() interrupts this thread; the loop looks at the latch.
      LOG.trace("woken by close");
    }
  }
}
