package io.seine.agent.policylog;

import static io.seine.agent.packet.Bytes.u16;

import io.seine.agent.packet.Ipv6Frame;
import io.seine.openflow.Bits;
import io.seine.openflow.Ip;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Who speaks with whom in a packet.
 *
 * @param protocol TCP, UDP, SCTP, ICMP, ICMPv6, or the number
 * @param sourcePort empty where the protocol has none, and in fragments but the first
 */
record Conversation(
    Ip source, Ip destination, String protocol, OptionalInt sourcePort, OptionalInt port) {
  private static final int ETHERNET = 14;
  private static final int IPV4 = 20;
  private static final int OFFSET = 0x1fff;
  private static final int FRAGMENT = 44;

  /** The most headers between the IPv6 header and what it carries that are looked through. */
  private static final int MOST_EXTENSIONS = 8;

  /**
   * @param frame from its Ethernet header on; it may be cut off
   * @return empty if it is no IP packet, or too short to say
   */
  static Optional<Conversation> of(byte[] frame) {
    if (Ipv6Frame.is(frame)) {
      return Optional.of(ipv6(frame));
    }
    if (frame.length < ETHERNET + IPV4
        || u16(frame, 12) != 0x0800
        || (frame[ETHERNET] & 0xf0) != 0x40) {
      return Optional.empty();
    }
    boolean first = (u16(frame, ETHERNET + 6) & OFFSET) == 0;
    int payload = ETHERNET + (frame[ETHERNET] & 0xf) * 4;
    return Optional.of(
        of(
            frame,
            ip(frame, ETHERNET + 12, 4),
            ip(frame, ETHERNET + 16, 4),
            frame[ETHERNET + 9] & 0xff,
            first ? payload : frame.length));
  }

  private static Conversation ipv6(byte[] frame) {
    int next = frame[Ipv6Frame.NEXT_HEADER] & 0xff;
    int at = Ipv6Frame.PAYLOAD;
    for (int i = 0; i < MOST_EXTENSIONS && isExtension(next) && at + 8 <= frame.length; i++) {
      boolean later = next == FRAGMENT && (u16(frame, at + 2) & 0xfff8) != 0;
      int length = next == FRAGMENT ? 8 : 8 + (frame[at + 1] & 0xff) * 8;
      next = frame[at] & 0xff;
      at = later ? frame.length : at + length;
    }
    return of(
        frame,
        ip(frame, Ipv6Frame.SOURCE, Ipv6Frame.ADDRESS),
        ip(frame, Ipv6Frame.DESTINATION, Ipv6Frame.ADDRESS),
        next,
        at);
  }

  /** Hop-by-hop options, routing, fragment, destination options (RFC 8200, section 4.1). */
  private static boolean isExtension(int header) {
    return header == 0 || header == 43 || header == FRAGMENT || header == 60;
  }

  private static Conversation of(byte[] frame, Ip source, Ip destination, int protocol, int at) {
    boolean ports = (protocol == 6 || protocol == 17 || protocol == 132) && at + 4 <= frame.length;
    return new Conversation(
        source,
        destination,
        name(protocol),
        ports ? OptionalInt.of(u16(frame, at)) : OptionalInt.empty(),
        ports ? OptionalInt.of(u16(frame, at + 2)) : OptionalInt.empty());
  }

  private static String name(int protocol) {
    return switch (protocol) {
      case 1 -> "ICMP";
      case 6 -> "TCP";
      case 17 -> "UDP";
      case 58 -> "ICMPv6";
      case 132 -> "SCTP";
      default -> String.valueOf(protocol);
    };
  }

  private static Ip ip(byte[] frame, int at, int length) {
    return Ip.of(Bits.of(Arrays.copyOfRange(frame, at, at + length)));
  }
}
