package io.seine.ovsdb;

import io.seine.ovsdb.OvsdbException.Reason;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.opendaylight.ovsdb.lib.message.TableUpdate;
import org.opendaylight.ovsdb.lib.message.TableUpdates;
import org.opendaylight.ovsdb.lib.notation.Row;
import org.opendaylight.ovsdb.lib.schema.GenericTableSchema;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The local copy of the tables Open_vSwitch, Bridge, Port and Interface, kept by the server's
 * monitor.
 *
 * <ul>
 *   <li>Each snapshot is the state after a whole transaction; it is replaced, never changed.
 *   <li>What a transaction of the same session changed is in the snapshot when its commit returns:
 *       the server sends the update before the reply, and both are handled in order.
 *   <li>While the connection is down the last snapshot stays; after the reconnect it is replaced in
 *       one step.
 *   <li>Listeners are called on one thread of the cache's own, with the newest snapshot; snapshots
 *       between may be left out.
 * </ul>
 */
public final class OvsdbCache {
  private static final Logger LOG = LoggerFactory.getLogger(OvsdbCache.class);

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final List<Consumer<Snapshot>> listeners = new CopyOnWriteArrayList<>();
  private final Thread dispatcher;
  private volatile Snapshot snapshot = Snapshot.EMPTY;
  private long version;
  private boolean closed;

  OvsdbCache() {
    dispatcher = Thread.ofVirtual().name("seine-ovsdb-listeners").start(this::dispatch);
  }

  /** The newest snapshot. */
  public Snapshot snapshot() {
    return snapshot;
  }

  /**
   * Calls the listener after changes until the registration is closed; it is not called for the
   * present state.
   */
  public Registration onChange(Consumer<Snapshot> listener) {
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }

  /** Ends a listener; a call under way may still finish. */
  @FunctionalInterface
  public interface Registration extends AutoCloseable {
    @Override
    void close();
  }

  /**
   * Waits for a state.
   *
   * @return the snapshot in which it held
   * @throws OvsdbException with {@link Reason#TIMEOUT} when it did not come in time; what the
   *     predicate throws goes through
   */
  public Snapshot await(String what, Predicate<Snapshot> state, Duration timeout) {
    return awaitValue(what, s -> state.test(s) ? Optional.of(s) : Optional.empty(), timeout);
  }

  /** Waits until something can be read from the snapshot, as {@link #await} does. */
  public <T> T awaitValue(String what, Function<Snapshot, Optional<T>> reader, Duration timeout) {
    long left = timeout.toNanos();
    lock.lock();
    try {
      while (true) {
        Optional<T> value = reader.apply(snapshot);
        if (value.isPresent()) {
          return value.get();
        }
        if (closed) {
          throw new OvsdbException(
              Reason.DISCONNECTED, "the OVSDB session was closed while waiting for " + what);
        }
        if (left <= 0) {
          throw new OvsdbException(
              Reason.TIMEOUT,
              "waited "
                  + timeout.toMillis()
                  + " ms for "
                  + what
                  + "; is ovs-vswitchd running and not busy?");
        }
        left = changed.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new OvsdbException(Reason.TIMEOUT, "interrupted while waiting for " + what, e);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits until ovs-vswitchd has the interface in its datapath.
   *
   * @throws OvsdbException with {@link Reason#INTERFACE} and OVS's own text as soon as it says it
   *     cannot open the device
   */
  public InterfaceRow awaitAttached(String interfaceName, Duration timeout) {
    return awaitAttached(interfaceName, Optional.empty(), timeout);
  }

  /**
   * As {@link #awaitAttached(String, Duration)}, but an error of this text, known from before a
   * change, is believed only when the time is up.
   */
  InterfaceRow awaitAttached(String interfaceName, Optional<String> oldError, Duration timeout) {
    try {
      return awaitValue(
          "ovs-vswitchd to attach interface " + interfaceName,
          s -> {
            Optional<InterfaceRow> row = s.interfaceNamed(interfaceName);
            Optional<String> error = row.flatMap(InterfaceRow::error);
            if (error.isPresent() && !error.equals(oldError)) {
              throw cannotAttach(interfaceName, error.get());
            }
            return row.filter(r -> r.attached() && error.isEmpty());
          },
          timeout);
    } catch (OvsdbException e) {
      Optional<String> error = snapshot.interfaceNamed(interfaceName).flatMap(InterfaceRow::error);
      if (e.reason() == Reason.TIMEOUT && error.isPresent()) {
        throw cannotAttach(interfaceName, error.get());
      }
      throw e;
    }
  }

  private static OvsdbException cannotAttach(String interfaceName, String error) {
    return new OvsdbException(
        Reason.INTERFACE, "ovs-vswitchd cannot attach interface " + interfaceName + ": " + error);
  }

  /** Replaces everything by the first answer of a monitor. */
  void reset(TableUpdates initial) {
    publish(Snapshot.EMPTY, initial);
  }

  /** Applies one update of the monitor. */
  void apply(TableUpdates updates) {
    publish(snapshot, updates);
  }

  void close() {
    lock.lock();
    try {
      closed = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    dispatcher.interrupt();
  }

  private void publish(Snapshot before, TableUpdates updates) {
    Map<UUID, OpenVSwitchRow> roots = new HashMap<>();
    before.openVSwitch().ifPresent(row -> roots.put(row.uuid(), row));
    Snapshot next =
        new Snapshot(
            merge(roots, updates, "Open_vSwitch", OpenVSwitchRow::read).values().stream()
                .findFirst(),
            merge(before.bridges(), updates, "Bridge", BridgeRow::read),
            merge(before.ports(), updates, "Port", PortRow::read),
            merge(before.interfaces(), updates, "Interface", InterfaceRow::read));
    lock.lock();
    try {
      snapshot = next;
      version++;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @SuppressWarnings(
      "unchecked") // The library's updates are raw; all tables are read with the generic schema.
  private static <T> Map<UUID, T> merge(
      Map<UUID, T> before, TableUpdates updates, String table, Function<RowReader, T> read) {
    TableUpdate<GenericTableSchema> update = updates.getUpdates().get(table);
    if (update == null) {
      return before;
    }
    Map<UUID, T> rows = new HashMap<>(before);
    update
        .getRows()
        .forEach((id, change) -> {
          UUID uuid = UUID.fromString(id.toString());
          Row<GenericTableSchema> row = change.getNew();
          if (row == null) {
            rows.remove(uuid);
          } else {
            rows.put(uuid, read.apply(new RowReader(uuid, row)));
          }
        });
    return rows;
  }

  private void dispatch() {
    long delivered = 0;
    while (true) {
      Snapshot next;
      lock.lock();
      try {
        while (version == delivered && !closed) {
          changed.await();
        }
        if (closed) {
          return;
        }
        delivered = version;
        next = snapshot;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      } finally {
        lock.unlock();
      }
      for (Consumer<Snapshot> listener : listeners) {
        try {
          listener.accept(next);
        } catch (RuntimeException e) {
          // One listener's failure must not keep the others, or the next snapshot, from being told.
          LOG.error("a listener of the OVSDB cache failed: {}", listener.getClass().getName(), e);
        }
      }
    }
  }
}
