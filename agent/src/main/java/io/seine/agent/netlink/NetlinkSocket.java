package io.seine.agent.netlink;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * One netlink socket: requests with acknowledgement, and dumps. It stays in the network namespace
 * of the thread that opened it, whichever thread uses it later. Any thread may call; calls run one
 * after the other. The kernel answers within the send, so a call blocks for the work only; an
 * answer that does not come within five seconds is an error.
 */
final class NetlinkSocket implements AutoCloseable {
  private static final int RECEIVE_BUFFER = 64 * 1024;
  private static final int DUMP_ATTEMPTS = 5;
  private static final long TIMEOUT_MILLIS = 5000;

  private final int fd;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment buffer = arena.allocate(RECEIVE_BUFFER);
  private final ReentrantLock lock = new ReentrantLock();
  private int sequence;
  private boolean closed;

  private NetlinkSocket(int fd) {
    this.fd = fd;
  }

  /** Opens an rtnetlink socket in the calling thread's network namespace. */
  static NetlinkSocket open() throws NetlinkException {
    return open(Rtnl.NETLINK_ROUTE, 0);
  }

  /**
   * Opens a socket in the calling thread's network namespace.
   *
   * @param protocol NETLINK_*
   * @param groups one bit for each multicast group to listen to
   */
  static NetlinkSocket open(int protocol, int groups) throws NetlinkException {
    return new NetlinkSocket(descriptor(protocol, groups, TIMEOUT_MILLIS));
  }

  /** A socket as above, bare; a read from it that takes longer fails with {@code EAGAIN}. */
  static int descriptor(int protocol, int groups, long timeoutMillis) throws NetlinkException {
    String what = "open a netlink socket";
    int fd = Libc.socket(Rtnl.AF_NETLINK, Rtnl.SOCK_RAW | Rtnl.SOCK_CLOEXEC, protocol, what);
    try {
      byte[] one = Message.hostOrder(1);
      Libc.setsockopt(fd, Rtnl.SOL_NETLINK, Rtnl.NETLINK_EXT_ACK, one, what);
      Libc.setsockopt(fd, Rtnl.SOL_NETLINK, Rtnl.NETLINK_CAP_ACK, one, what);
      byte[] timeout =
          ByteBuffer.allocate(16)
              .order(ByteOrder.nativeOrder())
              .putLong(timeoutMillis / 1000)
              .putLong(timeoutMillis % 1000 * 1000)
              .array();
      Libc.setsockopt(fd, Rtnl.SOL_SOCKET, Rtnl.SO_RCVTIMEO, timeout, what);
      byte[] address =
          ByteBuffer.allocate(12)
              .order(ByteOrder.nativeOrder())
              .putShort((short) Rtnl.AF_NETLINK)
              .putInt(8, groups)
              .array();
      Libc.bind(fd, address, what);
      return fd;
    } catch (NetlinkException e) {
      Libc.close(fd, what);
      throw e;
    }
  }

  /** A message and, for the error, what it does. */
  record Request(String what, Message message) {}

  /**
   * Sends the requests together and waits for every acknowledgement.
   *
   * @throws NetlinkException the first refusal; the kernel has carried out the other requests
   *     nevertheless
   */
  void execute(List<Request> requests) throws NetlinkException {
    lock.lock();
    try {
      int first = sequence + 1;
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      for (Request request : requests) {
        bytes.writeBytes(request.message().encode(++sequence));
      }
      String what = requests.getFirst().what();
      Libc.send(fd(what), bytes.toByteArray(), what);
      Optional<NetlinkException> refused = Optional.empty();
      int waiting = requests.size();
      while (waiting > 0) {
        for (Reply reply : receive(what)) {
          int index = reply.sequence() - first;
          if (reply.type() != Rtnl.NLMSG_ERROR || index < 0 || index >= requests.size()) {
            continue;
          }
          waiting--;
          Optional<NetlinkException> error = reply.error(requests.get(index).what());
          refused = refused.isPresent() ? refused : error;
        }
      }
      if (refused.isPresent()) {
        throw refused.get();
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Sends one request for data and returns the messages of the answer; a dump that the kernel says
   * was disturbed by a change is asked for again.
   */
  List<Reply> query(String what, Supplier<Message> request) throws NetlinkException {
    lock.lock();
    try {
      for (int attempt = 1; ; attempt++) {
        List<Reply> answer = new ArrayList<>();
        boolean disturbed = collect(what, request.get(), answer);
        if (!disturbed || attempt == DUMP_ATTEMPTS) {
          return answer;
        }
      }
    } finally {
      lock.unlock();
    }
  }

  private boolean collect(String what, Message request, List<Reply> answer)
      throws NetlinkException {
    int mine = ++sequence;
    Libc.send(fd(what), request.encode(mine), what);
    boolean disturbed = false;
    while (true) {
      for (Reply reply : receive(what)) {
        if (reply.sequence() != mine) {
          continue;
        }
        disturbed |= (reply.flags() & Rtnl.NLM_F_DUMP_INTR) != 0;
        if (reply.type() == Rtnl.NLMSG_DONE) {
          return disturbed;
        }
        if (reply.type() == Rtnl.NLMSG_ERROR) {
          Optional<NetlinkException> error = reply.error(what);
          if (error.isPresent()) {
            throw error.get();
          }
          return disturbed;
        }
        answer.add(reply);
        if ((reply.flags() & Rtnl.NLM_F_MULTI) == 0) {
          return disturbed;
        }
      }
    }
  }

  private List<Reply> receive(String what) throws NetlinkException {
    int length = Libc.recv(fd, buffer, what);
    return Reply.split(buffer.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE));
  }

  private int fd(String what) throws NetlinkException {
    if (closed) {
      throw new NetlinkException(what, 9, "the netlink socket is closed");
    }
    return fd;
  }

  @Override
  public void close() throws NetlinkException {
    lock.lock();
    try {
      if (!closed) {
        closed = true;
        arena.close();
        Libc.close(fd, "close a netlink socket");
      }
    } finally {
      lock.unlock();
    }
  }
}
