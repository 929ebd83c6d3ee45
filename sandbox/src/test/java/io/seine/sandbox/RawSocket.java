package io.seine.sandbox;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.seine.sandbox.netns.Namespace;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.net.InetAddress;
import java.util.Optional;

/**
 * A raw(7) socket inside a namespace, of one IP protocol: for ICMP, and for SCTP, which the kernels
 * of test machines often lack. Sending is for any thread, receiving for one; both block their
 * carrier, so they are not for virtual threads.
 */
final class RawSocket implements AutoCloseable {
  static final int ICMP = 1;
  static final int ICMP_V6 = 58;
  static final int SCTP = 132;
  private static final int AF_INET = 2;
  private static final int AF_INET6 = 10;
  private static final int SOCK_RAW_CLOEXEC = 3 | 0x80000;
  private static final int SOL_SOCKET = 1;
  private static final int SO_RCVTIMEO = 20;
  private static final long WAIT_MICROS = 50_000;
  private static final int LARGEST = 2048;
  private static final int V4_HEADER_WORDS = 0xf;
  private static final Linker LINKER = Linker.nativeLinker();
  private static final MethodHandle SOCKET = bind("socket", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT);
  private static final MethodHandle SETSOCKOPT =
      bind("setsockopt", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
  private static final MethodHandle SENDTO =
      bind("sendto", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT);
  private static final MethodHandle RECV =
      bind("recv", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT);
  private static final MethodHandle CLOSE = bind("close", JAVA_INT, JAVA_INT);
  private final int fd;
  private final boolean v6;

  private RawSocket(int fd, boolean v6) {
    this.fd = fd;
    this.v6 = v6;
  }

  static RawSocket open(Namespace namespace, boolean v6, int protocol) {
    return namespace.call(() -> {
      try (Arena arena = Arena.ofConfined()) {
        int fd = (int) SOCKET.invokeExact(v6 ? AF_INET6 : AF_INET, SOCK_RAW_CLOEXEC, protocol);
        if (fd < 0) {
          throw new IllegalStateException("no raw socket in " + namespace.name());
        }
        MemorySegment wait = arena.allocate(16, 8); // struct timeval
        wait.set(JAVA_LONG, 8, WAIT_MICROS);
        int _ = (int) SETSOCKOPT.invokeExact(fd, SOL_SOCKET, SO_RCVTIMEO, wait, 16);
        return new RawSocket(fd, v6);
      } catch (RuntimeException e) {
        throw e;
      } catch (Throwable e) {
        throw new LinkageError("raw sockets cannot be opened", e);
      }
    });
  }

  /** Sends what comes after the IP header; whether it could be sent is not told. */
  void send(byte[] body, String to) {
    try (Arena arena = Arena.ofConfined()) {
      byte[] address = InetAddress.ofLiteral(to).getAddress();
      MemorySegment target = arena.allocate(28, 4); // struct sockaddr_in6, or sockaddr_in
      target.set(JAVA_SHORT, 0, (short) (v6 ? AF_INET6 : AF_INET));
      MemorySegment.copy(address, 0, target, JAVA_BYTE, v6 ? 8 : 4, address.length);
      MemorySegment data = arena.allocateFrom(JAVA_BYTE, body);
      long _ = (long) SENDTO.invokeExact(fd, data, (long) body.length, 0, target, v6 ? 28 : 16);
    } catch (Throwable e) {
      throw new LinkageError("raw packets cannot be sent", e);
    }
  }

  /** What comes after the IP header of the next packet, if there is one within 50 ms. */
  Optional<byte[]> receive() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment buffer = arena.allocate(LARGEST);
      long length = (long) RECV.invokeExact(fd, buffer, (long) LARGEST, 0);
      if (length <= 0) {
        return Optional.empty();
      }
      long header = v6 ? 0 : 4L * (buffer.get(JAVA_BYTE, 0) & V4_HEADER_WORDS);
      return Optional.of(buffer.asSlice(header, length - header).toArray(JAVA_BYTE));
    } catch (Throwable e) {
      throw new LinkageError("raw packets cannot be received", e);
    }
  }

  @Override
  public void close() {
    try {
      int _ = (int) CLOSE.invokeExact(fd);
    } catch (Throwable e) {
      throw new LinkageError("close(2) cannot be called", e);
    }
  }

  private static MethodHandle bind(String name, MemoryLayout result, MemoryLayout... parameters) {
    return LINKER.downcallHandle(
        LINKER.defaultLookup().findOrThrow(name), FunctionDescriptor.of(result, parameters));
  }
}
