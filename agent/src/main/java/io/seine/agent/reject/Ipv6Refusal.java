package io.seine.agent.reject;

import static io.seine.agent.packet.Bytes.fold;
import static io.seine.agent.packet.Bytes.put16;
import static io.seine.agent.packet.Bytes.u16;

import io.seine.agent.packet.Ipv6Frame;
import java.util.Optional;

/**
 * What {@link Refusal} is for IPv6: a TCP reset, and for UDP and SCTP an ICMPv6 port unreachable
 * with as much of the packet as the switch handed over and 1280 bytes hold (RFC 4443, sections 2.4
 * and 3.1). Never an answer to multicast, to fragments but the first, to resets, to ICMPv6; nor to
 * what is too short, or has more extension headers than a packet that means well.
 */
final class Ipv6Refusal {
  private static final int HOPS = 64;
  private static final int TCP = 6;
  private static final int ICMP = 8;
  private static final int LONGEST_QUOTE = 1280 - Ipv6Frame.HEADER - ICMP;
  private static final int MOST_EXTENSIONS = 4;

  private Ipv6Refusal() {}

  /** The upper layer's protocol and where its header begins. */
  private record Upper(int protocol, int at) {}

  /**
   * @param frame with an Ethernet and an IPv6 header
   */
  static Optional<byte[]> of(byte[] frame) {
    boolean sane =
        (frame[0] & 1) == 0
            && Ipv6Frame.isUnicast(frame, Ipv6Frame.SOURCE)
            && Ipv6Frame.isUnicast(frame, Ipv6Frame.DESTINATION);
    if (!sane) {
      return Optional.empty();
    }
    int end = Ipv6Frame.PAYLOAD + u16(frame, Ipv6Frame.ETHERNET + 4);
    return upper(frame, end).flatMap(upper -> answer(frame, upper, end));
  }

  private static Optional<byte[]> answer(byte[] frame, Upper upper, int end) {
    return switch (upper.protocol()) {
      case TCP -> reset(frame, upper.at(), end);
      case 17, 132 -> Optional.of(unreachable(frame, end));
      default -> Optional.empty();
    };
  }

  /** Walks the extension headers; empty if the walk does not end well. */
  private static Optional<Upper> upper(byte[] frame, int end) {
    int protocol = frame[Ipv6Frame.NEXT_HEADER] & 0xff;
    int at = Ipv6Frame.PAYLOAD;
    for (int seen = 0; seen <= MOST_EXTENSIONS; seen++) {
      if (at + 8 > frame.length || at + 8 > end) {
        return Optional.empty();
      }
      switch (protocol) {
        case 0, 43, 60 -> {
          protocol = frame[at] & 0xff;
          at += ((frame[at + 1] & 0xff) + 1) * 8;
        }
        case 44 -> {
          if ((u16(frame, at + 2) & 0xfff8) != 0) {
            return Optional.empty();
          }
          protocol = frame[at] & 0xff;
          at += 8;
        }
        default -> {
          return Optional.of(new Upper(protocol, at));
        }
      }
    }
    return Optional.empty();
  }

  private static Optional<byte[]> reset(byte[] frame, int tcp, int end) {
    if (frame.length < tcp + Reset.HEADER || end < tcp + Reset.HEADER) {
      return Optional.empty();
    }
    byte[] reply = reply(frame, Reset.HEADER, TCP);
    if (!Reset.write(frame, tcp, end - tcp, reply, Ipv6Frame.PAYLOAD)) {
      return Optional.empty();
    }
    int sum = fold(Ipv6Frame.sumOf(reply, Reset.HEADER, TCP));
    put16(reply, Ipv6Frame.PAYLOAD + 16, sum);
    return Optional.of(reply);
  }

  private static byte[] unreachable(byte[] frame, int end) {
    int have = Math.min(frame.length, end) - Ipv6Frame.ETHERNET;
    int quoted = Math.min(have, LONGEST_QUOTE);
    byte[] reply = reply(frame, ICMP + quoted, Ipv6Frame.ICMPV6);
    reply[Ipv6Frame.PAYLOAD] = 1;
    reply[Ipv6Frame.PAYLOAD + 1] = 4;
    System.arraycopy(frame, Ipv6Frame.ETHERNET, reply, Ipv6Frame.PAYLOAD + ICMP, quoted);
    int sum = fold(Ipv6Frame.sumOf(reply, ICMP + quoted, Ipv6Frame.ICMPV6));
    put16(reply, Ipv6Frame.PAYLOAD + 2, sum);
    return reply;
  }

  /** A frame back to the sender, with room for the payload. */
  private static byte[] reply(byte[] frame, int payload, int protocol) {
    byte[] reply = Ipv6Frame.blank(payload, protocol, HOPS);
    System.arraycopy(frame, 6, reply, 0, 6);
    System.arraycopy(frame, 0, reply, 6, 6);
    int size = Ipv6Frame.ADDRESS;
    System.arraycopy(frame, Ipv6Frame.DESTINATION, reply, Ipv6Frame.SOURCE, size);
    System.arraycopy(frame, Ipv6Frame.SOURCE, reply, Ipv6Frame.DESTINATION, size);
    return reply;
  }
}
