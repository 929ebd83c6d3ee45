package io.seine.openflow.testing;

import io.seine.openflow.Bits;
import io.seine.openflow.Mac;
import java.nio.ByteBuffer;

/** Ethernet frames for tests, with the checksums that a switch looks at. */
public final class Packets {
  public static final int FIN = 1;
  public static final int SYN = 2;
  public static final int ACK = 16;

  private static final int TCP = 6;
  private static final int UDP = 17;
  private static final byte[] MACS = {2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1};

  private Packets() {}

  /** A UDP packet of no payload; both addresses have 4 bytes, or both 16. */
  public static byte[] udp(Bits from, int fromPort, Bits to, int toPort) {
    ByteBuffer segment = ByteBuffer.allocate(8);
    segment.putShort((short) fromPort).putShort((short) toPort).putShort((short) 8);
    // Of no use to UDP over IPv4, but IPv6 drops a packet without.
    segment.putShort(6, (short) sum(from, to, UDP, segment.array()));
    return ip(from, to, UDP, segment.array());
  }

  /** A TCP segment of no payload. */
  public static byte[] tcp(
      Bits from, int fromPort, Bits to, int toPort, int flags, int sequence, int acknowledged) {
    ByteBuffer segment = ByteBuffer.allocate(20);
    segment.putShort((short) fromPort).putShort((short) toPort);
    segment.putInt(sequence).putInt(acknowledged);
    segment.put((byte) 0x50).put((byte) flags).putShort((short) 65_000);
    segment.putShort(16, (short) sum(from, to, TCP, segment.array()));
    return ip(from, to, TCP, segment.array());
  }

  /** The same frame between these MAC addresses. */
  public static byte[] between(Mac from, Mac to, byte[] frame) {
    return ByteBuffer.wrap(frame.clone()).put(to.toByteArray()).put(from.toByteArray()).array();
  }

  /** An IP packet in an Ethernet frame. */
  public static byte[] ip(Bits from, Bits to, int protocol, byte[] payload) {
    boolean v4 = from.size() == 4;
    ByteBuffer frame = ByteBuffer.allocate(14 + (v4 ? 20 : 40) + payload.length);
    frame.put(MACS).putShort((short) (v4 ? 0x0800 : 0x86dd));
    if (v4) {
      frame.put((byte) 0x45).put((byte) 0).putShort((short) (20 + payload.length));
      frame.putInt(0x00004000).put((byte) 64).put((byte) protocol).putShort((short) 0);
    } else {
      frame.putInt(0x60000000).putShort((short) payload.length);
      frame.put((byte) protocol).put((byte) 64);
    }
    frame.put(from.toByteArray()).put(to.toByteArray()).put(payload);
    if (v4) {
      frame.putShort(24, (short) ~folded(words(frame.array(), 14, 34)));
    }
    return frame.array();
  }

  private static int sum(Bits from, Bits to, int protocol, byte[] segment) {
    long sum = (long) protocol + segment.length;
    for (byte[] part : new byte[][] {from.toByteArray(), to.toByteArray(), segment}) {
      sum += words(part, 0, part.length);
    }
    int sent = ~folded(sum) & 0xffff;
    return sent == 0 ? 0xffff : sent;
  }

  private static long words(byte[] bytes, int from, int to) {
    long sum = 0;
    for (int i = from; i < to; i++) {
      sum += (i - from) % 2 == 0 ? (bytes[i] & 0xff) << 8 : bytes[i] & 0xff;
    }
    return sum;
  }

  private static int folded(long sum) {
    while (sum >>> 16 != 0) {
      sum = (sum & 0xffff) + (sum >>> 16);
    }
    return (int) sum;
  }
}
