package io.seine.agent.netlink;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
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
    AtomicReference<Object> outcome = new AtomicReference<>();
    Thread visitor =
        Thread.ofPlatform()
            .name("netns-visitor")
            .daemon()
            .start(() -> {
              try {
                Libc.setns(fd, Rtnl.CLONE_NEWNET, what);
                NetlinkSocket netlink = NetlinkSocket.open();
                int control =
                    Libc.socket(
                        Rtnl.AF_INET,
                        Rtnl.SOCK_DGRAM | Rtnl.SOCK_CLOEXEC,
                        0,
                        "open a device control socket");
                outcome.set(new Sockets(netlink, control));
              } catch (NetlinkException e) {
                outcome.set(e);
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
      case Sockets sockets -> sockets;
      case NetlinkException refused -> throw refused;
      case null, default -> throw new IllegalStateException("the visitor thread died: " + what);
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
