package io.seine.cli.bench;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Runs a program to its end by posix_spawn(3) and waitpid(2), and nothing else: {@link
 * ProcessBuilder} starts a helper program first, which costs as much as what is measured here. The
 * process is in the network namespace of the calling thread.
 */
final class Spawn {
  private static final Linker LINKER = Linker.nativeLinker();
  private static final MethodHandle POSIX_SPAWN =
      bind(
          "posix_spawn",
          FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS));
  private static final MethodHandle ACTIONS_INIT =
      bind("posix_spawn_file_actions_init", FunctionDescriptor.of(JAVA_INT, ADDRESS));
  private static final MethodHandle ACTIONS_OPEN =
      bind(
          "posix_spawn_file_actions_addopen",
          FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT));
  private static final MethodHandle WAITPID =
      bind("waitpid", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));
  private static final int FILE_ACTIONS_SIZE = 80; // posix_spawn_file_actions_t of glibc and musl
  private static final int READ_ONLY = 0;
  private static final int CREATE_TRUNCATED = 01 | 0100 | 01000;
  private static final int OWNER_ONLY = 0600;

  private Spawn() {}

  /**
   * How it ended.
   *
   * @param exit the exit status; 128 and more for a signal
   * @param milliseconds from just before the process was made until it had ended
   */
  record Outcome(int exit, double milliseconds) {}

  /**
   * Runs one program, with no argument but its name.
   *
   * @param environment all of it
   * @param stdin a file that it reads
   * @param stdout a file that it writes, truncated first; its standard error goes there too
   * @throws IllegalStateException if it cannot be started
   */
  static Outcome run(Path program, Map<String, String> environment, Path stdin, Path stdout) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment actions = arena.allocate(FILE_ACTIONS_SIZE, 8);
      check((int) ACTIONS_INIT.invokeExact(actions), "posix_spawn_file_actions_init");
      open(actions, 0, arena.allocateFrom(stdin.toString()), READ_ONLY);
      open(actions, 1, arena.allocateFrom(stdout.toString()), CREATE_TRUNCATED);
      MemorySegment path = arena.allocateFrom(program.toString());
      MemorySegment argv = strings(arena, List.of(program.toString()));
      MemorySegment envp =
          strings(
              arena,
              environment.entrySet().stream().map(e -> e.getKey() + "=" + e.getValue()).toList());
      MemorySegment pid = arena.allocate(JAVA_INT);
      MemorySegment status = arena.allocate(JAVA_INT);
      long start = System.nanoTime();
      check(
          (int) POSIX_SPAWN.invokeExact(pid, path, actions, MemorySegment.NULL, argv, envp),
          "posix_spawn of " + program);
      int ended = (int) WAITPID.invokeExact(pid.get(JAVA_INT, 0), status, 0);
      double took = (System.nanoTime() - start) / 1e6;
      if (ended < 0) {
        throw new IllegalStateException("waitpid failed for " + program);
      }
      return new Outcome(exit(status.get(JAVA_INT, 0)), took);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new LinkageError("posix_spawn cannot be called", e);
    }
  }

  private static void open(MemorySegment actions, int fd, MemorySegment path, int flags)
      throws Throwable {
    check(
        (int) ACTIONS_OPEN.invokeExact(actions, fd, path, flags, OWNER_ONLY),
        "posix_spawn_file_actions_addopen");
  }

  private static MemorySegment strings(Arena arena, List<String> strings) {
    MemorySegment array = arena.allocate(ADDRESS, strings.size() + 1L);
    for (int i = 0; i < strings.size(); i++) {
      array.setAtIndex(ADDRESS, i, arena.allocateFrom(strings.get(i)));
    }
    return array;
  }

  private static int exit(int status) {
    int signal = status & 0x7f;
    return signal == 0 ? (status >> 8) & 0xff : 128 + signal;
  }

  private static void check(int error, String what) {
    if (error != 0) {
      throw new IllegalStateException(what + " failed, errno " + error);
    }
  }

  private static MethodHandle bind(String name, FunctionDescriptor descriptor) {
    return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), descriptor);
  }
}
