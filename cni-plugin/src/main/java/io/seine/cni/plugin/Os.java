package io.seine.cni.plugin;

import org.jspecify.annotations.Nullable;

/**
 * What the plugin needs of the operating system. The executable uses {@code NativeOs}; tests bring
 * their own.
 */
interface Os {
  /** The bytes of an environment variable; null when it is not set. */
  byte @Nullable [] environment(String name);

  /** A clock that never goes back, in nanoseconds from an arbitrary origin. */
  long nanoTime();

  /**
   * Reads standard input to its end.
   *
   * @param limit the most bytes to return; more input than that is reported by returning {@code
   *     limit + 1} bytes
   */
  byte[] readInput(int limit, Deadline deadline) throws OsException;

  /** Connects to a Unix socket. */
  Transport connect(String path, Deadline deadline) throws OsException;

  /** Makes a directory for root alone; no error when it is there. */
  void makeDirectory(String path) throws OsException;

  /**
   * Puts a file in place in one step, on disk when this returns: readers see the old content or the
   * new, never a part.
   */
  void replaceFile(String directory, String name, byte[] content) throws OsException;

  /** Removes a file; no error when there is none. */
  void removeFile(String path);
}
