package io.seine.agent.host;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the userspace datapath forget, after a change of the switch's flows, what it cached of those
 * before.
 *
 * <p>After a change Open vSwitch goes through its cached flows (megaflows) and corrects those that
 * would do something else now. The userspace datapath of some releases finds the one to correct by
 * its key (ovs lib/dpif-netdev.c, flow_put_on_pmd; seen in 3.1, not in 3.5): of two that overlap it
 * may take the other one, and the one that is meant goes on as before for as long as it has
 * traffic. Two overlap when flows that looked closer were there when one was made and not when the
 * other was, that is, after one change at the earliest. What is forgotten after each change cannot
 * be mistaken at the next one.
 *
 * <p>The kernel's datapath finds them by their ids and needs none of this. Safe for any thread;
 * what {@link #outdate} asks for is done on its own.
 */
public final class CachedFlows implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CachedFlows.class);
  private static final Pattern VERSION = Pattern.compile("\\(Open vSwitch\\) (\\d+)\\.(\\d+)");
  private static final Duration LEAST_REST = Duration.ofMillis(100);
  private static final Duration AGAIN = Duration.ofSeconds(2);

  /** What is forgotten is made anew with the next packet, which takes longer than forgetting it. */
  private static final int REST = 20;

  private final Unixctl vswitchd;
  private final boolean userspace;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition work = lock.newCondition();
  private final Thread thread = Thread.ofVirtual().name("cached flows").unstarted(this::run);

  // Guarded by the lock.
  private boolean outdated;

  /**
   * @param userspace whether the bridges of vswitchd have the userspace datapath
   */
  public CachedFlows(Unixctl vswitchd, boolean userspace) {
    this.vswitchd = vswitchd;
    this.userspace = userspace;
  }

  /** From now on {@link #outdate} is attended to. */
  public void start() {
    thread.start();
  }

  /**
   * Waits until nothing goes by what was cached of flows that changed before.
   *
   * @throws IOException if ovs-vswitchd cannot be asked
   */
  public void settle() throws IOException {
    var _ = vswitchd.call(mistakesFlows() ? "revalidator/purge" : "revalidator/wait");
  }

  /** The switch has other flows than before. Returns at once; several changes count as one. */
  public void outdate() {
    lock.lock();
    try {
      outdated = true;
      work.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void run() {
    try {
      while (true) {
        TimeUnit.NANOSECONDS.sleep(turn());
      }
    } catch (InterruptedException e) {
      LOG.debug("cached flows are left alone from now on");
    }
  }

  /** Waits for something to do and does it; returns how many nanoseconds to rest. */
  private long turn() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (!outdated) {
        work.await();
      }
      outdated = false;
    } finally {
      lock.unlock();
    }
    try {
      long start = System.nanoTime();
      if (mistakesFlows()) {
        var _ = vswitchd.call("revalidator/purge");
      }
      return Math.max(LEAST_REST.toNanos(), (System.nanoTime() - start) * REST);
    } catch (IOException e) {
      LOG.warn("cached flows may outlive a change; tried again: {}", e.getMessage());
      outdate();
      return AGAIN.toNanos();
    }
  }

  /** Asked each time, since Open vSwitch may be another one after a restart. */
  private boolean mistakesFlows() throws IOException {
    return userspace && mistakesFlows(vswitchd.call("version"));
  }

  /**
   * Whether the userspace datapath may correct a flow in place of another; of a version that cannot
   * be read it is assumed.
   *
   * @param version as ovs-vswitchd says it
   */
  static boolean mistakesFlows(String version) {
    Matcher matcher = VERSION.matcher(version);
    if (!matcher.find()) {
      return true;
    }
    int major = Integer.parseInt(matcher.group(1));
    return major < 3 || (major == 3 && Integer.parseInt(matcher.group(2)) < 5);
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
