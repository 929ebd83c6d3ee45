package io.seine.agent.packet;

import static io.seine.agent.packet.Bytes.put16;
import static io.seine.agent.packet.Bytes.sum;

/** Where things are in an Ethernet frame with IPv6, and frames made from scratch (RFC 8200). */
public final class Ipv6Frame {
  public static final int ETHER_TYPE = 0x86dd;
  public static final int ETHERNET = 14;
  public static final int HEADER = 40;

  /** Where what follows the IPv6 header begins. */
  public static final int PAYLOAD = ETHERNET + HEADER;

  public static final int NEXT_HEADER = ETHERNET + 6;
  public static final int HOP_LIMIT = ETHERNET + 7;
  public static final int SOURCE = ETHERNET + 8;
  public static final int DESTINATION = ETHERNET + 24;
  public static final int ADDRESS = 16;
  public static final int ICMPV6 = 58;

  private Ipv6Frame() {}

  /** Whether the frame is long enough and says that it is IPv6. */
  public static boolean is(byte[] frame) {
    return frame.length >= PAYLOAD
        && Bytes.u16(frame, 12) == ETHER_TYPE
        && (frame[ETHERNET] & 0xf0) == 0x60;
  }

  /** Whether the address is one that a single host can have and send from. */
  public static boolean isUnicast(byte[] frame, int at) {
    if ((frame[at] & 0xff) == 0xff) {
      return false;
    }
    for (int i = 0; i < ADDRESS - 1; i++) {
      if (frame[at + i] != 0) {
        return true;
      }
    }
    return (frame[at + ADDRESS - 1] & 0xff) > 1;
  }

  /** Whether all of the address is zero, as of a host that has none yet. */
  public static boolean isUnspecified(byte[] frame, int at) {
    for (int i = 0; i < ADDRESS; i++) {
      if (frame[at + i] != 0) {
        return false;
      }
    }
    return true;
  }

  /** A frame with its headers but for MAC and IP addresses, and {@code payload} zero bytes. */
  public static byte[] blank(int payload, int nextHeader, int hopLimit) {
    byte[] frame = new byte[PAYLOAD + payload];
    put16(frame, 12, ETHER_TYPE);
    frame[ETHERNET] = 0x60;
    put16(frame, ETHERNET + 4, payload);
    frame[NEXT_HEADER] = (byte) nextHeader;
    frame[HOP_LIMIT] = (byte) hopLimit;
    return frame;
  }

  /** The sum of the pseudo-header and the payload's first {@code length} bytes. */
  public static long sumOf(byte[] frame, int length, int nextHeader) {
    long pseudo = sum(frame, SOURCE, 2 * ADDRESS, 0) + length + nextHeader;
    return sum(frame, PAYLOAD, length, pseudo);
  }
}
