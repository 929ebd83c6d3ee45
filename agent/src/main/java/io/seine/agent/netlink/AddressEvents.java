package io.seine.agent.netlink;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Tells that some address of some device came or went; which, is to be asked of {@link Netlink}.
 * One thread waits, and it had better be a platform thread; any thread may close.
 */
public final class AddressEvents implements AutoCloseable {
  private static final int RTMGRP_IPV4_IFADDR = 0x10;
  private static final int RTMGRP_IPV6_IFADDR = 0x100;
  private static final int RECEIVE_BUFFER = 8 * 1024;

  /** How long a read may block, and so a close. */
  private static final long STEP_MILLIS = 500;

  private final int fd;
  private final ReentrantLock lock = new ReentrantLock();
  private volatile boolean closing;
  private boolean closed;

  private AddressEvents(int fd) {
    this.fd = fd;
  }

  /** Listens in the namespace of the calling thread, from now on. */
  public static AddressEvents open() throws NetlinkException {
    int groups = RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR;
    return new AddressEvents(NetlinkSocket.descriptor(Rtnl.NETLINK_ROUTE, groups, STEP_MILLIS));
  }

  /**
   * Waits for a change, for {@code longest} at most.
   *
   * @return whether there was one, or so many that not all were heard; false at once if closed
   */
  public boolean await(Duration longest) throws NetlinkException {
    long end = System.nanoTime() + longest.toNanos();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment buffer = arena.allocate(RECEIVE_BUFFER);
      do {
        // Or else the waiter, who takes the lock again at once, could keep a closer out for long.
        if (closing) {
          return false;
        }
        lock.lock();
        try {
          if (closed) {
            return false;
          }
          int _ = Libc.recv(fd, buffer, "wait for changes of addresses");
          return true;
        } catch (NetlinkException e) {
          if (e.errno() == Errno.ENOBUFS) {
            return true;
          }
          if (e.errno() != Errno.EAGAIN && e.errno() != Errno.EINTR) {
            throw e;
          }
        } finally {
          lock.unlock();
        }
      } while (System.nanoTime() - end < 0);
    }
    return false;
  }

  @Override
  public void close() throws NetlinkException {
    closing = true;
    lock.lock();
    try {
      if (!closed) {
        closed = true;
        Libc.close(fd, "close a netlink socket");
      }
    } finally {
      lock.unlock();
    }
  }
}
