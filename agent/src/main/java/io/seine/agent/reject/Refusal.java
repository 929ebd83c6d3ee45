package io.seine.agent.reject;

import static io.seine.agent.packet.Bytes.fold;
import static io.seine.agent.packet.Bytes.put16;
import static io.seine.agent.packet.Bytes.sum;
import static io.seine.agent.packet.Bytes.u16;

import io.seine.agent.packet.Ipv6Frame;
import java.util.Optional;

/**
 * The packet that refuses another one: a TCP reset (RFC 9293, section 3.10.7.1) for TCP, and an
 * ICMP port unreachable (RFC 792; RFC 1122, section 3.2.2) for anything else. For IPv6 see {@link
 * Ipv6Refusal}.
 *
 * <p>Never an answer to what must not be answered: broadcast and multicast, fragments but the
 * first, TCP resets, ICMP; nor to what is too short or does not fit its own lengths.
 */
final class Refusal {
  private static final int ETHERNET = 14;
  private static final int IPV4 = 20;
  private static final int TCP = 20;
  private static final int ICMP = 8;
  private static final int TTL = 64;

  private Refusal() {}

  /**
   * @param frame from its Ethernet header on; what lies behind the packet's own length does not
   *     count, and it may be cut off behind the first 8 bytes of the IP payload
   * @return the frame to send back, complete with checksums, or empty if the frame is not to be
   *     answered
   */
  static Optional<byte[]> of(byte[] frame) {
    if (Ipv6Frame.is(frame)) {
      return Ipv6Refusal.of(frame);
    }
    if (frame.length < ETHERNET + IPV4 || u16(frame, 12) != 0x0800 || (frame[0] & 1) != 0) {
      return Optional.empty();
    }
    int header = (frame[ETHERNET] & 0xf) * 4;
    int total = u16(frame, ETHERNET + 2);
    boolean sane =
        (frame[ETHERNET] & 0xf0) == 0x40
            && header >= IPV4
            && total >= header + 8
            && frame.length >= ETHERNET + header + 8;
    boolean first = (u16(frame, ETHERNET + 6) & 0x1fff) == 0;
    if (!sane || !first || !unicast(frame[ETHERNET + 12]) || !unicast(frame[ETHERNET + 16])) {
      return Optional.empty();
    }
    return switch (frame[ETHERNET + 9] & 0xff) {
      case 6 -> reset(frame, header, total);
      case 17, 132 -> Optional.of(unreachable(frame, header, total));
      default -> Optional.empty();
    };
  }

  private static boolean unicast(byte firstOctet) {
    int first = firstOctet & 0xff;
    return first != 0 && first < 224;
  }

  private static Optional<byte[]> reset(byte[] frame, int header, int total) {
    int tcp = ETHERNET + header;
    if (frame.length < tcp + TCP || total < header + TCP) {
      return Optional.empty();
    }
    byte[] reply = reply(frame, TCP, 6);
    int at = ETHERNET + IPV4;
    if (!Reset.write(frame, tcp, total - header, reply, at)) {
      return Optional.empty();
    }
    long pseudo = sum(reply, ETHERNET + 12, 8, 0) + 6 + TCP;
    put16(reply, at + 16, fold(sum(reply, at, TCP, pseudo)));
    return Optional.of(reply);
  }

  private static byte[] unreachable(byte[] frame, int header, int total) {
    int quoted = Math.min(header + 8, total);
    byte[] reply = reply(frame, ICMP + quoted, 1);
    int at = ETHERNET + IPV4;
    reply[at] = 3;
    reply[at + 1] = 3;
    System.arraycopy(frame, ETHERNET, reply, at + ICMP, quoted);
    put16(reply, at + 2, fold(sum(reply, at, ICMP + quoted, 0)));
    return reply;
  }

  /** A frame back to the sender, with room for the payload. */
  private static byte[] reply(byte[] frame, int payload, int protocol) {
    byte[] reply = new byte[ETHERNET + IPV4 + payload];
    System.arraycopy(frame, 6, reply, 0, 6);
    System.arraycopy(frame, 0, reply, 6, 6);
    put16(reply, 12, 0x0800);
    reply[ETHERNET] = 0x45;
    put16(reply, ETHERNET + 2, IPV4 + payload);
    put16(reply, ETHERNET + 6, 0x4000);
    reply[ETHERNET + 8] = TTL;
    reply[ETHERNET + 9] = (byte) protocol;
    System.arraycopy(frame, ETHERNET + 16, reply, ETHERNET + 12, 4);
    System.arraycopy(frame, ETHERNET + 12, reply, ETHERNET + 16, 4);
    put16(reply, ETHERNET + 10, fold(sum(reply, ETHERNET, IPV4, 0)));
    return reply;
  }
}
