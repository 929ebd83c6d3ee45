package io.seine.openflow.wire;

import io.seine.openflow.Bits;
import io.seine.openflow.Match;
import io.seine.openflow.PacketIn;
import java.util.Optional;

/**
 * Packet-ins: the standard one (OpenFlow 1.5, section 7.4.1) and NXT_PACKET_IN2 of Open vSwitch.
 * openflowj stumbles over registers in the first and does not know the second.
 */
public final class PacketInCodec {
  private static final int NXT_PACKET_IN2 = 30;

  private static final int PACKET = 0;
  private static final int FULL_LENGTH = 1;
  private static final int TABLE = 3;
  private static final int COOKIE = 4;
  private static final int REASON = 5;
  private static final int METADATA = 6;
  private static final int USERDATA = 7;
  private static final int CONTINUATION = 8;

  private PacketInCodec() {}

  /** Reads the body of a packet-in message. */
  public static PacketIn read(Input in) throws DecodeException {
    in.skip(4);
    int totalLength = in.u16();
    int reason = in.u8();
    int table = in.u8();
    long cookie = in.u64();
    Match metadata = Oxm.readMatch(in);
    in.skip(2);
    return new PacketIn(
        reason, table, cookie, metadata, Bits.EMPTY, in.rest(), totalLength, Bits.EMPTY);
  }

  /** Reads the body of an experimenter message; empty if it is not a packet-in. */
  public static Optional<PacketIn> readExperimenter(Input in) throws DecodeException {
    if (in.u32() != Wire.NICIRA || in.u32() != NXT_PACKET_IN2) {
      return Optional.empty();
    }
    int reason = 0;
    int table = 0;
    long cookie = -1;
    int length = -1;
    Match metadata = Match.ANY;
    Bits userdata = Bits.EMPTY;
    Bits data = Bits.EMPTY;
    Bits continuation = Bits.EMPTY;
    while (in.remaining() > 0) {
      Properties.Property property = Properties.read(in);
      Input value = property.value();
      switch (property.type()) {
        case PACKET -> data = value.rest();
        case FULL_LENGTH -> length = value.u32();
        case TABLE -> table = value.u8();
        case COOKIE -> {
          value.skip(4); // padding before a 64-bit value
          cookie = value.u64();
        }
        case REASON -> reason = value.u8();
        case METADATA -> metadata = Oxm.toMatch(Oxm.readFields(value));
        case USERDATA -> userdata = value.rest();
        case CONTINUATION -> continuation = value.rest();
        default -> {} // properties may be added by later versions
      }
    }
    return Optional.of(
        new PacketIn(
            reason,
            table,
            cookie,
            metadata,
            userdata,
            data,
            length < 0 ? data.size() : length,
            continuation));
  }
}
