package io.seine.agent.netlink;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** One message from the kernel. */
final class Reply {
  private final byte[] data;

  /** {@code data} is the whole message, header included: 16 bytes at least. */
  private Reply(byte[] data) {
    this.data = data;
  }

  /** Splits a datagram; a message with an impossible length ends it. */
  static List<Reply> split(byte[] datagram) {
    List<Reply> replies = new ArrayList<>();
    ByteBuffer in = ByteBuffer.wrap(datagram).order(ByteOrder.nativeOrder());
    int at = 0;
    while (at + Message.HEADER <= datagram.length) {
      int length = in.getInt(at);
      if (length < Message.HEADER || length > datagram.length - at) {
        break;
      }
      replies.add(new Reply(Arrays.copyOfRange(datagram, at, at + length)));
      at += (length + 3) & ~3;
    }
    return replies;
  }

  int type() {
    return buffer().getShort(4) & 0xffff;
  }

  int flags() {
    return buffer().getShort(6) & 0xffff;
  }

  int sequence() {
    return buffer().getInt(8);
  }

  int length() {
    return data.length;
  }

  /** The message in host byte order; offset 0 is its header. */
  ByteBuffer buffer() {
    return ByteBuffer.wrap(data).order(ByteOrder.nativeOrder());
  }

  /** The attributes after a fixed part of {@code size} bytes. */
  Attributes attributes(int size) {
    return new Attributes(data, Message.HEADER + size);
  }

  /**
   * For NLMSG_ERROR: what was refused, with the kernel's extended acknowledgement; empty if it is a
   * plain acknowledgement.
   */
  Optional<NetlinkException> error(String what) {
    int error = data.length < Message.HEADER + 4 ? -Errno.EINVAL : buffer().getInt(16);
    if (error == 0) {
      return Optional.empty();
    }
    String explanation = "";
    if ((flags() & Rtnl.NLM_F_ACK_TLVS) != 0 && data.length >= 36) {
      int original = (flags() & Rtnl.NLM_F_CAPPED) != 0 ? Message.HEADER : buffer().getInt(20);
      if (original >= Message.HEADER && original <= data.length - 20) {
        explanation =
            new Attributes(data, 20 + ((original + 3) & ~3))
                .string(Rtnl.NLMSGERR_ATTR_MSG)
                .orElse("");
      }
    }
    return Optional.of(new NetlinkException(what, -error, explanation));
  }
}
