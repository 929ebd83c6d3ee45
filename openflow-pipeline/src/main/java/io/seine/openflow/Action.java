package io.seine.openflow;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What is done with a packet: the actions of OpenFlow 1.5 (section 7.2.6) and of Open vSwitch
 * ({@code ovs-actions(7)}) that Seine uses. {@link GotoTable} and {@link Meter} are instructions on
 * the wire and may stand last and first only.
 */
public sealed interface Action {
  /** Sends the packet to a port number, or to one of the reserved ones in {@link Ports}. */
  record Output(int port) implements Action {}

  /** Sends the packet to the port whose number the field holds. */
  record OutputReg(BitRange source, int maxLen) implements Action {
    public OutputReg(BitRange source) {
      this(source, 0xffff);
    }
  }

  record Group(int groupId) implements Action {}

  /** Sets the bits of {@code mask} in the field; all bits when there is no mask. */
  record SetField(FieldId field, Bits value, Optional<Bits> mask) implements Action {
    public SetField {
      FieldMatch canonical = new FieldMatch(field, value, mask);
      value = canonical.value();
      mask = canonical.mask();
    }

    public static SetField of(FieldId field, long value) {
      return new SetField(field, Bits.of(value, field.bytes()), Optional.empty());
    }

    public static SetField masked(FieldId field, long value, long mask) {
      return new SetField(
          field, Bits.of(value, field.bytes()), Optional.of(Bits.of(mask, field.bytes())));
    }

    /** Writes {@code value} into a range of at most 64 bits and leaves the others. */
    public static SetField of(BitRange range, long value) {
      long mask = range.width() == 64 ? -1L : (1L << range.width()) - 1;
      return masked(range.field(), (value & mask) << range.from(), mask << range.from());
    }
  }

  /** Copies bits between fields; both ranges have one width. */
  record Move(BitRange source, BitRange target) implements Action {
    public Move {
      if (source.width() != target.width()) {
        throw new IllegalArgumentException("widths differ: " + source + " and " + target);
      }
    }
  }

  record DecTtl() implements Action {}

  /**
   * Looks the packet up again, in {@code table}, as if it had come in by {@code inPort} when there
   * is one.
   */
  record Resubmit(int table, OptionalInt inPort) implements Action {
    public static Resubmit to(int table) {
      return new Resubmit(table, OptionalInt.empty());
    }
  }

  record CtClear() implements Action {}

  /** {@code ct(...)}: passes the packet through connection tracking. */
  record Ct(
      boolean commit,
      boolean force,
      OptionalInt table,
      Zone zone,
      Optional<Nat> nat,
      int alg,
      List<Action> exec)
      implements Action {
    public Ct {
      exec = List.copyOf(exec);
    }
  }

  /** {@code learn(...)}: the packet that meets it writes a flow. */
  record Learn(
      int idleTimeout,
      int hardTimeout,
      int priority,
      long cookie,
      int flags,
      int table,
      int finIdleTimeout,
      int finHardTimeout,
      List<LearnSpec> specs)
      implements Action {
    public Learn {
      specs = List.copyOf(specs);
    }
  }

  /** Clause {@code clause} of {@code clauses}, numbered from 0, of the conjunction {@code id}. */
  record Conjunction(int id, int clause, int clauses) implements Action {}

  /**
   * {@code controller(...)} of Open vSwitch (NXAST_CONTROLLER2), with user data that comes back in
   * the packet-in.
   */
  record Controller(
      int maxLen, int controllerId, int reason, Bits userdata, boolean pause, OptionalInt meterId)
      implements Action {}

  /** {@code note:}, ignored by the switch. */
  record Note(Bits data) implements Action {}

  record PushVlan(int etherType) implements Action {}

  record PopVlan() implements Action {}

  /** An instruction; last. */
  record GotoTable(int table) implements Action {}

  /** An instruction; first. */
  record Meter(int meterId) implements Action {}

  /**
   * Of a flow that Seine did not write: the whole action or instruction as it stands on the wire.
   */
  record Unknown(String kind, Bits raw) implements Action {}

  /** The zone of a {@link Ct}: a number, or bits of a field. */
  sealed interface Zone {
    record Fixed(int zone) implements Zone {}

    record FromField(BitRange source) implements Zone {}
  }

  /** {@code nat(...)} inside a {@link Ct}; no kind means: apply what the connection has. */
  record Nat(
      Kind kind,
      int flags,
      Optional<Bits> minAddress,
      Optional<Bits> maxAddress,
      OptionalInt minPort,
      OptionalInt maxPort) {
    public enum Kind {
      APPLY,
      SRC,
      DST
    }

    public static final Nat APPLY =
        new Nat(
            Kind.APPLY,
            0,
            Optional.empty(),
            Optional.empty(),
            OptionalInt.empty(),
            OptionalInt.empty());
  }

  /** One specification of a {@link Learn}: a match, a load or an output of the learnt flow. */
  sealed interface LearnSpec {
    record MatchField(BitRange source, BitRange target) implements LearnSpec {}

    record MatchValue(Bits value, BitRange target) implements LearnSpec {}

    record LoadField(BitRange source, BitRange target) implements LearnSpec {}

    record LoadValue(Bits value, BitRange target) implements LearnSpec {}

    record OutputField(BitRange source) implements LearnSpec {}
  }
}
