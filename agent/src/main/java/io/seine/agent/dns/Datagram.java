package io.seine.agent.dns;

import static io.seine.agent.packet.Bytes.u16;

import io.seine.agent.packet.Ipv6Frame;
import java.util.Arrays;
import java.util.Optional;

/** What a UDP packet carries. */
final class Datagram {
  private static final int ETHERNET = 14;
  private static final int IPV4 = 20;
  private static final int UDP_HEADER = 8;
  private static final int UDP = 17;
  private static final int MORE_OR_OFFSET = 0x3fff;

  private Datagram() {}

  /**
   * The payload.
   *
   * @param frame from its Ethernet header on
   * @return empty if it is no UDP over IPv4 or over IPv6 without extension headers, a fragment, or
   *     not there as a whole
   */
  static Optional<byte[]> payload(byte[] frame) {
    if (Ipv6Frame.is(frame)) {
      int end = Ipv6Frame.PAYLOAD + u16(frame, ETHERNET + 4);
      return (frame[Ipv6Frame.NEXT_HEADER] & 0xff) == UDP
          ? udp(frame, Ipv6Frame.PAYLOAD, end)
          : Optional.empty();
    }
    if (frame.length < ETHERNET + IPV4
        || u16(frame, 12) != 0x0800
        || (frame[ETHERNET] & 0xf0) != 0x40
        || (frame[ETHERNET + 9] & 0xff) != UDP
        || (u16(frame, ETHERNET + 6) & MORE_OR_OFFSET) != 0) {
      return Optional.empty();
    }
    int header = (frame[ETHERNET] & 0xf) * 4;
    return udp(frame, ETHERNET + header, ETHERNET + u16(frame, ETHERNET + 2));
  }

  private static Optional<byte[]> udp(byte[] frame, int at, int end) {
    if (end > frame.length || at + UDP_HEADER > end) {
      return Optional.empty();
    }
    int length = u16(frame, at + 4);
    return length < UDP_HEADER || at + length > end
        ? Optional.empty()
        : Optional.of(Arrays.copyOfRange(frame, at + UDP_HEADER, at + length));
  }
}
