package io.seine.cni.plugin;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.teavm.interop.Address;

/**
 * Linux, through the C library. Structures are laid out as 64-bit Linux has them. A pointer into a
 * Java array is taken only after everything that allocates is done, because the collector moves
 * arrays.
 */
final class NativeOs implements Os {
  private static final int CHUNK = 16 << 10;

  /** A pipe that polls writable takes this much without blocking (POSIX PIPE_BUF). */
  private static final int PIPE_CHUNK = 4096;

  private static final int NANOS_PER_SECOND = 1_000_000_000;
  private static final int DIRECTORY_MODE = 0700;
  private static final int FILE_MODE = 0600;

  @Override
  public byte @Nullable [] environment(String name) {
    byte[] key = cString(name);
    Address value = Libc.getenv(Address.ofData(key));
    return value.toLong() == 0 ? null : bytes(value);
  }

  @Override
  public long nanoTime() {
    byte[] timespec = new byte[16];
    Libc.clockGettime(Libc.CLOCK_MONOTONIC, Address.ofData(timespec));
    Address at = Address.ofData(timespec);
    return at.getLong() * NANOS_PER_SECOND + at.add(8).getLong();
  }

  @Override
  public byte[] readInput(int limit, Deadline deadline) throws OsException {
    ByteWriter input = new ByteWriter(CHUNK);
    byte[] chunk = new byte[CHUNK];
    while (input.size() <= limit) {
      await(0, Libc.POLLIN, "reading standard input", deadline);
      int most = Math.min(chunk.length, limit + 1 - input.size());
      long count = Libc.read(0, Address.ofData(chunk), most);
      int error = errno();
      if (count == 0) {
        break;
      } else if (count > 0) {
        input.put(chunk, 0, (int) count);
      } else if (error != Libc.EINTR && error != Libc.EAGAIN) {
        throw failed("reading standard input", error);
      }
    }
    return input.toByteArray();
  }

  /** Writes to standard output; false when it cannot be written by the deadline. */
  boolean print(byte[] text, Deadline deadline) {
    int done = 0;
    while (done < text.length) {
      try {
        await(1, Libc.POLLOUT, "writing standard output", deadline);
      } catch (OsException e) {
        return false;
      }
      int length = Math.min(PIPE_CHUNK, text.length - done);
      long count = Libc.write(1, Address.ofData(text).add(done), length);
      int error = errno();
      if (count < 0 && error != Libc.EINTR && error != Libc.EAGAIN) {
        return false;
      }
      done += (int) Math.max(0, count);
    }
    return true;
  }

  @Override
  public Transport connect(String path, Deadline deadline) throws OsException {
    return NativeSocket.connect(path, deadline);
  }

  @Override
  public void makeDirectory(String path) throws OsException {
    byte[] name = cString(path);
    if (Libc.mkdir(Address.ofData(name), DIRECTORY_MODE) != 0 && errno() != Libc.EEXIST) {
      throw failed("making the directory " + path, errno());
    }
  }

  @Override
  public void replaceFile(String directory, String name, byte[] content) throws OsException {
    String draft = directory + "/." + Libc.getpid() + "-" + nanoTime();
    byte[] from = cString(draft);
    byte[] to = cString(directory + "/" + name);
    int flags = Libc.O_WRONLY | Libc.O_CREAT | Libc.O_EXCL | Libc.O_CLOEXEC;
    int fd = Libc.open(Address.ofData(from), flags, FILE_MODE);
    if (fd < 0) {
      throw failed("creating " + draft, errno());
    }
    int error = writeAndSync(fd, content);
    if (error == 0 && Libc.rename(Address.ofData(from), Address.ofData(to)) != 0) {
      error = errno();
    }
    if (error != 0) {
      Libc.unlink(Address.ofData(from));
      throw failed("writing " + directory + "/" + name, error);
    }
    syncDirectory(directory);
  }

  @Override
  public void removeFile(String path) {
    byte[] name = cString(path);
    Libc.unlink(Address.ofData(name));
  }

  /** Writes, brings to disk and closes; 0 or the error number. */
  private static int writeAndSync(int fd, byte[] content) {
    int error = 0;
    int done = 0;
    while (done < content.length && error == 0) {
      long count = Libc.write(fd, Address.ofData(content).add(done), content.length - done);
      if (count >= 0) {
        done += (int) count;
      } else if (errno() != Libc.EINTR) {
        error = errno();
      }
    }
    if (error == 0 && Libc.fsync(fd) != 0) {
      error = errno();
    }
    Libc.close(fd);
    return error;
  }

  /** The new name is on disk only when the directory is. */
  private static void syncDirectory(String directory) throws OsException {
    byte[] name = cString(directory);
    int fd = Libc.open(Address.ofData(name), Libc.O_RDONLY | Libc.O_CLOEXEC, 0);
    if (fd < 0) {
      throw failed("opening " + directory, errno());
    }
    int result = Libc.fsync(fd);
    int error = errno();
    Libc.close(fd);
    if (result != 0) {
      throw failed("bringing " + directory + " to disk", error);
    }
  }

  /**
   * Waits until the descriptor can be read or written, or is at fault, which the following call
   * then reports.
   */
  static void await(int fd, int events, String what, Deadline deadline) throws OsException {
    byte[] pollfd = new byte[8];
    while (true) {
      int millis = deadline.remainingMillis();
      if (millis == 0) {
        throw OsException.timedOut(what, deadline);
      }
      Address at = Address.ofData(pollfd);
      at.putInt(fd);
      at.add(4).putShort((short) events);
      int ready = Libc.poll(at, 1, millis);
      if (ready > 0) {
        return;
      }
      if (ready < 0 && errno() != Libc.EINTR) {
        throw failed(what, errno());
      }
    }
  }

  static int errno() {
    return Libc.errnoLocation().getInt();
  }

  static OsException failed(String what, int error) {
    return OsException.failed(
        what, new String(bytes(Libc.strerror(error)), StandardCharsets.UTF_8));
  }

  /** The text with the NUL that C wants at the end. */
  static byte[] cString(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return Arrays.copyOf(bytes, bytes.length + 1);
  }

  private static byte[] bytes(Address string) {
    byte[] copy = new byte[(int) Libc.strlen(string)];
    Libc.memcpy(Address.ofData(copy), string, copy.length);
    return copy;
  }
}
