package io.seine.agent.neighbour;

import static io.seine.agent.packet.Bytes.fold;
import static io.seine.agent.packet.Bytes.put16;
import static io.seine.agent.packet.Bytes.u16;

import io.seine.agent.packet.Ipv6Frame;
import io.seine.openflow.Bits;
import io.seine.openflow.Mac;
import java.util.Arrays;
import java.util.Optional;

/**
 * A neighbour solicitation that is valid by RFC 4861, section 7.1.1, and has a sender to answer to.
 *
 * @param asker the Ethernet address that sent it
 * @param source the IPv6 address that sent it, 16 bytes
 * @param target whose Ethernet address is asked for, 16 bytes
 */
record Solicitation(Mac asker, Bits source, Bits target) {
  private static final int TYPE_SOLICITATION = 135;
  private static final int TYPE_ADVERTISEMENT = 136;
  private static final int FIXED = 24;
  private static final int TARGET = Ipv6Frame.PAYLOAD + 8;
  private static final int OPTION = 8;
  private static final int TARGET_LINK_LAYER_ADDRESS = 2;

  /** Set where the answer was asked for, and where it goes before what the asker believed. */
  private static final int SOLICITED_OVERRIDE = 0x60;

  private static final int HOPS = 255;

  /**
   * Reads a frame.
   *
   * @return empty for anything else, and for a host that looks whether its own new address is free
   *     (source {@code ::}): nobody here has it, and an answer would take it away from that host
   */
  static Optional<Solicitation> read(byte[] frame) {
    if (!Ipv6Frame.is(frame) || (frame[6] & 1) != 0) {
      return Optional.empty();
    }
    int length = u16(frame, Ipv6Frame.ETHERNET + 4);
    boolean valid =
        frame[Ipv6Frame.NEXT_HEADER] == Ipv6Frame.ICMPV6
            && (frame[Ipv6Frame.HOP_LIMIT] & 0xff) == HOPS
            && length >= FIXED
            && Ipv6Frame.PAYLOAD + length <= frame.length
            && (frame[Ipv6Frame.PAYLOAD] & 0xff) == TYPE_SOLICITATION
            && frame[Ipv6Frame.PAYLOAD + 1] == 0
            && Ipv6Frame.isUnicast(frame, Ipv6Frame.SOURCE)
            && Ipv6Frame.isUnicast(frame, TARGET)
            && isFor(frame)
            && optionsFit(frame, length)
            && fold(Ipv6Frame.sumOf(frame, length, Ipv6Frame.ICMPV6)) == 0;
    if (!valid) {
      return Optional.empty();
    }
    return Optional.of(
        new Solicitation(
            new Mac(Bits.of(frame, 6, 6).toLong()),
            Bits.of(frame, Ipv6Frame.SOURCE, Ipv6Frame.ADDRESS),
            Bits.of(frame, TARGET, Ipv6Frame.ADDRESS)));
  }

  /** Sent to the target itself, or to its solicited-node group (RFC 4291, section 2.7.1). */
  private static boolean isFor(byte[] frame) {
    byte[] group = {(byte) 0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, (byte) 0xff};
    int to = Ipv6Frame.DESTINATION;
    boolean toGroup =
        Arrays.equals(frame, to, to + group.length, group, 0, group.length)
            && Arrays.equals(frame, to + 13, to + 16, frame, TARGET + 13, TARGET + 16);
    return toGroup || Arrays.equals(frame, to, to + 16, frame, TARGET, TARGET + 16);
  }

  private static boolean optionsFit(byte[] frame, int length) {
    int at = Ipv6Frame.PAYLOAD + FIXED;
    int end = Ipv6Frame.PAYLOAD + length;
    while (at < end) {
      int size = at + 1 < end ? (frame[at + 1] & 0xff) * 8 : 0;
      if (size == 0) {
        return false;
      }
      at += size;
    }
    return at == end;
  }

  /** The advertisement that tells the asker that the target is at {@code mac}. */
  byte[] answer(Mac mac) {
    int length = FIXED + OPTION;
    byte[] reply = Ipv6Frame.blank(length, Ipv6Frame.ICMPV6, HOPS);
    put(reply, 0, asker.toByteArray());
    put(reply, 6, mac.toByteArray());
    put(reply, Ipv6Frame.SOURCE, target.toByteArray());
    put(reply, Ipv6Frame.DESTINATION, source.toByteArray());
    reply[Ipv6Frame.PAYLOAD] = (byte) TYPE_ADVERTISEMENT;
    reply[Ipv6Frame.PAYLOAD + 4] = SOLICITED_OVERRIDE;
    put(reply, TARGET, target.toByteArray());
    int option = Ipv6Frame.PAYLOAD + FIXED;
    reply[option] = TARGET_LINK_LAYER_ADDRESS;
    reply[option + 1] = OPTION / 8;
    put(reply, option + 2, mac.toByteArray());
    int sum = fold(Ipv6Frame.sumOf(reply, length, Ipv6Frame.ICMPV6));
    put16(reply, Ipv6Frame.PAYLOAD + 2, sum);
    return reply;
  }

  private static void put(byte[] frame, int at, byte[] bytes) {
    System.arraycopy(bytes, 0, frame, at, bytes.length);
  }
}
