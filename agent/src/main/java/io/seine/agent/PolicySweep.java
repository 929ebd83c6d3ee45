package io.seine.agent;

import io.seine.agent.sweep.UdpSweep;
import io.seine.openflow.Ip;
import io.seine.openflow.SwitchException;
import io.seine.pipeline.LocalPod;
import io.seine.pipeline.Owner;
import io.seine.pipeline.policy.PodId;
import io.seine.reconcile.InstallException;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the UDP connections of pods judged again whose policies have changed, once the switch has the
 * change. What comes while it is at work is done together, and it leaves the switch alone for
 * several times as long as it has kept it busy. What fails is tried again. Safe for any thread; the
 * work is done on its own.
 */
final class PolicySweep implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PolicySweep.class);
  private static final Duration INSTALLED = Duration.ofSeconds(30);
  private static final Duration AGAIN = Duration.ofSeconds(2);
  private static final int REST = 5;

  /** Waits for flows to be in the switch. */
  interface Installed {
    void await(Collection<Owner> owners, Duration timeout)
        throws InstallException, InterruptedException;
  }

  /** Asks the switch again. */
  interface Sweeper {
    UdpSweep.Result sweep(Set<Ip> concerned, Map<Ip, Integer> local)
        throws IOException, SwitchException, InterruptedException;
  }

  private final Installed installed;
  private final Sweeper sweeper;
  private final Supplier<List<LocalPod>> local;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition work = lock.newCondition();
  private final AtomicLong asked = new AtomicLong();

  // Guarded by the lock.
  private Set<PodId> pods = new HashSet<>();
  private Set<Owner> owners = new HashSet<>();

  private final Thread thread = Thread.ofVirtual().name("policy sweep").unstarted(this::run);

  /**
   * @param local the pods of this node as they are
   */
  PolicySweep(Installed installed, Sweeper sweeper, Supplier<List<LocalPod>> local) {
    this.installed = installed;
    this.sweeper = sweeper;
    this.local = local;
  }

  void start() {
    thread.start();
  }

  /**
   * Connections of these pods may be judged otherwise from when these owners' flows are there.
   * Returns at once.
   */
  void judgedAnew(Collection<PodId> changed, Collection<Owner> with) {
    lock.lock();
    try {
      pods.addAll(changed);
      owners.addAll(with);
      work.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** About how many connections the switch has been asked again. */
  long asked() {
    return asked.get();
  }

  private void run() {
    try {
      while (true) {
        TimeUnit.NANOSECONDS.sleep(turn());
      }
    } catch (InterruptedException e) {
      LOG.debug("no more connections are asked about");
    }
  }

  /** Does what there is, or waits for something; returns how many nanoseconds to rest. */
  private long turn() throws InterruptedException {
    Set<PodId> changed;
    Set<Owner> with;
    lock.lockInterruptibly();
    try {
      while (pods.isEmpty()) {
        work.await();
      }
      changed = pods;
      with = owners;
      pods = new HashSet<>();
      owners = new HashSet<>();
    } finally {
      lock.unlock();
    }
    try {
      installed.await(with, INSTALLED);
      long start = System.nanoTime();
      sweep(changed);
      return (System.nanoTime() - start) * REST;
    } catch (InstallException | IOException | SwitchException e) {
      LOG.warn("UDP connections are judged again later: {}", e.getMessage());
    } catch (RuntimeException e) {
      LOG.error("UDP connections could not be judged again; tried again later", e);
    }
    judgedAnew(changed, with);
    return AGAIN.toNanos();
  }

  private void sweep(Set<PodId> changed) throws IOException, SwitchException, InterruptedException {
    Map<Ip, Integer> ports = new HashMap<>();
    Set<Ip> concerned = new HashSet<>();
    for (LocalPod pod : local.get()) {
      for (Ip address : pod.addresses()) {
        ports.put(address, pod.ofport());
        if (changed.contains(new PodId(pod.namespace(), pod.name()))) {
          concerned.add(address);
        }
      }
    }
    UdpSweep.Result result = sweeper.sweep(concerned, ports);
    asked.addAndGet(result.asked());
    if (result.left() > 0) {
      LOG.warn(
          "some UDP connections were not judged again after a change of policy: asked={} left={}",
          result.asked(),
          result.left());
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
