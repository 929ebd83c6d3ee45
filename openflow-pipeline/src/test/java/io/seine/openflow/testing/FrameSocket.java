package io.seine.openflow.testing;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * Whole Ethernet frames through a device in another network namespace, by packet(7). Needs root.
 * One thread sends and receives.
 */
public final class FrameSocket implements AutoCloseable {
  private static final int AF_PACKET = 17;
  private static final int SOCK_RAW_CLOEXEC = 3 | 0x80000;
  private static final short ALL = 0x0300; // ETH_P_ALL, in network byte order
  private static final int O_CLOEXEC = 0x80000;
  private static final int CLONE_NEWNET = 0x40000000;
  private static final short POLLIN = 1;
  private static final int LONGEST = 65536;

  private static final Linker LINKER = Linker.nativeLinker();
  private static final MethodHandle OPEN =
      LINKER.downcallHandle(
          LINKER.defaultLookup().findOrThrow("open"),
          FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT),
          Linker.Option.firstVariadicArg(2));
  private static final MethodHandle SETNS = bind("setns", JAVA_INT, JAVA_INT, JAVA_INT);
  private static final MethodHandle SOCKET = bind("socket", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT);
  private static final MethodHandle INDEX = bind("if_nametoindex", JAVA_INT, ADDRESS);
  private static final MethodHandle BIND = bind("bind", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
  private static final MethodHandle POLL = bind("poll", JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT);
  private static final MethodHandle RECV =
      bind("recv", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT);
  private static final MethodHandle SEND =
      bind("send", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT);
  private static final MethodHandle CLOSE = bind("close", JAVA_INT, JAVA_INT);

  private final int fd;
  private final String device;

  private FrameSocket(int fd, String device) {
    this.fd = fd;
    this.device = device;
  }

  /** Opens one on a device that is up; {@code namespace} is a file such as /proc/1/ns/net. */
  public static FrameSocket open(Path namespace, String device) {
    // Its thread ends inside the namespace; the socket stays there.
    FutureTask<FrameSocket> task =
        new FutureTask<>(() -> {
          try {
            return openInside(namespace, device);
          } catch (RuntimeException e) {
            throw e;
          } catch (Throwable e) {
            throw new LinkageError("the C library cannot be called", e);
          }
        });
    Thread.ofPlatform().daemon().name("frames-" + device).start(task);
    try {
      return task.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("no frames through " + device, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  private static FrameSocket openInside(Path namespace, String device) throws Throwable {
    try (Arena arena = Arena.ofConfined()) {
      int there = (int) OPEN.invokeExact(arena.allocateFrom(namespace.toString()), O_CLOEXEC);
      require(there >= 0, "cannot open " + namespace);
      int entered = (int) SETNS.invokeExact(there, CLONE_NEWNET);
      close(there);
      require(entered == 0, "cannot enter " + namespace);
      int index = (int) INDEX.invokeExact(arena.allocateFrom(device));
      require(index > 0, "no device " + device + " in " + namespace);
      int fd = (int) SOCKET.invokeExact(AF_PACKET, SOCK_RAW_CLOEXEC, 0);
      require(fd >= 0, "no packet socket");
      MemorySegment address = arena.allocate(20, 4); // struct sockaddr_ll
      address.set(JAVA_SHORT, 0, (short) AF_PACKET);
      address.set(JAVA_SHORT, 2, ALL);
      address.set(JAVA_INT, 4, index);
      int bound = (int) BIND.invokeExact(fd, address, 20);
      if (bound != 0) {
        close(fd);
      }
      require(bound == 0, "cannot bind to " + device);
      return new FrameSocket(fd, device);
    }
  }

  /** Sends a frame. */
  public void send(byte[] frame) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment data = arena.allocateFrom(JAVA_BYTE, frame);
      long sent = (long) SEND.invokeExact(fd, data, (long) frame.length, 0);
      require(sent == frame.length, "a frame was not sent through " + device);
    } catch (RuntimeException e) {
      throw e;
    } catch (Throwable e) {
      throw new LinkageError("send(2) cannot be called", e);
    }
  }

  /** The next frame that comes out of the switch, or empty when none does in this time. */
  public Optional<byte[]> receive(Duration patience) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment poll = arena.allocate(8, 4); // struct pollfd
      poll.set(JAVA_INT, 0, fd);
      poll.set(JAVA_SHORT, 4, POLLIN);
      int ready = (int) POLL.invokeExact(poll, 1L, (int) patience.toMillis());
      require(ready >= 0, "cannot wait for frames of " + device);
      if (ready == 0) {
        return Optional.empty();
      }
      MemorySegment data = arena.allocate(LONGEST);
      long length = (long) RECV.invokeExact(fd, data, (long) LONGEST, 0);
      require(length > 0, "cannot receive from " + device);
      return Optional.of(data.asSlice(0, length).toArray(JAVA_BYTE));
    } catch (RuntimeException e) {
      throw e;
    } catch (Throwable e) {
      throw new LinkageError("poll(2) or recv(2) cannot be called", e);
    }
  }

  @Override
  public void close() {
    try {
      close(fd);
    } catch (Throwable e) {
      throw new LinkageError("close(2) cannot be called", e);
    }
  }

  private static void close(int fd) throws Throwable {
    int _ = (int) CLOSE.invokeExact(fd);
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new IllegalStateException(otherwise);
    }
  }

  private static MethodHandle bind(String name, MemoryLayout result, MemoryLayout... parameters) {
    return LINKER.downcallHandle(
        LINKER.defaultLookup().findOrThrow(name), FunctionDescriptor.of(result, parameters));
  }
}
