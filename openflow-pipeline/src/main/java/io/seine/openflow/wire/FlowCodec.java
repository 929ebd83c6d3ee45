package io.seine.openflow.wire;

import io.netty.buffer.ByteBuf;
import io.seine.openflow.Action;
import io.seine.openflow.Flow;
import io.seine.openflow.InstalledFlow;
import io.seine.openflow.Match;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Flow-mods, and the entries of a flow description reply (OpenFlow 1.5, 7.3.4.2 and 7.3.5.2). */
final class FlowCodec {
  private static final int ADD = 0;
  private static final int DELETE_STRICT = 4;
  static final int ALL_TABLES = 0xff;

  private static final int GOTO_TABLE = 1;
  private static final int APPLY_ACTIONS = 4;

  private static final int STATS_CLASS = 0x8002;
  private static final int STATS_DURATION = 0;
  private static final int STATS_IDLE = 1;
  private static final int STATS_PACKETS = 4;
  private static final int STATS_BYTES = 5;

  private FlowCodec() {}

  static void add(ByteBuf out, int xid, Flow flow, long cookie) {
    int start = flowMod(out, xid, ADD, flow.table(), flow.priority(), cookie, flow.match());
    instructions(out, flow.actions());
    Wire.end(out, start);
  }

  static void delete(ByteBuf out, int xid, Flow.Key key) {
    int start = flowMod(out, xid, DELETE_STRICT, key.table(), key.priority(), 0, key.match());
    Wire.end(out, start);
  }

  private static int flowMod(
      ByteBuf out, int xid, int command, int table, int priority, long cookie, Match match) {
    int start = Wire.begin(out, Wire.FLOW_MOD, xid);
    out.writeLong(cookie).writeLong(0);
    out.writeByte(table).writeByte(command);
    out.writeShort(0).writeShort(0).writeShort(priority);
    out.writeInt(Wire.NO_BUFFER).writeInt(Wire.ANY).writeInt(Wire.ANY);
    out.writeShort(0).writeShort(0);
    Oxm.match(out, match);
    return start;
  }

  static void instructions(ByteBuf out, List<Action> actions) {
    int apply = -1;
    for (Action action : actions) {
      if (isInstruction(action)) {
        if (apply >= 0) {
          Wire.setLength(out, apply, 2);
          apply = -1;
        }
        instruction(out, action);
        continue;
      }
      if (apply < 0) {
        apply = out.writerIndex();
        out.writeShort(APPLY_ACTIONS).writeShort(0).writeInt(0);
      }
      ActionWriter.write(out, action);
    }
    if (apply >= 0) {
      Wire.setLength(out, apply, 2);
    }
  }

  private static boolean isInstruction(Action action) {
    return switch (action) {
      case Action.GotoTable a -> true;
      case Action.Unknown unknown -> unknown.kind().equals(Action.Unknown.INSTRUCTION);
      default -> false;
    };
  }

  private static void instruction(ByteBuf out, Action action) {
    switch (action) {
      case Action.GotoTable a ->
          out.writeShort(GOTO_TABLE).writeShort(8).writeByte(a.table()).writeZero(3);
      case Action.Unknown a -> Wire.bits(out, a.raw());
      default -> throw new IllegalArgumentException(action + " is no instruction");
    }
  }

  /** Asks for the flows of a table, or of {@link #ALL_TABLES}, whose cookie fits the mask. */
  static void dumpBody(ByteBuf out, int table, long cookie, long cookieMask) {
    out.writeByte(table).writeZero(3);
    out.writeInt(Wire.ANY).writeInt(Wire.ANY).writeZero(4);
    out.writeLong(cookie & cookieMask).writeLong(cookieMask);
    Oxm.match(out, Match.ANY);
  }

  static List<InstalledFlow> readAll(Input in) throws DecodeException {
    List<InstalledFlow> flows = new ArrayList<>();
    while (in.remaining() > 0) {
      int length = in.copy().u16();
      if (length < 2) {
        throw new DecodeException("flow entry with a length of " + length);
      }
      flows.add(read(in.slice(length)));
    }
    return flows;
  }

  private static InstalledFlow read(Input in) throws DecodeException {
    in.skip(4);
    int table = in.u8();
    in.skip(1);
    int priority = in.u16();
    int idleTimeout = in.u16();
    int hardTimeout = in.u16();
    in.skip(4); // flags, importance
    long cookie = in.u64();
    Match match = Oxm.readMatch(in);
    Statistics statistics = readStatistics(in);
    List<Action> actions = readInstructions(in);
    if (table > 254) {
      throw new DecodeException("flow in table " + table);
    }
    return new InstalledFlow(
        new Flow(table, priority, match, actions),
        cookie,
        statistics.age,
        statistics.idle,
        statistics.packets,
        statistics.bytes,
        idleTimeout,
        hardTimeout);
  }

  private record Statistics(Duration age, Duration idle, long packets, long bytes) {}

  // openflowj numbers the counters 2, 3 and 4; OpenFlow 1.5, section 7.2.4.2 has 3, 4 and 5.
  private static Statistics readStatistics(Input in) throws DecodeException {
    in.skip(2);
    int length = in.u16();
    if (length < 4) {
      throw new DecodeException("flow statistics with a length of " + length);
    }
    Input fields = in.slice(length - 4);
    in.skipUpTo(Wire.padding(length));
    Duration age = Duration.ZERO;
    Duration idle = Duration.ZERO;
    long packets = 0;
    long bytes = 0;
    while (fields.remaining() > 0) {
      int oxsClass = fields.u16();
      int number = fields.u8() >> 1;
      Input value = fields.slice(fields.u8());
      if (oxsClass != STATS_CLASS) {
        continue;
      }
      switch (number) {
        case STATS_DURATION -> age = readDuration(value);
        case STATS_IDLE -> idle = readDuration(value);
        case STATS_PACKETS -> packets = value.u64();
        case STATS_BYTES -> bytes = value.u64();
        default -> {}
      }
    }
    return new Statistics(age, idle, packets, bytes);
  }

  private static Duration readDuration(Input in) throws DecodeException {
    return Duration.ofSeconds(in.u32() & 0xffffffffL, in.u32() & 0xffffffffL);
  }

  static List<Action> readInstructions(Input in) throws DecodeException {
    List<Action> actions = new ArrayList<>();
    while (in.remaining() > 0) {
      Input header = in.copy();
      int type = header.u16();
      int length = header.u16();
      if (length < 8 || length % 8 != 0) {
        throw new DecodeException("instruction %d has a length of %d".formatted(type, length));
      }
      Input body = in.slice(length);
      Input raw = body.copy();
      body.skip(4);
      switch (type) {
        case GOTO_TABLE -> actions.add(new Action.GotoTable(body.u8()));
        case APPLY_ACTIONS -> {
          body.skip(4);
          actions.addAll(ActionReader.readAll(body));
        }
        default -> actions.add(new Action.Unknown(Action.Unknown.INSTRUCTION, raw.rest()));
      }
    }
    return actions;
  }
}
