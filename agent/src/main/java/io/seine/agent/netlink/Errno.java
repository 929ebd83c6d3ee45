package io.seine.agent.netlink;

import java.util.Map;

/** The Linux error numbers the agent tells apart or explains. */
public final class Errno {
  public static final int EPERM = 1;
  public static final int ENOENT = 2;
  public static final int ESRCH = 3;
  public static final int EINTR = 4;
  public static final int EAGAIN = 11;
  public static final int EACCES = 13;
  public static final int EBUSY = 16;
  public static final int EEXIST = 17;
  public static final int ENODEV = 19;
  public static final int EINVAL = 22;
  public static final int EOPNOTSUPP = 95;
  public static final int EAFNOSUPPORT = 97;
  public static final int EADDRNOTAVAIL = 99;
  public static final int ENETUNREACH = 101;
  public static final int ENOBUFS = 105;

  private static final Map<Integer, String> TEXT =
      Map.ofEntries(
          Map.entry(EPERM, "EPERM, not permitted: the agent needs CAP_NET_ADMIN and CAP_SYS_ADMIN"),
          Map.entry(ENOENT, "ENOENT, no such entry"),
          Map.entry(ESRCH, "ESRCH, no such entry"),
          Map.entry(EINTR, "EINTR, interrupted"),
          Map.entry(9, "EBADF, bad file descriptor"),
          Map.entry(EAGAIN, "EAGAIN, no answer in time"),
          Map.entry(12, "ENOMEM, out of memory"),
          Map.entry(EACCES, "EACCES, access denied"),
          Map.entry(EBUSY, "EBUSY, busy"),
          Map.entry(EEXIST, "EEXIST, it exists already"),
          Map.entry(ENODEV, "ENODEV, no such device"),
          Map.entry(20, "ENOTDIR, not a directory"),
          Map.entry(EINVAL, "EINVAL, invalid argument"),
          Map.entry(24, "EMFILE, too many open files"),
          Map.entry(28, "ENOSPC, no space left"),
          Map.entry(34, "ERANGE, out of range"),
          Map.entry(EOPNOTSUPP, "EOPNOTSUPP, not supported by this kernel"),
          Map.entry(EAFNOSUPPORT, "EAFNOSUPPORT, the kernel has no such address family"),
          Map.entry(EADDRNOTAVAIL, "EADDRNOTAVAIL, no such address"),
          Map.entry(100, "ENETDOWN, the link is down"),
          Map.entry(ENETUNREACH, "ENETUNREACH, the next hop is unreachable"),
          Map.entry(ENOBUFS, "ENOBUFS, no buffer space"),
          Map.entry(113, "EHOSTUNREACH, no route to host"));

  private Errno() {}

  /** Name and meaning, as {@code EEXIST, it exists already}; numbers not listed as "errno 77". */
  public static String describe(int errno) {
    return TEXT.getOrDefault(errno, "errno " + errno);
  }
}
