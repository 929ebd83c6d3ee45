package io.seine.openflow.wire;

import io.netty.buffer.ByteBuf;
import io.seine.openflow.Action;
import io.seine.openflow.Action.Zone;
import io.seine.openflow.Bits;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** {@code ct(...)} and the {@code nat(...)} inside it (NXAST_CT, NXAST_NAT). */
final class CtCodec {
  private static final int COMMIT = 1;
  private static final int FORCE = 2;
  private static final int NO_TABLE = 0xff;

  private static final int NAT_SRC = 1;
  private static final int NAT_DST = 2;

  private static final int IPV4_MIN = 1;
  private static final int IPV4_MAX = 2;
  private static final int IPV6_MIN = 4;
  private static final int IPV6_MAX = 8;
  private static final int PORT_MIN = 16;
  private static final int PORT_MAX = 32;

  private CtCodec() {}

  static void write(ByteBuf out, Action.Ct ct) {
    ActionWriter.nicira(out, ActionType.NX_CT)
        .writeShort((ct.commit() ? COMMIT : 0) | (ct.force() ? FORCE : 0));
    switch (ct.zone()) {
      case Zone.Fixed fixed -> out.writeInt(0).writeShort(fixed.zone());
      case Zone.FromField field -> {
        Oxm.header(out, field.source().field(), false);
        out.writeShort(Oxm.offsetAndWidth(field.source()));
      }
    }
    out.writeByte(ct.table().orElse(NO_TABLE)).writeZero(3).writeShort(ct.alg());
    ct.nat().ifPresent(nat -> writeNat(out, nat));
    ActionWriter.write(out, ct.exec());
  }

  private static void writeNat(ByteBuf out, Action.Nat nat) {
    int start = out.writerIndex();
    int kind =
        switch (nat.kind()) {
          case APPLY -> 0;
          case SRC -> NAT_SRC;
          case DST -> NAT_DST;
        };
    boolean ipv6 = nat.minAddress().map(a -> a.size() == 16).orElse(false);
    int present =
        (nat.minAddress().isPresent() ? (ipv6 ? IPV6_MIN : IPV4_MIN) : 0)
            | (nat.maxAddress().isPresent() ? (ipv6 ? IPV6_MAX : IPV4_MAX) : 0)
            | (nat.minPort().isPresent() ? PORT_MIN : 0)
            | (nat.maxPort().isPresent() ? PORT_MAX : 0);
    ActionWriter.nicira(out, ActionType.NX_NAT).writeZero(2);
    out.writeShort(nat.flags() | kind).writeShort(present);
    nat.minAddress().ifPresent(address -> Wire.bits(out, address));
    nat.maxAddress().ifPresent(address -> Wire.bits(out, address));
    nat.minPort().ifPresent(out::writeShort);
    nat.maxPort().ifPresent(out::writeShort);
    Wire.pad8(out, start);
    Wire.setLength(out, start, 2);
  }

  static Action read(Input in, int depth) throws DecodeException {
    int flags = in.u16();
    Input source = in.slice(4);
    int zoneOrRange = in.u16();
    int table = in.u8();
    in.skip(3);
    int alg = in.u16();
    if ((flags & ~(COMMIT | FORCE)) != 0) {
      throw new DecodeException("ct flags " + flags);
    }
    Zone zone =
        source.copy().u32() == 0
            ? new Zone.Fixed(zoneOrRange)
            : new Zone.FromField(Oxm.range(Oxm.readFieldId(source), zoneOrRange));
    Optional<Action.Nat> nat = Optional.empty();
    List<Action> exec = new ArrayList<>();
    while (in.remaining() > 0) {
      Optional<Input> natBody = ActionReader.natBody(in);
      if (natBody.isEmpty()) {
        exec.add(ActionReader.read(in, depth + 1));
      } else if (nat.isPresent()) {
        throw new DecodeException("two nat() in one ct()");
      } else {
        nat = Optional.of(readNat(natBody.get()));
      }
    }
    return new Action.Ct(
        (flags & COMMIT) != 0,
        (flags & FORCE) != 0,
        table == NO_TABLE ? OptionalInt.empty() : OptionalInt.of(table),
        zone,
        nat,
        alg,
        exec);
  }

  private static Action.Nat readNat(Input in) throws DecodeException {
    in.skip(2);
    int flags = in.u16();
    int present = in.u16();
    Action.Nat.Kind kind =
        switch (flags & (NAT_SRC | NAT_DST)) {
          case 0 -> Action.Nat.Kind.APPLY;
          case NAT_SRC -> Action.Nat.Kind.SRC;
          case NAT_DST -> Action.Nat.Kind.DST;
          default -> throw new DecodeException("nat of both source and destination");
        };
    boolean ipv4 = (present & (IPV4_MIN | IPV4_MAX)) != 0;
    boolean ipv6 = (present & (IPV6_MIN | IPV6_MAX)) != 0;
    if ((ipv4 && ipv6) || (present & ~0x3f) != 0) {
      throw new DecodeException("nat range of kind 0x%x".formatted(present));
    }
    if (without(present, IPV4_MIN, IPV4_MAX)
        || without(present, IPV6_MIN, IPV6_MAX)
        || without(present, PORT_MIN, PORT_MAX)) {
      throw new DecodeException("nat range 0x%x has an end without a start".formatted(present));
    }
    Optional<Bits> minAddress = address(in, present, IPV4_MIN, IPV6_MIN);
    Optional<Bits> maxAddress = address(in, present, IPV4_MAX, IPV6_MAX);
    OptionalInt minPort = port(in, present, PORT_MIN);
    OptionalInt maxPort = port(in, present, PORT_MAX);
    return new Action.Nat(
        kind, flags & ~(NAT_SRC | NAT_DST), minAddress, maxAddress, minPort, maxPort);
  }

  private static boolean without(int present, int min, int max) {
    return (present & max) != 0 && (present & min) == 0;
  }

  private static Optional<Bits> address(Input in, int present, int ipv4, int ipv6)
      throws DecodeException {
    if ((present & ipv4) != 0) {
      return Optional.of(in.bits(4));
    }
    return (present & ipv6) != 0 ? Optional.of(in.bits(16)) : Optional.empty();
  }

  private static OptionalInt port(Input in, int present, int flag) throws DecodeException {
    return (present & flag) != 0 ? OptionalInt.of(in.u16()) : OptionalInt.empty();
  }
}
