package io.seine.openflow.wire;

import io.netty.buffer.ByteBuf;
import io.seine.openflow.Action;
import io.seine.openflow.Change;
import io.seine.openflow.CtFlush;
import io.seine.openflow.Field;
import io.seine.openflow.FieldMatch;
import io.seine.openflow.Group;
import io.seine.openflow.GroupCounts;
import io.seine.openflow.InstalledFlow;
import io.seine.openflow.Match;
import java.util.List;

/**
 * The messages that are encoded and decoded here rather than by openflowj. Encoders append whole
 * messages to a buffer; decoders take the body of one, behind its 8-byte header.
 */
public final class Messages {
  public static final int TYPE_HELLO = 0;
  public static final int TYPE_ERROR = 1;
  public static final int TYPE_ECHO_REQUEST = 2;
  public static final int TYPE_ECHO_REPLY = 3;
  public static final int TYPE_EXPERIMENTER = 4;
  public static final int TYPE_FEATURES_REPLY = 6;
  public static final int TYPE_PACKET_IN = 10;
  public static final int TYPE_MULTIPART_REPLY = 19;
  public static final int TYPE_BARRIER_REPLY = 21;
  public static final int TYPE_BUNDLE_CONTROL = 33;

  private static final int FLOW_DESC = 1;
  private static final int GROUP_STATS = 6;
  private static final int GROUP_DESC = 7;
  private static final int REPLY_MORE = 1;
  private static final int ATOMIC_ORDERED = 3;

  private static final int NXT_SET_PACKET_IN_FORMAT = 16;
  private static final int NXT_SET_CONTROLLER_ID = 20;
  private static final int NXT_CT_FLUSH = 32;
  private static final int PACKET_IN2 = 2;

  private Messages() {}

  /** One part of the reply to a dump. */
  public record Part<T>(List<T> entries, boolean more) {}

  /**
   * The most bytes that a group may take, by {@link #groupBytes}. Open vSwitch accepts a larger one
   * and then ends itself, with an assertion, as soon as anybody asks for its groups (seen on 3.1).
   * Large sets of buckets have to be spread over groups of groups.
   */
  public static final int MAX_GROUP_BYTES = 65_000;

  /** How many of the {@link #MAX_GROUP_BYTES} the group takes: 16, and its buckets. */
  public static int groupBytes(Group group) {
    return 16 + bucketBytes(group.type(), group.buckets());
  }

  /** How many of the {@link #MAX_GROUP_BYTES} of their group these buckets take. */
  public static int bucketBytes(Group.Type type, List<Group.Bucket> buckets) {
    return GroupCodec.descriptionBytes(type, buckets);
  }

  /** The steps of which each fits a message and which together are {@code change}. */
  public static List<Change> split(Change change) {
    return GroupCodec.split(change);
  }

  /**
   * Appends a bundle-add message that carries {@code change}; both have this transaction id.
   *
   * @throws IllegalArgumentException if it does not fit a message
   */
  public static void bundleAdd(ByteBuf out, int xid, int bundle, Change change) {
    int start = Wire.begin(out, Wire.BUNDLE_ADD, xid);
    // Two bytes of padding here; openflowj writes one, which Open vSwitch refuses.
    out.writeInt(bundle).writeZero(2).writeShort(ATOMIC_ORDERED);
    switch (change) {
      case Change.AddFlow add -> FlowCodec.add(out, xid, add.flow(), add.cookie());
      case Change.DeleteFlow delete -> FlowCodec.delete(out, xid, delete.key());
      default -> GroupCodec.write(out, xid, change);
    }
    Wire.end(out, start);
  }

  /** Asks for every flow of every table. */
  public static void flowDumpRequest(ByteBuf out, int xid) {
    flowDumpRequest(out, xid, FlowCodec.ALL_TABLES, 0, 0);
  }

  /** Asks for the flows of one table whose cookie is {@code cookie} under the mask. */
  public static void flowDumpRequest(
      ByteBuf out, int xid, int table, long cookie, long cookieMask) {
    int start = multipart(out, xid, FLOW_DESC);
    FlowCodec.dumpBody(out, table, cookie, cookieMask);
    Wire.end(out, start);
  }

  public static void groupDumpRequest(ByteBuf out, int xid) {
    int start = multipart(out, xid, GROUP_DESC);
    GroupCodec.dumpBody(out);
    Wire.end(out, start);
  }

  /** Asks how often each group was used. */
  public static void groupCountsRequest(ByteBuf out, int xid) {
    int start = multipart(out, xid, GROUP_STATS);
    GroupCodec.dumpBody(out);
    Wire.end(out, start);
  }

  private static int multipart(ByteBuf out, int xid, int type) {
    int start = Wire.begin(out, Wire.MULTIPART_REQUEST, xid);
    out.writeShort(type).writeShort(0).writeZero(4);
    return start;
  }

  public static Part<InstalledFlow> flows(Input in) throws DecodeException {
    boolean more = readMultipart(in, FLOW_DESC);
    return new Part<>(FlowCodec.readAll(in), more);
  }

  public static Part<Group> groups(Input in) throws DecodeException {
    boolean more = readMultipart(in, GROUP_DESC);
    return new Part<>(GroupCodec.readAll(in), more);
  }

  public static Part<GroupCounts> groupCounts(Input in) throws DecodeException {
    boolean more = readMultipart(in, GROUP_STATS);
    return new Part<>(GroupCountsCodec.readAll(in), more);
  }

  /** Whether a whole multipart reply is the last of its kind. One that is too short is. */
  public static boolean isLastPart(byte[] message) {
    return message.length < 12 || (message[11] & REPLY_MORE) == 0;
  }

  private static boolean readMultipart(Input in, int expected) throws DecodeException {
    int type = in.u16();
    int flags = in.u16();
    in.skip(4);
    if (type != expected) {
      throw new DecodeException("multipart type " + type + " where " + expected + " was asked for");
    }
    return (flags & REPLY_MORE) != 0;
  }

  /** Sends {@code data} through {@code actions} as if it had come in by {@code inPort}. */
  public static void packetOut(
      ByteBuf out, int xid, int inPort, List<Action> actions, byte[] data) {
    int start = Wire.begin(out, Wire.PACKET_OUT, xid);
    out.writeInt(Wire.NO_BUFFER).writeShort(0).writeZero(2);
    Oxm.match(out, Match.of(FieldMatch.exact(Field.IN_PORT, inPort)));
    int firstAction = out.writerIndex();
    ActionWriter.write(out, actions);
    out.setShort(start + 12, out.writerIndex() - firstAction);
    out.writeBytes(data);
    Wire.end(out, start);
  }

  /** Asks for packet-ins with registers and user data (NXT_PACKET_IN2). */
  public static void setPacketInFormat(ByteBuf out, int xid) {
    int start = nicira(out, xid, NXT_SET_PACKET_IN_FORMAT);
    out.writeInt(PACKET_IN2);
    Wire.end(out, start);
  }

  /** Names this connection as the one that {@code controller(id=...)} actions send to. */
  public static void setControllerId(ByteBuf out, int xid, int controllerId) {
    int start = nicira(out, xid, NXT_SET_CONTROLLER_ID);
    out.writeZero(6).writeShort(controllerId);
    Wire.end(out, start);
  }

  /** Has the switch forget the connections that fit ({@code NXT_CT_FLUSH}). */
  public static void flushConnections(ByteBuf out, int xid, CtFlush flush) {
    int start = nicira(out, xid, NXT_CT_FLUSH);
    CtFlushCodec.writeBody(out, flush);
    Wire.end(out, start);
  }

  private static int nicira(ByteBuf out, int xid, int subtype) {
    int start = Wire.begin(out, Wire.EXPERIMENTER, xid);
    out.writeInt(Wire.NICIRA).writeInt(subtype);
    return start;
  }
}
