package io.seine.cni.plugin;

import java.nio.charset.StandardCharsets;
import org.teavm.interop.Address;

/** A connected Unix socket. */
final class NativeSocket implements Transport {
  private static final int SOCKADDR_UN = 110;
  private static final int PATH_OFFSET = 2;

  private final int fd;
  private final Deadline deadline;

  private NativeSocket(int fd, Deadline deadline) {
    this.fd = fd;
    this.deadline = deadline;
  }

  static NativeSocket connect(String path, Deadline deadline) throws OsException {
    int fd = Libc.socket(Libc.AF_UNIX, Libc.SOCK_STREAM | Libc.SOCK_CLOEXEC, 0);
    if (fd < 0) {
      throw NativeOs.failed("making a socket", NativeOs.errno());
    }
    NativeSocket socket = new NativeSocket(fd, deadline);
    try {
      socket.connect(path);
    } catch (OsException e) {
      socket.close();
      throw e;
    }
    return socket;
  }

  /**
   * A listener whose backlog is full makes connect wait; the send timeout bounds that wait
   * (socket(7)).
   */
  private void connect(String path) throws OsException {
    String what = "connecting to " + path;
    byte[] name = path.getBytes(StandardCharsets.UTF_8);
    byte[] address = new byte[SOCKADDR_UN];
    System.arraycopy(name, 0, address, PATH_OFFSET, name.length);
    byte[] timeval = new byte[16];
    int result = -1;
    while (result != 0) {
      int millis = deadline.remainingMillis();
      if (millis == 0) {
        throw OsException.timedOut(what, deadline);
      }
      Address time = Address.ofData(timeval);
      time.putLong(millis / 1000);
      time.add(8).putLong(millis % 1000 * 1000L);
      Libc.setsockopt(fd, Libc.SOL_SOCKET, Libc.SO_SNDTIMEO, time, timeval.length);
      Address.ofData(address).putShort((short) Libc.AF_UNIX);
      // By way of a number, which makes it a void pointer in C: glibc's prototype takes no pointer
      // to an element.
      Address pointer = Address.fromLong(Address.ofData(address).toLong());
      result = Libc.connect(fd, pointer, PATH_OFFSET + name.length + 1);
      int error = NativeOs.errno();
      if (result != 0 && error != Libc.EINTR && error != Libc.EAGAIN) {
        throw NativeOs.failed(what, error);
      }
    }
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws OsException {
    while (true) {
      NativeOs.await(fd, Libc.POLLIN, "waiting for the agent's reply", deadline);
      long count = Libc.recv(fd, Address.ofData(buffer).add(offset), length, Libc.MSG_DONTWAIT);
      int error = NativeOs.errno();
      if (count >= 0) {
        return count == 0 ? -1 : (int) count;
      }
      if (error != Libc.EINTR && error != Libc.EAGAIN) {
        throw NativeOs.failed("reading the agent's reply", error);
      }
    }
  }

  @Override
  public void write(byte[] buffer, int offset, int length) throws OsException {
    int done = 0;
    while (done < length) {
      Address from = Address.ofData(buffer).add(offset + done);
      long count = Libc.send(fd, from, length - done, Libc.MSG_DONTWAIT | Libc.MSG_NOSIGNAL);
      int error = NativeOs.errno();
      if (count >= 0) {
        done += (int) count;
      } else if (error == Libc.EAGAIN) {
        NativeOs.await(fd, Libc.POLLOUT, "sending the request to the agent", deadline);
      } else if (error != Libc.EINTR) {
        throw NativeOs.failed("sending the request to the agent", error);
      }
    }
  }

  @Override
  public void close() {
    Libc.close(fd);
  }
}
