package io.seine.agent.netlink;

import java.lang.foreign.AddressLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/**
 * The libc calls this package makes. Each returns what C returns, or throws with the error number;
 * none retries. All are thread safe; {@link #setns} changes the calling thread only, so it must run
 * on a platform thread that is given up afterwards.
 */
final class Libc {
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
  private static final AddressLayout PTR = ValueLayout.ADDRESS;

  private static final Linker LINKER = Linker.nativeLinker();
  private static final StructLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO = STATE.varHandle(PathElement.groupElement("errno"));

  private static final MethodHandle SOCKET = bind("socket", -1, INT, INT, INT, INT);
  private static final MethodHandle BIND = bind("bind", -1, INT, INT, PTR, INT);
  private static final MethodHandle SETSOCKOPT =
      bind("setsockopt", -1, INT, INT, INT, INT, PTR, INT);
  private static final MethodHandle SEND = bind("send", -1, LONG, INT, PTR, LONG, INT);
  private static final MethodHandle RECV = bind("recv", -1, LONG, INT, PTR, LONG, INT);
  private static final MethodHandle CLOSE = bind("close", -1, INT, INT);
  private static final MethodHandle OPEN = bind("open", 2, INT, PTR, INT);
  private static final MethodHandle SETNS = bind("setns", -1, INT, INT, INT);
  private static final MethodHandle IOCTL = bind("ioctl", 2, INT, INT, LONG, PTR);

  private Libc() {}

  private static MethodHandle bind(
      String name, int firstVariadic, MemoryLayout result, MemoryLayout... parameters) {
    Linker.Option errno = Linker.Option.captureCallState("errno");
    Linker.Option[] options =
        firstVariadic < 0
            ? new Linker.Option[] {errno}
            : new Linker.Option[] {errno, Linker.Option.firstVariadicArg(firstVariadic)};
    return LINKER.downcallHandle(
        LINKER.defaultLookup().findOrThrow(name),
        FunctionDescriptor.of(result, parameters),
        options);
  }

  static int socket(int domain, int type, int protocol, String what) throws NetlinkException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      return check((int) SOCKET.invokeExact(state, domain, type, protocol), state, what);
    } catch (Throwable e) {
      throw rethrow(e);
    }
  }

  static void bind(int fd, byte[] address, String what) throws NetlinkException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      MemorySegment bytes = arena.allocateFrom(ValueLayout.JAVA_BYTE, address);
      check((int) BIND.invokeExact(state, fd, bytes, address.length), state, what);
    } catch (Throwable e) {
      throw rethrow(e);
    }
  }

  static void setsockopt(int fd, int level, int option, byte[] value, String what)
      throws NetlinkException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      MemorySegment bytes = arena.allocateFrom(ValueLayout.JAVA_BYTE, value);
      check(
          (int) SETSOCKOPT.invokeExact(state, fd, level, option, bytes, value.length), state, what);
    } catch (Throwable e) {
      throw rethrow(e);
    }
  }

  static void send(int fd, byte[] data, String what) throws NetlinkException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      MemorySegment bytes = arena.allocateFrom(ValueLayout.JAVA_BYTE, data);
      check((long) SEND.invokeExact(state, fd, bytes, (long) data.length, 0), state, what);
    } catch (Throwable e) {
      throw rethrow(e);
    }
  }

  /** Receives into {@code buffer}; the number of bytes received. */
  static int recv(int fd, MemorySegment buffer, String what) throws NetlinkException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      return (int)
          check((long) RECV.invokeExact(state, fd, buffer, buffer.byteSize(), 0), state, what);
    } catch (Throwable e) {
      throw rethrow(e);
    }
  }

  static void close(int fd, String what) throws NetlinkException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      check((int) CLOSE.invokeExact(state, fd), state, what);
    } catch (Throwable e) {
      throw rethrow(e);
    }
  }

  static int open(String path, int flags, String what) throws NetlinkException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      return check((int) OPEN.invokeExact(state, arena.allocateFrom(path), flags), state, what);
    } catch (Throwable e) {
      throw rethrow(e);
    }
  }

  static void setns(int fd, int kind, String what) throws NetlinkException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      check((int) SETNS.invokeExact(state, fd, kind), state, what);
    } catch (Throwable e) {
      throw rethrow(e);
    }
  }

  static void ioctl(int fd, long request, MemorySegment argument, String what)
      throws NetlinkException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      check((int) IOCTL.invokeExact(state, fd, request, argument), state, what);
    } catch (Throwable e) {
      throw rethrow(e);
    }
  }

  private static int check(int result, MemorySegment state, String what) throws NetlinkException {
    return (int) check((long) result, state, what);
  }

  private static long check(long result, MemorySegment state, String what) throws NetlinkException {
    if (result < 0) {
      throw new NetlinkException(what, (int) ERRNO.get(state, 0L), "");
    }
    return result;
  }

  /** Method handles declare Throwable; nothing but the errors below can come out of a downcall. */
  private static NetlinkException rethrow(Throwable e) {
    return switch (e) {
      case NetlinkException refused -> refused;
      case RuntimeException bug -> throw bug;
      case Error error -> throw error;
      default -> throw new IllegalStateException(e);
    };
  }
}
