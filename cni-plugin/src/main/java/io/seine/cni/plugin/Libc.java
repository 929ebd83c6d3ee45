package io.seine.cni.plugin;

import org.teavm.interop.Address;
import org.teavm.interop.Import;
import org.teavm.interop.Unmanaged;
import org.teavm.interop.c.Include;

/**
 * The C library functions that the executable uses, by their C names and with their C meaning.
 * Pointers into Java arrays are valid only during the call they are made for: nothing may allocate
 * in between, because the collector moves arrays.
 */
final class Libc {
  static final int EINTR = 4;
  static final int EAGAIN = 11;
  static final int EEXIST = 17;

  static final int AF_UNIX = 1;
  static final int SOCK_STREAM = 1;
  static final int SOCK_CLOEXEC = 0x80000;
  static final int SOL_SOCKET = 1;
  static final int SO_SNDTIMEO = 21;
  static final int MSG_DONTWAIT = 0x40;
  static final int MSG_NOSIGNAL = 0x4000;

  static final int POLLIN = 1;
  static final int POLLOUT = 4;

  static final int O_RDONLY = 0;
  static final int O_WRONLY = 1;
  static final int O_CREAT = 0x40;
  static final int O_EXCL = 0x80;
  static final int O_CLOEXEC = 0x80000;

  static final int CLOCK_MONOTONIC = 1;
  static final int SIGPIPE = 13;

  /** The handler value SIG_IGN. */
  static final int SIG_IGN = 1;

  private Libc() {}

  @Import(name = "__errno_location")
  @Include("errno.h")
  @Unmanaged
  static native Address errnoLocation();

  @Import(name = "strerror")
  @Include("string.h")
  @Unmanaged
  static native Address strerror(int error);

  @Import(name = "getenv")
  @Include("stdlib.h")
  @Unmanaged
  static native Address getenv(Address name);

  @Import(name = "strlen")
  @Include("string.h")
  @Unmanaged
  static native long strlen(Address string);

  @Import(name = "memcpy")
  @Include("string.h")
  @Unmanaged
  static native Address memcpy(Address to, Address from, long length);

  @Import(name = "clock_gettime")
  @Include("time.h")
  @Unmanaged
  static native int clockGettime(int clock, Address timespec);

  @Import(name = "signal")
  @Include("signal.h")
  @Unmanaged
  static native Address signal(int number, Address handler);

  @Import(name = "_exit")
  @Include("unistd.h")
  @Unmanaged
  static native void exit(int status);

  @Import(name = "getpid")
  @Include("unistd.h")
  @Unmanaged
  static native int getpid();

  @Import(name = "socket")
  @Include("sys/socket.h")
  @Unmanaged
  static native int socket(int family, int type, int protocol);

  @Import(name = "setsockopt")
  @Include("sys/socket.h")
  @Unmanaged
  static native int setsockopt(int fd, int level, int option, Address value, int length);

  @Import(name = "connect")
  @Include("sys/socket.h")
  @Unmanaged
  static native int connect(int fd, Address address, int length);

  @Import(name = "recv")
  @Include("sys/socket.h")
  @Unmanaged
  static native long recv(int fd, Address buffer, long length, int flags);

  @Import(name = "send")
  @Include("sys/socket.h")
  @Unmanaged
  static native long send(int fd, Address buffer, long length, int flags);

  @Import(name = "poll")
  @Include("poll.h")
  @Unmanaged
  static native int poll(Address pollfds, long count, int timeoutMillis);

  @Import(name = "read")
  @Include("unistd.h")
  @Unmanaged
  static native long read(int fd, Address buffer, long length);

  @Import(name = "write")
  @Include("unistd.h")
  @Unmanaged
  static native long write(int fd, Address buffer, long length);

  @Import(name = "open")
  @Include("fcntl.h")
  @Unmanaged
  static native int open(Address path, int flags, int mode);

  @Import(name = "close")
  @Include("unistd.h")
  @Unmanaged
  static native int close(int fd);

  @Import(name = "fsync")
  @Include("unistd.h")
  @Unmanaged
  static native int fsync(int fd);

  @Import(name = "mkdir")
  @Include("sys/stat.h")
  @Unmanaged
  static native int mkdir(Address path, int mode);

  @Import(name = "rename")
  @Include("stdio.h")
  @Unmanaged
  static native int rename(Address from, Address to);

  @Import(name = "unlink")
  @Include("unistd.h")
  @Unmanaged
  static native int unlink(Address path);
}
