package io.seine.agent.dns;

import static io.seine.agent.packet.Bytes.fold;
import static io.seine.agent.packet.Bytes.put16;
import static io.seine.agent.packet.Bytes.put32;
import static io.seine.agent.packet.Bytes.sum;
import static io.seine.agent.packet.Bytes.u16;

import io.seine.agent.packet.Ipv6Frame;
import java.util.ArrayList;
import java.util.List;

/**
 * A packet that came in pieces, which the switch has put together, in pieces again: it sends none
 * that is longer than the pod's MTU (RFC 791, section 3.2; RFC 8200, section 4.5).
 */
final class Pieces {
  private static final int ETHERNET = 14;
  private static final int MORE = 0x2000;
  private static final int DONT = 0x4000;
  private static final int FRAGMENT = 44;
  private static final int FRAGMENT_HEADER = 8;

  private Pieces() {}

  /**
   * The frame as it is if it fits, or in pieces that do.
   *
   * @param frame with IPv4 without options that matter, or IPv6 without extension headers
   * @param mtu of IP, in bytes
   * @param identification of the packet that pieces make up
   */
  static List<byte[]> of(byte[] frame, int mtu, int identification) {
    if (frame.length - ETHERNET <= mtu) {
      return List.of(frame);
    }
    return Ipv6Frame.is(frame)
        ? ipv6(frame, mtu, identification)
        : ipv4(frame, mtu, identification);
  }

  private static List<byte[]> ipv4(byte[] frame, int mtu, int identification) {
    int header = ETHERNET + (frame[ETHERNET] & 0xf) * 4;
    int most = (mtu - (header - ETHERNET)) / 8 * 8;
    List<byte[]> pieces = new ArrayList<>();
    for (int from = header; from < frame.length; from += most) {
      int length = Math.min(most, frame.length - from);
      byte[] piece = new byte[header + length];
      System.arraycopy(frame, 0, piece, 0, header);
      System.arraycopy(frame, from, piece, header, length);
      put16(piece, ETHERNET + 2, header - ETHERNET + length);
      put16(piece, ETHERNET + 4, identification & 0xffff);
      int more = from + length < frame.length ? MORE : 0;
      int flags = u16(frame, ETHERNET + 6) & ~DONT & 0xc000;
      put16(piece, ETHERNET + 6, flags | more | (from - header) / 8);
      put16(piece, ETHERNET + 10, 0);
      put16(piece, ETHERNET + 10, fold(sum(piece, ETHERNET, header - ETHERNET, 0)));
      pieces.add(piece);
    }
    return pieces;
  }

  private static List<byte[]> ipv6(byte[] frame, int mtu, int identification) {
    int header = Ipv6Frame.PAYLOAD;
    int most = (mtu - Ipv6Frame.HEADER - FRAGMENT_HEADER) / 8 * 8;
    List<byte[]> pieces = new ArrayList<>();
    for (int from = header; from < frame.length; from += most) {
      int length = Math.min(most, frame.length - from);
      byte[] piece = new byte[header + FRAGMENT_HEADER + length];
      System.arraycopy(frame, 0, piece, 0, header);
      System.arraycopy(frame, from, piece, header + FRAGMENT_HEADER, length);
      put16(piece, ETHERNET + 4, FRAGMENT_HEADER + length);
      piece[header] = frame[Ipv6Frame.NEXT_HEADER];
      piece[Ipv6Frame.NEXT_HEADER] = FRAGMENT;
      put16(piece, header + 2, (from - header) | (from + length < frame.length ? 1 : 0));
      put32(piece, header + 4, identification);
      pieces.add(piece);
    }
    return pieces;
  }
}
