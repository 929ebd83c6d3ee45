package io.seine.openflow.wire;

import io.netty.buffer.ByteBuf;
import io.seine.openflow.Action;
import io.seine.openflow.Bits;
import java.util.OptionalInt;

/**
 * {@code controller(...)}: NXAST_CONTROLLER where it suffices, else NXAST_CONTROLLER2 with its
 * properties, as Open vSwitch chooses too.
 */
final class ControllerCodec {
  private static final int MAX_LEN = 0;
  private static final int CONTROLLER_ID = 1;
  private static final int REASON = 2;
  private static final int USERDATA = 3;
  private static final int PAUSE = 4;
  private static final int METER_ID = 5;

  private static final int WHOLE_PACKET = 0xffff;

  private ControllerCodec() {}

  static void write(ByteBuf out, Action.Controller action) {
    if (action.userdata().size() == 0 && !action.pause() && action.meterId().isEmpty()) {
      ActionWriter.nicira(out, ActionType.NX_CONTROLLER)
          .writeShort(action.maxLen())
          .writeShort(action.controllerId())
          .writeByte(action.reason())
          .writeZero(1);
      return;
    }
    ActionWriter.nicira(out, ActionType.NX_CONTROLLER2).writeZero(6);
    if (action.maxLen() != WHOLE_PACKET) {
      Properties.u16(out, MAX_LEN, action.maxLen());
    }
    if (action.controllerId() != 0) {
      Properties.u16(out, CONTROLLER_ID, action.controllerId());
    }
    if (action.reason() != Action.Controller.ACTION) {
      Properties.u8(out, REASON, action.reason());
    }
    if (action.userdata().size() != 0) {
      Properties.bytes(out, USERDATA, action.userdata());
    }
    if (action.pause()) {
      Properties.bytes(out, PAUSE, Bits.EMPTY);
    }
    action.meterId().ifPresent(meter -> Properties.u32(out, METER_ID, meter));
  }

  static Action readSimple(Input in) throws DecodeException {
    return new Action.Controller(
        in.u16(), in.u16(), in.u8(), Bits.EMPTY, false, OptionalInt.empty());
  }

  static Action read(Input in) throws DecodeException {
    in.skip(6);
    int maxLen = WHOLE_PACKET;
    int controllerId = 0;
    int reason = Action.Controller.ACTION;
    Bits userdata = Bits.EMPTY;
    boolean pause = false;
    OptionalInt meter = OptionalInt.empty();
    while (in.remaining() > 0) {
      Properties.Property property = Properties.read(in);
      Input value = property.value();
      switch (property.type()) {
        case MAX_LEN -> maxLen = value.u16();
        case CONTROLLER_ID -> controllerId = value.u16();
        case REASON -> reason = value.u8();
        case USERDATA -> userdata = value.rest();
        case PAUSE -> pause = true;
        case METER_ID -> meter = OptionalInt.of(value.u32());
        default -> throw new DecodeException("controller2 property " + property.type());
      }
    }
    return new Action.Controller(maxLen, controllerId, reason, userdata, pause, meter);
  }
}
