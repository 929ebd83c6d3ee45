package io.seine.agent.host;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the node's own network as the newest facts say: on every change, and again every period in
 * case someone altered it. One thread does the work and owns {@link HostNetwork} and {@link
 * PacketFilter}; a failed attempt is repeated until it succeeds or newer facts take its place.
 */
public final class HostKeeper implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(HostKeeper.class);
  private static final Duration RETRY = Duration.ofSeconds(1);

  /** Is told what came of each attempt, on the keeper's thread; must not block nor throw. */
  public interface Listener {
    /** All is as desired; {@code changes} had to be made for that, and may be none. */
    void applied(HostFacts facts, List<String> changes);

    /** It could not be made so; it will be tried again. */
    void failed(String problem);
  }

  private final HostNetwork network;
  private final PacketFilter filter;
  private final String gatewayPort;
  private final int deviceGroup;
  private final Duration period;
  private final Listener listener;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private Optional<HostFacts> wanted = Optional.empty();
  private Optional<HostFacts> done = Optional.empty();
  private boolean again;
  private boolean closed;
  private final Thread owner;

  /**
   * Starts the thread; nothing is done before the first facts.
   *
   * @param deviceGroup group of the host's ends of pods, see {@link FilterRules}
   * @param period between two looks when nothing changes
   */
  public HostKeeper(
      HostNetwork network,
      PacketFilter filter,
      String gatewayPort,
      int deviceGroup,
      Duration period,
      Listener listener) {
    this.network = network;
    this.filter = filter;
    this.gatewayPort = gatewayPort;
    this.deviceGroup = deviceGroup;
    this.period = period;
    this.listener = listener;
    this.owner = Thread.ofVirtual().name("host-keeper").start(this::run);
  }

  /** Takes newer facts; returns at once. */
  public void update(HostFacts facts) {
    lock.lock();
    try {
      wanted = Optional.of(facts);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Compares again at once, as after the switch has made its devices anew; returns at once. */
  public void look() {
    lock.lock();
    try {
      again = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits until the newest facts are in force.
   *
   * @return whether they are, within {@code timeout}
   */
  public boolean awaitApplied(Duration timeout) throws InterruptedException {
    long left = timeout.toNanos();
    lock.lock();
    try {
      while (wanted.isEmpty() || !done.equals(wanted)) {
        if (left <= 0 || closed) {
          return false;
        }
        left = changed.awaitNanos(left);
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Ends the thread. Routes and rules stay as they are. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    owner.interrupt();
    try {
      owner.join(Duration.ofSeconds(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    try {
      HostFacts facts = first();
      while (true) {
        boolean applied = apply(facts);
        facts = next(facts, applied ? period : RETRY);
      }
    } catch (InterruptedException e) {
      LOG.debug("the host keeper ends");
    }
  }

  private boolean apply(HostFacts facts) throws InterruptedException {
    try {
      List<String> changes = new ArrayList<>();
      // Rules first: they isolate the pods' devices, whatever becomes of the routes.
      if (filter.reconcile(FilterRules.render(facts, gatewayPort, deviceGroup))) {
        changes.add("packet filter rules replaced");
      }
      changes.addAll(network.reconcile(facts));
      if (!changes.isEmpty()) {
        LOG.info("host network: {}", String.join("; ", changes));
      }
      listener.applied(facts, List.copyOf(changes));
      lock.lock();
      try {
        done = Optional.of(facts);
        changed.signalAll();
      } finally {
        lock.unlock();
      }
      return true;
    } catch (IOException e) {
      LOG.warn("the host network is not as it should be: {}", e.getMessage());
      listener.failed(String.valueOf(e.getMessage()));
      return false;
    }
  }

  private HostFacts first() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (wanted.isEmpty()) {
        changed.await();
      }
      return wanted.get();
    } finally {
      lock.unlock();
    }
  }

  private HostFacts next(HostFacts current, Duration pause) throws InterruptedException {
    long left = TimeUnit.NANOSECONDS.convert(pause);
    lock.lockInterruptibly();
    try {
      while (wanted.equals(Optional.of(current)) && left > 0 && !again) {
        left = changed.awaitNanos(left);
      }
      again = false;
      if (closed) {
        throw new InterruptedException("closed");
      }
      return wanted.orElse(current);
    } finally {
      lock.unlock();
    }
  }
}
