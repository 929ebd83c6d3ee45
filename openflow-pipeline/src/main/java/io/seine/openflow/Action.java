package io.seine.openflow;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What is done with a packet: the actions of OpenFlow 1.5 (section 7.2.6) and of Open vSwitch
 * ({@code ovs-actions(7)}) that Seine uses. {@link GotoTable} is an instruction on the wire and may
 * stand last only.
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

    /** {@code ct(table=T,zone=Z)} without anything else; the rest is added by the {@code with}s. */
    public static Ct of(int table, int zone) {
      return new Ct(
          false,
          false,
          OptionalInt.of(table),
          new Zone.Fixed(zone),
          Optional.empty(),
          0,
          List.of());
    }

    /** This, with {@code commit} and the actions of {@code exec(...)}. */
    public Ct withCommit(Action... exec) {
      return new Ct(true, force, table, zone, nat, alg, List.of(exec));
    }

    public Ct withNat(Nat nat) {
      return new Ct(commit, force, table, zone, Optional.of(nat), alg, exec);
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
      implements Action {
    /** OFPR_APPLY_ACTION, the usual reason. */
    public static final int ACTION = 1;

    /** Sends whole packets to the controllers with this id, with {@code userdata}. */
    public static Controller of(int controllerId, Bits userdata) {
      return new Controller(0xffff, controllerId, ACTION, userdata, false, OptionalInt.empty());
    }
  }

  /** {@code note:}, ignored by the switch. Padded with zeros to 6, 14, 22 ... bytes. */
  record Note(Bits data) implements Action {
    public Note {
      int size = 6 + (Math.max(0, data.size() - 6) + 7) / 8 * 8;
      data = Bits.of(Arrays.copyOf(data.toByteArray(), size));
    }
  }

  record PushVlan(int etherType) implements Action {}

  record PopVlan() implements Action {}

  /** An instruction; last. */
  record GotoTable(int table) implements Action {}

  /** Drops the packet if it comes too soon after others; first. */
  record Meter(int meterId) implements Action {}

  /**
   * Of a flow that Seine did not write: the whole action or instruction as it stands on the wire,
   * padding included.
   */
  record Unknown(String kind, Bits raw) implements Action {
    /** The kind of an action. */
    public static final String ACTION = "action";

    /** The kind of an instruction. */
    public static final String INSTRUCTION = "instruction";
  }

  /** The zone of a {@link Ct}: a number, or bits of a field. */
  sealed interface Zone {
    record Fixed(int zone) implements Zone {}

    record FromField(BitRange source) implements Zone {}
  }

  /**
   * {@code nat(...)} inside a {@link Ct}.
   *
   * @param flags 4 persistent, 8 hash, 16 random
   * @param minAddress 4 or 16 bytes; {@code maxAddress} is of the same size and only there for a
   *     range of more than one address, and likewise for the ports
   */
  record Nat(
      Kind kind,
      int flags,
      Optional<Bits> minAddress,
      Optional<Bits> maxAddress,
      OptionalInt minPort,
      OptionalInt maxPort) {
    /** {@link #APPLY}: do what the connection has already. */
    public enum Kind {
      APPLY,
      SRC,
      DST
    }

    public Nat {
      maxAddress = maxAddress.equals(minAddress) ? Optional.empty() : maxAddress;
      maxPort = maxPort.equals(minPort) ? OptionalInt.empty() : maxPort;
    }

    /** {@code nat(dst=address:port)}. */
    public static Nat destination(Bits address, int port) {
      return new Nat(
          Kind.DST,
          0,
          Optional.of(address),
          Optional.empty(),
          OptionalInt.of(port),
          OptionalInt.empty());
    }

    /** {@code nat(src=address)}. */
    public static Nat source(Bits address) {
      return new Nat(
          Kind.SRC,
          0,
          Optional.of(address),
          Optional.empty(),
          OptionalInt.empty(),
          OptionalInt.empty());
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

    /** The value is right-aligned in the 16-bit words that the target's width takes. */
    record MatchValue(Bits value, BitRange target) implements LearnSpec {
      public MatchValue {
        value = value.resized(wordsFor(target));
      }
    }

    record LoadField(BitRange source, BitRange target) implements LearnSpec {}

    /** The value is aligned as that of {@link MatchValue}. */
    record LoadValue(Bits value, BitRange target) implements LearnSpec {
      public LoadValue {
        value = value.resized(wordsFor(target));
      }
    }

    record OutputField(BitRange source) implements LearnSpec {}

    private static int wordsFor(BitRange target) {
      return (target.width() + 15) / 16 * 2;
    }
  }
}
