package io.seine.openflow.wire;

import io.seine.openflow.Action;
import io.seine.openflow.BitRange;
import io.seine.openflow.Bits;
import io.seine.openflow.FieldId;
import io.seine.openflow.FieldMatch;
import io.seine.openflow.Ports;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Reads actions. One that is not known, or whose body is not what its type should have, becomes
 * {@link Action.Unknown} with its bytes as they are; only a length that does not fit what contains
 * the action is an error.
 */
final class ActionReader {
  /** ct() may contain actions; more nesting than Open vSwitch allows is kept raw. */
  private static final int MAX_DEPTH = 4;

  private ActionReader() {}

  static List<Action> readAll(Input in) throws DecodeException {
    List<Action> actions = new ArrayList<>();
    while (in.remaining() > 0) {
      actions.add(read(in, 0));
    }
    return actions;
  }

  static Action read(Input in, int depth) throws DecodeException {
    Input whole = next(in);
    Bits raw = whole.copy().rest();
    if (depth < MAX_DEPTH) {
      try {
        Optional<Action> known = known(whole, depth);
        if (known.isPresent()) {
          return known.get();
        }
      } catch (DecodeException e) {
        // The bytes are kept and shown below; nothing about them is lost.
      }
    }
    return new Action.Unknown(Action.Unknown.ACTION, raw);
  }

  /** The next action as a window of its own. */
  private static Input next(Input in) throws DecodeException {
    Input header = in.copy();
    int type = header.u16();
    int length = header.u16();
    if (length < 8 || length % 8 != 0) {
      throw new DecodeException("action of type %d has a length of %d".formatted(type, length));
    }
    return in.slice(length);
  }

  /** The body of the next action if it is a {@code nat()}, which is then consumed. */
  static Optional<Input> natBody(Input in) throws DecodeException {
    Input ahead = in.copy();
    int type = ahead.u16();
    ahead.skip(2);
    if (type != ActionType.EXPERIMENTER
        || ahead.u32() != Wire.NICIRA
        || ahead.u16() != ActionType.NX_NAT) {
      return Optional.empty();
    }
    Input body = next(in);
    body.skip(10);
    return Optional.of(body);
  }

  private static Optional<Action> known(Input in, int depth) throws DecodeException {
    int type = in.u16();
    in.skip(2);
    return switch (type) {
      case ActionType.OUTPUT -> output(in);
      case ActionType.PUSH_VLAN -> Optional.of(new Action.PushVlan(in.u16()));
      case ActionType.POP_VLAN -> Optional.of(new Action.PopVlan());
      case ActionType.GROUP -> Optional.of(new Action.Group(in.u32()));
      case ActionType.METER -> Optional.of(new Action.Meter(in.u32()));
      case ActionType.DEC_TTL -> Optional.of(new Action.DecTtl());
      case ActionType.SET_FIELD -> {
        FieldMatch field = Oxm.readField(in);
        yield Optional.of(new Action.SetField(field.field(), field.value(), field.mask()));
      }
      case ActionType.COPY_FIELD -> Optional.of(move(in));
      case ActionType.EXPERIMENTER ->
          in.u32() == Wire.NICIRA ? nicira(in, depth) : Optional.empty();
      default -> Optional.empty();
    };
  }

  private static Optional<Action> nicira(Input in, int depth) throws DecodeException {
    return switch (in.u16()) {
      case ActionType.NX_RESUBMIT -> Optional.of(resubmit(in.u16(), ActionType.SAME_TABLE));
      case ActionType.NX_RESUBMIT_TABLE -> Optional.of(resubmit(in.u16(), in.u8()));
      case ActionType.NX_NOTE -> Optional.of(new Action.Note(in.rest()));
      case ActionType.NX_OUTPUT_REG -> {
        int range = in.u16();
        BitRange source = Oxm.range(Oxm.readFieldId(in), range);
        yield Optional.of(new Action.OutputReg(source, in.u16()));
      }
      case ActionType.NX_LEARN -> Optional.of(LearnCodec.read(in));
      case ActionType.NX_CONTROLLER -> Optional.of(ControllerCodec.readSimple(in));
      case ActionType.NX_CONTROLLER2 -> Optional.of(ControllerCodec.read(in));
      case ActionType.NX_CONJUNCTION -> {
        int clause = in.u8();
        int clauses = in.u8();
        yield Optional.of(new Action.Conjunction(in.u32(), clause, clauses));
      }
      case ActionType.NX_CT -> Optional.of(CtCodec.read(in, depth));
      case ActionType.NX_CT_CLEAR -> Optional.of(new Action.CtClear());
      default -> Optional.empty();
    };
  }

  private static Optional<Action> output(Input in) throws DecodeException {
    int port = in.u32();
    int maxLen = in.u16();
    // Output has no room for another max_len, and here it would mean something.
    return port == Ports.CONTROLLER && maxLen != 0xffff
        ? Optional.empty()
        : Optional.of(new Action.Output(port));
  }

  private static Action move(Input in) throws DecodeException {
    int width = in.u16();
    int sourceOffset = in.u16();
    int targetOffset = in.u16();
    in.skip(2);
    FieldId source = Oxm.readFieldId(in);
    FieldId target = Oxm.readFieldId(in);
    return new Action.Move(
        Oxm.range(source, sourceOffset, width), Oxm.range(target, targetOffset, width));
  }

  private static Action resubmit(int port, int table) {
    if (port == (Ports.IN_PORT & 0xffff)) {
      return new Action.Resubmit(table, OptionalInt.empty());
    }
    // 0xff00 and up are the reserved ports.
    return new Action.Resubmit(table, OptionalInt.of(port >= 0xff00 ? port | 0xffff0000 : port));
  }
}
