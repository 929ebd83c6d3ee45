package io.seine.openflow.wire;

import io.netty.buffer.ByteBuf;
import io.seine.openflow.Action;
import io.seine.openflow.Action.LearnSpec;
import io.seine.openflow.BitRange;
import io.seine.openflow.Bits;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code learn(...)} (NXAST_LEARN) with its specifications. The header of one, 16 bits: whether the
 * source is a value, what it becomes, and its width.
 */
final class LearnCodec {
  private static final int SOURCE_IS_VALUE = 1 << 13;
  private static final int KIND = 3 << 11;
  private static final int MATCH = 0 << 11;
  private static final int LOAD = 1 << 11;
  private static final int OUTPUT = 2 << 11;
  private static final int WIDTH = 0x7ff;
  private static final int UNUSED = 0xc000;

  private LearnCodec() {}

  static void write(ByteBuf out, Action.Learn learn) {
    ActionWriter.nicira(out, ActionType.NX_LEARN)
        .writeShort(learn.idleTimeout())
        .writeShort(learn.hardTimeout())
        .writeShort(learn.priority())
        .writeLong(learn.cookie())
        .writeShort(learn.flags())
        .writeByte(learn.table())
        .writeZero(1)
        .writeShort(learn.finIdleTimeout())
        .writeShort(learn.finHardTimeout());
    for (LearnSpec spec : learn.specs()) {
      write(out, spec);
    }
  }

  private static void write(ByteBuf out, LearnSpec spec) {
    switch (spec) {
      case LearnSpec.MatchField s -> fromField(out, MATCH, s.source(), s.target());
      case LearnSpec.LoadField s -> fromField(out, LOAD, s.source(), s.target());
      case LearnSpec.MatchValue s -> fromValue(out, MATCH, s.value(), s.target());
      case LearnSpec.LoadValue s -> fromValue(out, LOAD, s.value(), s.target());
      case LearnSpec.OutputField s -> {
        out.writeShort(OUTPUT | s.source().width());
        place(out, s.source());
      }
    }
  }

  private static void fromField(ByteBuf out, int kind, BitRange source, BitRange target) {
    out.writeShort(kind | target.width());
    place(out, source);
    place(out, target);
  }

  private static void fromValue(ByteBuf out, int kind, Bits value, BitRange target) {
    out.writeShort(SOURCE_IS_VALUE | kind | target.width());
    Wire.bits(out, value);
    place(out, target);
  }

  private static void place(ByteBuf out, BitRange range) {
    Oxm.header(out, range.field(), false);
    out.writeShort(range.from());
  }

  static Action read(Input in) throws DecodeException {
    int idle = in.u16();
    int hard = in.u16();
    int priority = in.u16();
    long cookie = in.u64();
    int flags = in.u16();
    int table = in.u8();
    in.skip(1);
    int finIdle = in.u16();
    int finHard = in.u16();
    List<LearnSpec> specs = new ArrayList<>();
    // A header of zero, or too little for one, is the padding.
    while (in.remaining() >= 2) {
      int header = in.u16();
      if (header == 0) {
        break;
      }
      specs.add(readSpec(in, header));
    }
    return new Action.Learn(idle, hard, priority, cookie, flags, table, finIdle, finHard, specs);
  }

  private static LearnSpec readSpec(Input in, int header) throws DecodeException {
    int width = header & WIDTH;
    int kind = header & KIND;
    boolean value = (header & SOURCE_IS_VALUE) != 0;
    if ((header & UNUSED) != 0 || width == 0 || (kind != MATCH && kind != LOAD && kind != OUTPUT)) {
      throw new DecodeException("learn specification 0x%04x".formatted(header));
    }
    if (value) {
      Bits bits = in.bits((width + 15) / 16 * 2);
      return switch (kind) {
        case MATCH -> new LearnSpec.MatchValue(bits, readPlace(in, width));
        case LOAD -> new LearnSpec.LoadValue(bits, readPlace(in, width));
        default -> throw new DecodeException("learn outputs to a value");
      };
    }
    BitRange source = readPlace(in, width);
    return switch (kind) {
      case MATCH -> new LearnSpec.MatchField(source, readPlace(in, width));
      case LOAD -> new LearnSpec.LoadField(source, readPlace(in, width));
      default -> new LearnSpec.OutputField(source);
    };
  }

  private static BitRange readPlace(Input in, int width) throws DecodeException {
    var field = Oxm.readFieldId(in);
    return Oxm.range(field, in.u16(), width);
  }
}
