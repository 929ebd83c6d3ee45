package io.seine.openflow.wire;

import io.netty.buffer.ByteBuf;
import io.seine.openflow.Bits;
import io.seine.openflow.CtFlush;

/**
 * {@code NXT_CT_FLUSH} of Open vSwitch 3.1 and later ({@code nicira-ext.h}): the protocol, then two
 * properties that hold what is known of the original and of the reply tuple, then the zone.
 */
final class CtFlushCodec {
  private static final int ORIGINAL_TUPLE = 0;
  private static final int REPLY_TUPLE = 1;
  private static final int ZONE = 2;

  private static final int SOURCE = 0;
  private static final int DESTINATION = 1;
  private static final int SOURCE_PORT = 2;
  private static final int DESTINATION_PORT = 3;

  private CtFlushCodec() {}

  static void writeBody(ByteBuf out, CtFlush flush) {
    out.writeByte(flush.protocol()).writeZero(7);
    flush
        .destination()
        .ifPresent(peer -> tuple(out, ORIGINAL_TUPLE, DESTINATION, DESTINATION_PORT, peer));
    flush.replySource().ifPresent(peer -> tuple(out, REPLY_TUPLE, SOURCE, SOURCE_PORT, peer));
    Properties.u16(out, ZONE, flush.zone());
  }

  private static void tuple(ByteBuf out, int type, int address, int port, CtFlush.Peer peer) {
    int start = Properties.beginNested(out, type);
    peer.address().ifPresent(ip -> Properties.bytes(out, address, mapped(ip.value())));
    Properties.u16(out, port, peer.port());
    Properties.endNested(out, start);
  }

  /** An IPv4 address stands as {@code ::ffff:a.b.c.d}. */
  private static Bits mapped(Bits address) {
    if (address.size() == 16) {
      return address;
    }
    byte[] bytes = new byte[16];
    bytes[10] = (byte) 0xff;
    bytes[11] = (byte) 0xff;
    System.arraycopy(address.toByteArray(), 0, bytes, 12, 4);
    return Bits.of(bytes);
  }
}
