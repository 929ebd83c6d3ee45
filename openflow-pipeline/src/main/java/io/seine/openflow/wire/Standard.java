package io.seine.openflow.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.seine.openflow.Bits;
import io.seine.openflow.PortDescription;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import org.projectfloodlight.openflow.exceptions.OFParseError;
import org.projectfloodlight.openflow.protocol.OFBundleCtrlType;
import org.projectfloodlight.openflow.protocol.OFBundleFlags;
import org.projectfloodlight.openflow.protocol.OFFactories;
import org.projectfloodlight.openflow.protocol.OFFactory;
import org.projectfloodlight.openflow.protocol.OFFeaturesReply;
import org.projectfloodlight.openflow.protocol.OFHello;
import org.projectfloodlight.openflow.protocol.OFHelloElem;
import org.projectfloodlight.openflow.protocol.OFHelloElemVersionbitmap;
import org.projectfloodlight.openflow.protocol.OFMessage;
import org.projectfloodlight.openflow.protocol.OFMeterFlags;
import org.projectfloodlight.openflow.protocol.OFMeterModCommand;
import org.projectfloodlight.openflow.protocol.OFPortDesc;
import org.projectfloodlight.openflow.protocol.OFPortDescStatsReply;
import org.projectfloodlight.openflow.protocol.OFStatsReplyFlags;
import org.projectfloodlight.openflow.protocol.OFVersion;
import org.projectfloodlight.openflow.types.BundleId;
import org.projectfloodlight.openflow.types.OFPort;
import org.projectfloodlight.openflow.types.U32;

/**
 * The messages that openflowj encodes and decodes correctly for OpenFlow 1.5: the handshake, echo,
 * barrier, switch configuration, bundle control, meters and port descriptions.
 */
public final class Standard {
  private static final OFFactory FACTORY = OFFactories.getFactory(OFVersion.OF_15);

  private Standard() {}

  /** Offers OpenFlow 1.5 and nothing else. */
  public static void hello(ByteBuf out, int xid) {
    OFHelloElem versions = FACTORY.helloElemVersionbitmap(List.of(U32.of(1L << Wire.VERSION)));
    write(out, FACTORY.buildHello().setXid(unsigned(xid)).setElements(List.of(versions)).build());
  }

  public static void echoRequest(ByteBuf out, int xid) {
    write(out, FACTORY.buildEchoRequest().setXid(unsigned(xid)).build());
  }

  /** Answers an echo request with what it carried. */
  public static void echoReply(ByteBuf out, int xid, byte[] data) {
    write(out, FACTORY.buildEchoReply().setXid(unsigned(xid)).setData(data).build());
  }

  public static void featuresRequest(ByteBuf out, int xid) {
    write(out, FACTORY.buildFeaturesRequest().setXid(unsigned(xid)).build());
  }

  public static void barrierRequest(ByteBuf out, int xid) {
    write(out, FACTORY.buildBarrierRequest().setXid(unsigned(xid)).build());
  }

  /** Open vSwitch sends packet-ins over a management socket only when this is above zero. */
  public static void setConfig(ByteBuf out, int xid, int missSendLength) {
    write(
        out, FACTORY.buildSetConfig().setXid(unsigned(xid)).setMissSendLen(missSendLength).build());
  }

  public static void portDescRequest(ByteBuf out, int xid) {
    write(
        out,
        FACTORY.buildPortDescStatsRequest().setXid(unsigned(xid)).setPortNo(OFPort.ANY).build());
  }

  /** A step in the life of an atomic, ordered bundle. */
  public enum BundleStep {
    OPEN(OFBundleCtrlType.OPEN_REQUEST),
    COMMIT(OFBundleCtrlType.COMMIT_REQUEST),
    DISCARD(OFBundleCtrlType.DISCARD_REQUEST);

    private final OFBundleCtrlType type;

    BundleStep(OFBundleCtrlType type) {
      this.type = type;
    }
  }

  public static void bundleControl(ByteBuf out, int xid, int bundle, BundleStep step) {
    write(
        out,
        FACTORY
            .buildBundleCtrlMsg()
            .setXid(unsigned(xid))
            .setBundleId(BundleId.of(bundle))
            .setBundleCtrlType(step.type)
            .setFlags(EnumSet.of(OFBundleFlags.ATOMIC, OFBundleFlags.ORDERED))
            .build());
  }

  /** Adds a meter that passes so many packets a second, after a burst of {@code burst}. */
  public static void addMeter(ByteBuf out, int xid, int meter, int packetsPerSecond, int burst) {
    meter(out, xid, OFMeterModCommand.ADD, meter, packetsPerSecond, burst);
  }

  /** Gives a meter that is there another rate. */
  public static void modifyMeter(ByteBuf out, int xid, int meter, int packetsPerSecond, int burst) {
    meter(out, xid, OFMeterModCommand.MODIFY, meter, packetsPerSecond, burst);
  }

  private static void meter(
      ByteBuf out, int xid, OFMeterModCommand command, int meter, int packetsPerSecond, int burst) {
    write(
        out,
        FACTORY
            .buildMeterMod()
            .setXid(unsigned(xid))
            .setCommand(command)
            .setFlags(EnumSet.of(OFMeterFlags.PKTPS, OFMeterFlags.BURST))
            .setMeterId(unsigned(meter))
            .setBands(
                List.of(
                    FACTORY
                        .meterBands()
                        .buildDrop()
                        .setRate(packetsPerSecond)
                        .setBurstSize(burst)
                        .build()))
            .build());
  }

  public static void deleteMeter(ByteBuf out, int xid, int meter) {
    write(
        out,
        FACTORY
            .buildMeterMod()
            .setXid(unsigned(xid))
            .setCommand(OFMeterModCommand.DELETE)
            .setMeterId(unsigned(meter))
            .setBands(List.of())
            .build());
  }

  /** Whether the peer that sent this hello speaks OpenFlow 1.5. */
  public static boolean offersVersion(byte[] hello) throws DecodeException {
    int highest = hello[0];
    if (highest < Wire.VERSION) {
      return false;
    }
    for (OFHelloElem element : read(hello, OFHello.class).getElements()) {
      if (element instanceof OFHelloElemVersionbitmap versions
          && !versions.getBitmaps().isEmpty()) {
        return (versions.getBitmaps().getFirst().getValue() >> Wire.VERSION & 1) != 0;
      }
    }
    return highest == Wire.VERSION;
  }

  /** The datapath id of a features reply. */
  public static long datapathId(byte[] message) throws DecodeException {
    return read(message, OFFeaturesReply.class).getDatapathId().getLong();
  }

  /** One part of the reply to a port description request. */
  public record PortPart(List<PortDescription> ports, boolean more) {}

  public static PortPart ports(byte[] message) throws DecodeException {
    OFPortDescStatsReply reply = read(message, OFPortDescStatsReply.class);
    List<PortDescription> ports = new ArrayList<>();
    for (OFPortDesc port : reply.getEntries()) {
      ports.add(
          new PortDescription(
              port.getPortNo().getPortNumber(),
              port.getName(),
              Bits.of(port.getHwAddr().getBytes()),
              port.isEnabled()));
    }
    return new PortPart(ports, reply.getFlags().contains(OFStatsReplyFlags.REPLY_MORE));
  }

  // openflowj throws all sorts of things at bytes it does not expect.
  private static <T> T read(byte[] message, Class<T> type) throws DecodeException {
    OFMessage decoded;
    try {
      decoded =
          Optional.ofNullable(
                  OFFactories.getGenericReader().readFrom(Unpooled.wrappedBuffer(message)))
              .orElseThrow(() -> new DecodeException("an incomplete message"));
    } catch (OFParseError | RuntimeException e) {
      throw new DecodeException("not a " + type.getSimpleName() + ": " + e, e);
    }
    if (!type.isInstance(decoded)) {
      throw new DecodeException("a " + decoded.getType() + ", not a " + type.getSimpleName());
    }
    return type.cast(decoded);
  }

  private static void write(ByteBuf out, OFMessage message) {
    message.writeTo(out);
  }

  private static long unsigned(int value) {
    return value & 0xffffffffL;
  }
}
