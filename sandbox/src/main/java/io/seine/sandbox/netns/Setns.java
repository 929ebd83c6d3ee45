package io.seine.sandbox.netns;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * setns(2) from Java. Each call runs on a platform thread of its own that ends inside the foreign
 * namespace: nothing has to be switched back, so no failure can leave a shared thread astray.
 */
final class Setns {
  private static final int O_RDONLY_CLOEXEC = 0x80000;
  private static final int CLONE_NEWNET = 0x40000000;
  private static final Linker LINKER = Linker.nativeLinker();
  private static final StructLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
  private static final MethodHandle OPEN =
      bind(
          "open",
          FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT),
          Linker.Option.firstVariadicArg(2),
          Linker.Option.captureCallState("errno"));
  private static final MethodHandle SETNS =
      bind(
          "setns",
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT),
          Linker.Option.captureCallState("errno"));
  private static final MethodHandle CLOSE =
      bind("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));

  private Setns() {}

  static <T> T call(Path namespace, Callable<T> action) {
    FutureTask<T> task =
        new FutureTask<>(() -> {
          enter(namespace);
          return action.call();
        });
    Thread.ofPlatform().daemon().name("netns-" + namespace.getFileName()).start(task);
    try {
      return task.get();
    } catch (ExecutionException e) {
      throw rethrown(namespace, e.getCause() == null ? e : e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted inside " + namespace, e);
    }
  }

  private static RuntimeException rethrown(Path namespace, Throwable cause) {
    return switch (cause) {
      case RuntimeException e -> e;
      case IOException e -> new UncheckedIOException(namespace + ": " + e.getMessage(), e);
      default -> new IllegalStateException("in " + namespace, cause);
    };
  }

  private static void enter(Path namespace) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      int fd = open(state, arena.allocateFrom(namespace.toString()));
      if (fd < 0) {
        throw new IOException("cannot open the network namespace, " + errno(state));
      }
      try {
        if (setns(state, fd) != 0) {
          throw new IOException("cannot enter the network namespace, " + errno(state));
        }
      } finally {
        close(fd);
      }
    }
  }

  private static String errno(MemorySegment state) {
    return "errno " + (int) ERRNO.get(state, 0L);
  }

  private static int open(MemorySegment state, MemorySegment path) {
    try {
      return (int) OPEN.invokeExact(state, path, O_RDONLY_CLOEXEC);
    } catch (Throwable e) {
      throw new LinkageError("open(2) cannot be called", e);
    }
  }

  private static int setns(MemorySegment state, int fd) {
    try {
      return (int) SETNS.invokeExact(state, fd, CLONE_NEWNET);
    } catch (Throwable e) {
      throw new LinkageError("setns(2) cannot be called", e);
    }
  }

  private static void close(int fd) {
    try {
      var _ = (int) CLOSE.invokeExact(fd);
    } catch (Throwable e) {
      throw new LinkageError("close(2) cannot be called", e);
    }
  }

  private static MethodHandle bind(
      String name, FunctionDescriptor descriptor, Linker.Option... options) {
    return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), descriptor, options);
  }
}
