package io.seine.pipeline;

import io.seine.openflow.Action;
import io.seine.openflow.Bits;
import io.seine.openflow.Family;
import io.seine.openflow.Field;
import io.seine.openflow.FieldMatch;
import io.seine.openflow.Flow;
import io.seine.openflow.Ip;
import io.seine.openflow.IpPrefix;
import io.seine.openflow.Mac;
import io.seine.openflow.Match;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** Writes one flow, in the compilers' own words. Each method adds a match and returns this. */
public final class Rule {
  /** Connection states, as bits of {@code ct_state}. */
  public static final int NEW = 0x01;

  public static final int RELATED = 0x04;
  public static final int REPLY = 0x08;
  public static final int INVALID = 0x10;
  public static final int TRACKED = 0x20;

  static final int UDP = 17;

  private static final int ICMPV6 = 58;
  private static final int ETH_ARP = 0x0806;
  private static final int ARP_REQUEST = 1;

  private final Table table;
  private final int priority;
  private final List<FieldMatch> fields = new ArrayList<>();

  private Rule(Table table, int priority) {
    this.table = table;
    this.priority = priority;
  }

  public static Rule in(Table table, int priority) {
    return new Rule(table, priority);
  }

  public Rule when(FieldMatch match) {
    fields.add(match);
    return this;
  }

  public Rule port(int ofport) {
    return when(FieldMatch.exact(Field.IN_PORT, Integer.toUnsignedLong(ofport)));
  }

  public Rule ip(Family family) {
    return when(FieldMatch.exact(Field.ETH_TYPE, family.etherType()));
  }

  /** Packets of the address's family from it. */
  public Rule source(Ip address) {
    return ip(address.family()).is(IpFields.source(address.family()), address);
  }

  /** Packets of the block's family from it. */
  public Rule source(IpPrefix block) {
    return ip(block.family()).in(IpFields.source(block.family()), block);
  }

  /** Packets of the address's family to it. */
  public Rule destination(Ip address) {
    return ip(address.family()).is(IpFields.destination(address.family()), address);
  }

  /** Packets of the block's family to it. */
  public Rule destination(IpPrefix block) {
    return ip(block.family()).in(IpFields.destination(block.family()), block);
  }

  public Rule protocol(int number) {
    return when(FieldMatch.exact(Field.IP_PROTO, number));
  }

  public Rule protocol(ServiceFact.Protocol protocol) {
    return protocol(protocol.number());
  }

  /** ICMPv6 of this type. */
  public Rule icmpv6(int type) {
    return ip(Family.IPV6).protocol(ICMPV6).when(FieldMatch.exact(Field.ICMPV6_TYPE, type));
  }

  public Rule arp() {
    return when(FieldMatch.exact(Field.ETH_TYPE, ETH_ARP));
  }

  public Rule arpRequest() {
    return arp().when(FieldMatch.exact(Field.ARP_OP, ARP_REQUEST));
  }

  public Rule is(Field field, Ip address) {
    return when(FieldMatch.exact(field, address.value()));
  }

  public Rule is(Field field, Mac address) {
    return when(FieldMatch.exact(field, address.bits()));
  }

  public Rule in(Field field, IpPrefix prefix) {
    return prefix.length() == 0
        ? this
        : when(FieldMatch.masked(field, prefix.network().value(), prefix.mask()));
  }

  public Rule from(Side side) {
    return when(Registers.SOURCE.is(side));
  }

  public Rule to(Side side) {
    return when(Registers.DESTINATION.is(side));
  }

  /** Tracked, with these states set and those not. */
  public Rule state(int set, int unset) {
    return when(FieldMatch.masked(Field.CT_STATE, set | TRACKED, set | unset | TRACKED));
  }

  /** A packet that goes the way the connection to a service was opened. */
  public Rule serviceRequest() {
    return state(0, REPLY).when(CtMarks.SERVICE.is(1));
  }

  public Flow drop() {
    return then();
  }

  public Flow then(Action... actions) {
    return new Flow(table.number(), priority, Match.of(merged()), List.of(actions));
  }

  // A match has each field once: bits of one register that were asked for apart become one.
  private List<FieldMatch> merged() {
    List<FieldMatch> merged = new ArrayList<>();
    for (FieldMatch next : new LinkedHashSet<>(fields)) {
      FieldMatch sum = next;
      for (FieldMatch had : List.copyOf(merged)) {
        if (had.field().equals(next.field())) {
          merged.remove(had);
          sum =
              FieldMatch.masked(
                  next.field(),
                  had.value().toLong() | next.value().toLong(),
                  mask(had) | mask(next));
        }
      }
      merged.add(sum);
    }
    return merged;
  }

  private static long mask(FieldMatch match) {
    return match.mask().orElseGet(() -> Bits.ones(match.field().bytes())).toLong();
  }

  public static Action goTo(Table table) {
    return new Action.GotoTable(table.number());
  }

  public static Action set(Field field, Mac address) {
    return Action.SetField.of(field, address.bits());
  }

  public static Action set(Field field, Ip address) {
    return new Action.SetField(field, address.value(), Optional.empty());
  }

  /** Looks the connection up in a zone, applies its translation, and goes on. */
  static Action track(Zones zone, Table next) {
    return new Action.Ct(
        false,
        false,
        OptionalInt.of(next.number()),
        new Action.Zone.Fixed(zone.number()),
        Optional.of(Action.Nat.APPLY),
        0,
        List.of());
  }

  /** Records the connection in a zone and goes on. */
  static Action commit(Zones zone, Table next, Optional<Action.Nat> nat, Action... marks) {
    return commit(zone, OptionalInt.of(next.number()), nat, List.of(marks));
  }

  /** Writes into the connection, records it if it is not, and is done with the packet. */
  static Action commit(Zones zone, List<Action> marks) {
    return commit(zone, OptionalInt.empty(), Optional.empty(), marks);
  }

  private static Action commit(
      Zones zone, OptionalInt next, Optional<Action.Nat> nat, List<Action> marks) {
    return new Action.Ct(true, false, next, new Action.Zone.Fixed(zone.number()), nat, 0, marks);
  }
}
