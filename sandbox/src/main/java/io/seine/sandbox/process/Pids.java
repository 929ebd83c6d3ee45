package io.seine.sandbox.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.Optional;
import java.util.OptionalLong;

/** Processes known by number. A number is trusted only with a word of its command line. */
public final class Pids {
  private static final Duration EXEC = Duration.ofMillis(100);
  private static final Duration GRACE = Duration.ofSeconds(3);

  private Pids() {}

  /** The process of a pid file, if it runs and its command line contains the given text. */
  public static OptionalLong running(Path pidFile, String inCommandLine) {
    try {
      long pid = Long.parseLong(Files.readString(pidFile).strip());
      return runs(pid, inCommandLine) ? OptionalLong.of(pid) : OptionalLong.empty();
    } catch (IOException | NumberFormatException e) {
      return OptionalLong.empty();
    }
  }

  /** Whether the process of a pid file is there, whatever it is by now. */
  public static boolean isAlive(Path pidFile) {
    try {
      return isAlive(Long.parseLong(Files.readString(pidFile).strip()));
    } catch (IOException | NumberFormatException e) {
      return false;
    }
  }

  public static boolean runs(long pid, String inCommandLine) {
    // For a moment of each exec(2) a process has no command line at all.
    var _ = Waiting.until(EXEC, () -> !isAlive(pid) || !commandLine(pid).isEmpty());
    return isAlive(pid) && commandLine(pid).contains(inCommandLine);
  }

  /** The command line, words separated by blanks; empty when there is no such process. */
  public static String commandLine(long pid) {
    try {
      byte[] raw = Files.readAllBytes(Path.of("/proc/" + pid + "/cmdline"));
      return new String(raw, StandardCharsets.UTF_8).replace('\0', ' ').strip();
    } catch (IOException e) {
      return "";
    }
  }

  public static boolean isAlive(long pid) {
    Optional<ProcessHandle> handle = ProcessHandle.of(pid);
    return handle.isPresent() && handle.get().isAlive() && !isZombie(pid);
  }

  /** Asks the processes to end, and kills those that have not after three seconds. */
  public static void end(Collection<Long> pids) {
    end(pids, GRACE);
  }

  /** As {@link #end(Collection)}, with another patience. */
  public static void end(Collection<Long> pids, Duration grace) {
    pids.forEach(pid -> signal(pid, "TERM"));
    if (!awaitEnd(pids, grace)) {
      pids.stream().filter(Pids::isAlive).forEach(pid -> signal(pid, "KILL"));
      awaitEnd(pids, GRACE);
    }
  }

  /** Sends a signal, named without SIG; a process that is gone already is no error. */
  public static void signal(long pid, String signal) {
    Commands.run(java.util.List.of("kill", "-" + signal, Long.toString(pid)));
  }

  /** Waits until all are gone; false if some are not when the time is up. */
  public static boolean awaitEnd(Collection<Long> pids, Duration limit) {
    return Waiting.until(limit, () -> pids.stream().noneMatch(Pids::isAlive));
  }

  private static boolean isZombie(long pid) {
    try {
      String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
      return stat.substring(stat.lastIndexOf(')') + 1).strip().startsWith("Z");
    } catch (IOException e) {
      return true;
    }
  }
}
