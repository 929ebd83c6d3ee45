package io.seine.openflow.wire;

import io.netty.buffer.ByteBuf;
import io.seine.openflow.Action;
import io.seine.openflow.Ports;
import java.util.List;
import java.util.OptionalInt;

/**
 * Writes actions (OpenFlow 1.5, section 7.2.6; {@code nicira-ext.h} and {@code ofp-actions.c} of
 * Open vSwitch for the vendor's), in the form in which Open vSwitch itself reports them.
 */
final class ActionWriter {
  private ActionWriter() {}

  static void write(ByteBuf out, List<Action> actions) {
    for (Action action : actions) {
      write(out, action);
    }
  }

  static void write(ByteBuf out, Action action) {
    int start = out.writerIndex();
    switch (action) {
      case Action.Output a -> output(out, a);
      case Action.Group a -> standard(out, ActionType.GROUP).writeInt(a.groupId());
      case Action.Meter a -> standard(out, ActionType.METER).writeInt(a.meterId());
      case Action.SetField a -> {
        standard(out, ActionType.SET_FIELD);
        Oxm.field(out, a.field(), a.value(), a.mask());
      }
      case Action.Move a -> {
        standard(out, ActionType.COPY_FIELD);
        out.writeShort(a.source().width());
        out.writeShort(a.source().from()).writeShort(a.target().from()).writeZero(2);
        Oxm.header(out, a.source().field(), false);
        Oxm.header(out, a.target().field(), false);
      }
      case Action.DecTtl() -> standard(out, ActionType.DEC_TTL);
      case Action.PushVlan a -> standard(out, ActionType.PUSH_VLAN).writeShort(a.etherType());
      case Action.PopVlan() -> standard(out, ActionType.POP_VLAN);
      case Action.OutputReg a -> outputReg(out, a);
      case Action.Resubmit a -> resubmit(out, a);
      case Action.CtClear() -> nicira(out, ActionType.NX_CT_CLEAR);
      case Action.Conjunction a ->
          nicira(out, ActionType.NX_CONJUNCTION)
              .writeByte(a.clause())
              .writeByte(a.clauses())
              .writeInt(a.id());
      case Action.Note a -> Wire.bits(nicira(out, ActionType.NX_NOTE), a.data());
      case Action.Controller a -> ControllerCodec.write(out, a);
      case Action.Ct a -> CtCodec.write(out, a);
      case Action.Learn a -> LearnCodec.write(out, a);
      case Action.Unknown a -> {
        Wire.bits(out, a.raw());
        return;
      }
      case Action.GotoTable a -> throw notHere(a);
    }
    Wire.pad8(out, start);
    Wire.setLength(out, start, 2);
  }

  /** Starts an action of OpenFlow itself; {@link #write} fills in its length. */
  private static ByteBuf standard(ByteBuf out, int type) {
    return out.writeShort(type).writeShort(0);
  }

  /** Starts an action of Open vSwitch; {@link #write} fills in its length. */
  static ByteBuf nicira(ByteBuf out, int subtype) {
    return standard(out, ActionType.EXPERIMENTER).writeInt(Wire.NICIRA).writeShort(subtype);
  }

  private static void output(ByteBuf out, Action.Output output) {
    // max_len counts only towards the controller; Open vSwitch reports 0 for the rest.
    int maxLen = output.port() == Ports.CONTROLLER ? 0xffff : 0;
    standard(out, ActionType.OUTPUT).writeInt(output.port()).writeShort(maxLen).writeZero(6);
  }

  private static void outputReg(ByteBuf out, Action.OutputReg output) {
    nicira(out, ActionType.NX_OUTPUT_REG).writeShort(Oxm.offsetAndWidth(output.source()));
    Oxm.header(out, output.source().field(), false);
    out.writeShort(output.maxLen()).writeZero(6);
  }

  private static void resubmit(ByteBuf out, Action.Resubmit resubmit) {
    OptionalInt port = resubmit.inPort();
    boolean sameTable = resubmit.table() == ActionType.SAME_TABLE;
    nicira(out, sameTable ? ActionType.NX_RESUBMIT : ActionType.NX_RESUBMIT_TABLE);
    // A 16-bit port number: the reserved ones keep their low 16 bits.
    out.writeShort(port.orElse(Ports.IN_PORT));
    out.writeByte(sameTable ? 0 : resubmit.table());
  }

  private static IllegalArgumentException notHere(Action instruction) {
    return new IllegalArgumentException(
        instruction + " is an instruction and cannot stand in a bucket, a ct() or a packet-out");
  }
}
