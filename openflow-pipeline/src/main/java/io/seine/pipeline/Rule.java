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
final class Rule {
  /** Connection states, as bits of {@code ct_state}. */
  static final int NEW = 0x01;

  static final int REPLY = 0x08;
  static final int INVALID = 0x10;
  static final int TRACKED = 0x20;

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

  static Rule in(Table table, int priority) {
    return new Rule(table, priority);
  }

  Rule when(FieldMatch match) {
    fields.add(match);
    return this;
  }

  Rule port(int ofport) {
    return when(FieldMatch.exact(Field.IN_PORT, Integer.toUnsignedLong(ofport)));
  }

  Rule ip(Family family) {
    return when(FieldMatch.exact(Field.ETH_TYPE, family.etherType()));
  }

  /** Packets of the address's family from it. */
  Rule source(Ip address) {
    return ip(address.family()).is(IpFields.source(address.family()), address);
  }

  /** Packets of the block's family from it. */
  Rule source(IpPrefix block) {
    return ip(block.family()).in(IpFields.source(block.family()), block);
  }

  /** Packets of the address's family to it. */
  Rule destination(Ip address) {
    return ip(address.family()).is(IpFields.destination(address.family()), address);
  }

  /** Packets of the block's family to it. */
  Rule destination(IpPrefix block) {
    return ip(block.family()).in(IpFields.destination(block.family()), block);
  }

  Rule protocol(int number) {
    return when(FieldMatch.exact(Field.IP_PROTO, number));
  }

  Rule protocol(ServiceFact.Protocol protocol) {
    return protocol(protocol.number());
  }

  /** ICMPv6 of this type. */
  Rule icmpv6(int type) {
    return ip(Family.IPV6).protocol(ICMPV6).when(FieldMatch.exact(Field.ICMPV6_TYPE, type));
  }

  Rule arp() {
    return when(FieldMatch.exact(Field.ETH_TYPE, ETH_ARP));
  }

  Rule arpRequest() {
    return arp().when(FieldMatch.exact(Field.ARP_OP, ARP_REQUEST));
  }

  Rule is(Field field, Ip address) {
    return when(FieldMatch.exact(field, address.value()));
  }

  Rule is(Field field, Mac address) {
    return when(FieldMatch.exact(field, address.bits()));
  }

  Rule in(Field field, IpPrefix prefix) {
    return prefix.length() == 0
        ? this
        : when(FieldMatch.masked(field, prefix.network().value(), prefix.mask()));
  }

  Rule from(Side side) {
    return when(Registers.SOURCE.is(side));
  }

  Rule to(Side side) {
    return when(Registers.DESTINATION.is(side));
  }

  /** Tracked, with these states set and those not. */
  Rule state(int set, int unset) {
    return when(FieldMatch.masked(Field.CT_STATE, set | TRACKED, set | unset | TRACKED));
  }

  /** A packet that goes the way the connection to a service was opened. */
  Rule serviceRequest() {
    return state(0, REPLY).when(CtMarks.SERVICE.is(1));
  }

  Flow drop() {
    return then();
  }

  Flow then(Action... actions) {
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

  static Action goTo(Table table) {
    return new Action.GotoTable(table.number());
  }

  static Action set(Field field, Mac address) {
    return Action.SetField.of(field, address.bits());
  }

  static Action set(Field field, Ip address) {
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

  /** Records the connection in a zone, translated, and goes on with the next action. */
  static Action commit(Zones zone, Action.Nat nat) {
    return new Action.Ct(
        true,
        false,
        OptionalInt.empty(),
        new Action.Zone.Fixed(zone.number()),
        Optional.of(nat),
        0,
        List.of());
  }

  /** Records the connection in a zone and goes on. */
  static Action commit(Zones zone, Table next, Optional<Action.Nat> nat, Action... marks) {
    return new Action.Ct(
        true,
        false,
        OptionalInt.of(next.number()),
        new Action.Zone.Fixed(zone.number()),
        nat,
        0,
        List.of(marks));
  }
}
