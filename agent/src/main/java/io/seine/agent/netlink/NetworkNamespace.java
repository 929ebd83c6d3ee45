package io.seine.agent.netlink;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A network namespace held open by its file, with a netlink and a device-control socket inside it.
 *
 * <p>The sockets are opened by a platform thread that enters the namespace and ends there: it never
 * has to find its way back, and no thread of the agent is ever left in a pod. Afterwards any thread
 * may use them.
 */
public final class NetworkNamespace implements AutoCloseable {
  private static final int IFREQ_SIZE = 40;
  private static final int IFNAMSIZ = 16;

  private final Path path;
  private final int fd;
  private final int control;
  private final NetlinkSocket socket;
  private final Netlink netlink;
  private final AtomicBoolean closed = new AtomicBoolean();

  private NetworkNamespace(Path path, int fd, Sockets sockets) {
    this.path = path;
    this.fd = fd;
    this.control = sockets.control();
    this.socket = sockets.netlink();
    this.netlink = new RtNetlink(socket);
  }

  private record Sockets(NetlinkSocket netlink, int control) {}

  /**
   * Opens the namespace at {@code path}, as a runtime gives it in CNI_NETNS.
   *
   * @throws NetlinkException {@code ENOENT} if there is no such file; {@code EINVAL} if it is not a
   *     network namespace
   */
  public static NetworkNamespace open(Path path) throws NetlinkException {
    String what = "open network namespace " + path;
    int fd = Libc.open(path.toString(), Rtnl.O_RDONLY_CLOEXEC, what);
    try {
      return new NetworkNamespace(path, fd, socketsIn(fd, "enter network namespace " + path));
    } catch (NetlinkException e) {
      Libc.close(fd, what);
      throw e;
    }
  }

  private static Sockets socketsIn(int fd, String what) throws NetlinkException {
    return inside(
        fd,
        what,
        () -> {
          NetlinkSocket netlink = NetlinkSocket.open();
          int control =
              Libc.socket(
                  Rtnl.AF_INET,
                  Rtnl.SOCK_DGRAM | Rtnl.SOCK_CLOEXEC,
                  0,
                  "open a device control socket");
          return new Sockets(netlink, control);
        });
  }

  /** What is done by the thread that enters the namespace. */
  private interface Visit<T> {
    T make() throws NetlinkException;
  }

  /** How a visit ended. */
  private sealed interface Outcome<T> {
    record Made<T>(T result) implements Outcome<T> {}

    record Refused<T>(NetlinkException why) implements Outcome<T> {}
  }

  private static <T> T inside(int fd, String what, Visit<T> visit) throws NetlinkException {
    AtomicReference<Outcome<T>> outcome = new AtomicReference<>();
    Thread visitor =
        Thread.ofPlatform()
            .name("netns-visitor")
            .daemon()
            .start(() -> {
              try {
                Libc.setns(fd, Rtnl.CLONE_NEWNET, what);
                outcome.set(new Outcome.Made<>(visit.make()));
              } catch (NetlinkException e) {
                outcome.set(new Outcome.Refused<>(e));
              }
            });
    boolean interrupted = false;
    while (true) {
      try {
        visitor.join();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return switch (outcome.get()) {
      case Outcome.Made<T> made -> made.result();
      case Outcome.Refused<T> refused -> throw refused.why();
      case null -> throw new IllegalStateException("the visitor thread died: " + what);
    };
  }

  /** Links, addresses, routes and neighbours in this namespace; closed with it. */
  public Netlink netlink() {
    return netlink;
  }

  /** The file descriptor, to name the namespace in a request. */
  int fd() {
    return fd;
  }

  /**
   * Makes the device send packets with their checksums filled in. A userspace switch takes packets
   * as they are and nothing after it would complete them.
   */
  public void disableTxChecksum(String device) throws NetlinkException {
    ethtool(device, Rtnl.ETHTOOL_STXCSUM, 0, "turn off transmit checksum offload of " + device);
  }

  /** Whether the device leaves checksums of packets it sends for others to fill in. */
  public boolean txChecksum(String device) throws NetlinkException {
    return ethtool(device, Rtnl.ETHTOOL_GTXCSUM, 0, "read checksum offload of " + device) != 0;
  }

  /**
   * Lets the device have IPv6 addresses, where whoever made the namespace has switched that off.
   *
   * @throws NetlinkException if the kernel has no IPv6 at all, or its settings cannot be written
   */
  public void enableIpv6(String device) throws NetlinkException {
    String what = "let device " + device + " in " + path + " have IPv6 addresses";
    Path setting = Path.of("/proc/sys/net/ipv6/conf", device, "disable_ipv6");
    boolean _ =
        inside(
            fd,
            what,
            () -> {
              try {
                Files.writeString(setting, "0\n", StandardOpenOption.WRITE);
                return true;
              } catch (NoSuchFileException e) {
                throw because(e, new NetlinkException(what, Errno.EOPNOTSUPP, "it has no IPv6"));
              } catch (IOException e) {
                throw because(e, new NetlinkException(what, Errno.EACCES, e.toString()));
              }
            });
  }

  private static NetlinkException because(IOException cause, NetlinkException failure) {
    failure.initCause(cause);
    return failure;
  }

  private int ethtool(String device, int command, int value, String what) throws NetlinkException {
    return DeviceControl.ethtool(control, device, command, value, what + " in " + path);
  }

  @Override
  public String toString() {
    return path.toString();
  }

  @Override
  public void close() throws NetlinkException {
    if (closed.compareAndSet(false, true)) {
      Libc.close(control, "close a device control socket");
      socket.close();
      Libc.close(fd, "close network namespace " + path);
    }
  }

  /** The {@code ethtool_value} commands of SIOCETHTOOL. */
  static final class DeviceControl {
    private DeviceControl() {}

    static int ethtool(int socket, String device, int command, int value, String what)
        throws NetlinkException {
      byte[] name = device.getBytes(StandardCharsets.UTF_8);
      if (name.length >= IFNAMSIZ) {
        throw new NetlinkException(what, Errno.ENODEV, "a device name has at most 15 bytes");
      }
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment data = arena.allocate(8, 4);
        data.set(ValueLayout.JAVA_INT, 0, command);
        data.set(ValueLayout.JAVA_INT, 4, value);
        MemorySegment request = arena.allocate(IFREQ_SIZE, 8);
        MemorySegment.copy(name, 0, request, ValueLayout.JAVA_BYTE, 0, name.length);
        request.set(ValueLayout.ADDRESS, IFNAMSIZ, data);
        Libc.ioctl(socket, Rtnl.SIOCETHTOOL, request, what);
        return data.get(ValueLayout.JAVA_INT, 4);
      }
    }
  }
}
