package io.seine.agent.reject;

import static io.seine.agent.packet.Bytes.put32;
import static io.seine.agent.packet.Bytes.u32;

/** The TCP header that resets a connection (RFC 9293, section 3.10.7.1). */
final class Reset {
  static final int HEADER = 20;

  private static final int FIN = 1;
  private static final int SYN = 2;
  private static final int RST = 4;
  private static final int ACK = 16;

  private Reset() {}

  /**
   * Writes the header, without a checksum.
   *
   * @param tcp where the segment's header begins in {@code frame}, 20 bytes of it being there
   * @param length of the segment as the IP header has it, header and data
   * @param at where it goes in {@code reply}
   * @return whether it is to be sent: a reset is not answered, nor what does not fit its lengths
   */
  static boolean write(byte[] frame, int tcp, int length, byte[] reply, int at) {
    int flags = frame[tcp + 13] & 0xff;
    int header = (frame[tcp + 12] >> 4 & 0xf) * 4;
    if ((flags & RST) != 0 || header < HEADER || length < header) {
      return false;
    }
    System.arraycopy(frame, tcp + 2, reply, at, 2);
    System.arraycopy(frame, tcp, reply, at + 2, 2);
    if ((flags & ACK) != 0) {
      System.arraycopy(frame, tcp + 8, reply, at + 4, 4);
      reply[at + 13] = RST;
    } else {
      int sequence = length - header + ((flags & SYN) != 0 ? 1 : 0) + ((flags & FIN) != 0 ? 1 : 0);
      put32(reply, at + 8, u32(frame, tcp + 4) + sequence);
      reply[at + 13] = RST | ACK;
    }
    reply[at + 12] = (HEADER / 4) << 4;
    return true;
  }
}
