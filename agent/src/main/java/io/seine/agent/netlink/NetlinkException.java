package io.seine.agent.netlink;

import java.io.IOException;

/**
 * The kernel refused. The message says what was asked, of which link or namespace, the error
 * number's name, and the kernel's own explanation where it gave one.
 */
public final class NetlinkException extends IOException {
  private static final long serialVersionUID = 1L;

  private final int errno;

  /**
   * @param what what was being done, as {@code create veth pair a/b}
   * @param errno the positive error number
   * @param explanation the kernel's extended acknowledgement; empty if it gave none
   */
  public NetlinkException(String what, int errno, String explanation) {
    super(
        "cannot "
            + what
            + ": "
            + Errno.describe(errno)
            + (explanation.isEmpty() ? "" : " (kernel: " + explanation + ")"));
    this.errno = errno;
  }

  /** The positive Linux error number; see {@link Errno}. */
  public int errno() {
    return errno;
  }

  /** Whether the thing named does not exist (any more). */
  public boolean isNotFound() {
    return errno == Errno.ENODEV
        || errno == Errno.ENOENT
        || errno == Errno.ESRCH
        || errno == Errno.EADDRNOTAVAIL;
  }

  /** Whether the thing to be made exists already. */
  public boolean isExists() {
    return errno == Errno.EEXIST;
  }
}
