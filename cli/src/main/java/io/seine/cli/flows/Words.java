package io.seine.cli.flows;

import io.seine.openflow.Action;
import io.seine.openflow.BitRange;
import io.seine.openflow.Bits;
import io.seine.openflow.Field;
import io.seine.openflow.FieldId;
import io.seine.openflow.FieldMatch;
import io.seine.openflow.Flow;
import io.seine.openflow.Group;
import io.seine.openflow.Ipv4;
import io.seine.openflow.Mac;
import io.seine.openflow.Match;
import io.seine.openflow.OvsText;
import io.seine.openflow.Ports;
import io.seine.pipeline.CtMarks;
import io.seine.pipeline.NamedBits;
import io.seine.pipeline.Registers;
import io.seine.pipeline.Table;
import io.seine.pipeline.Zones;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Says what flows do: ports, addresses and tables by name, registers and marks by what they mean.
 * What it has no words for it leaves in Open vSwitch's own.
 */
final class Words {
  private static final Map<Long, String> ETHER_TYPES =
      Map.of(0x0800L, "ip", 0x0806L, "arp", 0x86ddL, "ipv6");
  private static final Map<Long, String> PROTOCOLS =
      Map.of(1L, "icmp", 6L, "tcp", 17L, "udp", 132L, "sctp");
  private final Names names;
  private final Map<Integer, Group> groups;

  Words(Names names, List<Group> groups) {
    this.names = names;
    this.groups = groups.stream().collect(Collectors.toMap(Group::id, g -> g));
  }

  static String table(int number) {
    return Table.of(number).map(Table::label).orElse("table " + number);
  }

  /** What the flow matches; {@code any} when everything. */
  String match(Match match) {
    List<String> words = new ArrayList<>();
    boolean protocol = match.get(Field.IP_PROTO).isPresent();
    for (FieldMatch field : match.fields()) {
      if (!(field.field() == Field.ETH_TYPE && protocol)) {
        words.addAll(field(field));
      }
    }
    return words.isEmpty() ? "any" : String.join(" ", words);
  }

  private List<String> field(FieldMatch match) {
    if (!(match.field() instanceof Field field)) {
      return List.of(OvsText.of(Match.of(match)));
    }
    List<String> bits = namedBits(match);
    if (!bits.isEmpty()) {
      return bits;
    }
    return List.of(
        switch (field) {
          case IN_PORT -> "from " + names.port((int) match.value().toLong());
          case ETH_TYPE ->
              ETHER_TYPES.getOrDefault(match.value().toLong(), OvsText.of(Match.of(match)));
          case IP_PROTO ->
              PROTOCOLS.getOrDefault(match.value().toLong(), OvsText.of(Match.of(match)));
          case ETH_SRC -> "mac-from " + mac(match);
          case ETH_DST -> "mac-to " + mac(match);
          case ARP_SHA -> "arp-sender-mac " + mac(match);
          case ARP_SPA -> "arp-sender " + address(match);
          case ARP_TPA -> "arp-for " + address(match);
          case IPV4_SRC -> "src " + address(match);
          case IPV4_DST -> "dst " + address(match);
          case TUN_SRC -> "tunnelled by " + address(match);
          case TCP_DST, UDP_DST, SCTP_DST -> "port " + match.value().toLong();
          default -> OvsText.of(Match.of(match));
        });
  }

  /** The named parts of a register or mark, if they cover all that is matched. */
  private static List<String> namedBits(FieldMatch match) {
    long mask =
        match
            .mask()
            .map(Bits::toLong)
            .orElse(match.field().bits() >= 64 ? -1L : (1L << match.field().bits()) - 1);
    long left = mask;
    List<String> words = new ArrayList<>();
    for (NamedBits bits : all()) {
      if (bits.range().field().equals(match.field()) && (mask & bits.mask()) == bits.mask()) {
        long value = (match.value().toLong() & bits.mask()) >>> bits.range().from();
        words.add(
            bits.name()
                + "="
                + bits.nameOf(value)
                    .orElse(value == 0 && bits.values().size() == 1 ? "no" : Long.toString(value)));
        left &= ~bits.mask();
      }
    }
    return left == 0 ? words : List.of();
  }

  private static List<NamedBits> all() {
    return Stream.concat(Registers.ALL.stream(), CtMarks.ALL.stream()).toList();
  }

  /** What the flow does; {@code drop} for nothing. */
  String actions(Flow flow) {
    return flow.actions().isEmpty()
        ? "drop"
        : flow.actions().stream().map(this::action).collect(Collectors.joining(", "));
  }

  private String action(Action action) {
    return switch (action) {
      case Action.GotoTable a -> "→ " + table(a.table());
      case Action.Output a when a.port() == Ports.IN_PORT -> "send back";
      case Action.Output a -> "send to " + names.port(a.port());
      case Action.OutputReg a -> "send to " + range(a.source());
      case Action.Group a -> group(a.groupId());
      case Action.SetField a -> set(a);
      case Action.Move a -> range(a.target()) + " := " + range(a.source());
      case Action.Ct a -> ct(a);
      default -> OvsText.of(action);
    };
  }

  private String group(int id) {
    Group group = groups.get(id);
    String number = Integer.toUnsignedString(id);
    if (group == null) {
      return "→ group " + number + " (absent)";
    }
    return "→ one of %d endpoints: %s (group %s)"
        .formatted(
            group.buckets().size(),
            group.buckets().stream().map(this::bucket).collect(Collectors.joining(", ")),
            number);
  }

  private String bucket(Group.Bucket bucket) {
    for (Action action : bucket.actions()) {
      if (action instanceof Action.Ct ct
          && ct.nat().isPresent()
          && ct.nat().get().minAddress().isPresent()) {
        return nat(ct.nat().get());
      }
    }
    return OvsText.of(bucket.actions());
  }

  private String set(Action.SetField set) {
    List<String> bits = namedBits(new FieldMatch(set.field(), set.value(), set.mask()));
    if (!bits.isEmpty()) {
      return "set " + String.join(" ", bits);
    }
    if (set.mask().isEmpty() && set.field() instanceof Field field) {
      FieldMatch whole = FieldMatch.exact(field, set.value());
      switch (field) {
        case ETH_SRC, ETH_DST, ARP_SHA, ARP_THA -> {
          return field.ovsName() + " := " + mac(whole);
        }
        case TUN_DST -> {
          return "tunnel to " + address(whole);
        }
        case ARP_SPA, ARP_TPA, IPV4_SRC, IPV4_DST -> {
          return field.ovsName() + " := " + address(whole);
        }
        default -> {}
      }
    }
    return OvsText.of(set);
  }

  private String ct(Action.Ct ct) {
    StringBuilder text = new StringBuilder(ct.commit() ? "commit" : "track");
    if (ct.zone() instanceof Action.Zone.Fixed fixed) {
      text.append(" in ")
          .append(Zones.of(fixed.zone()).map(Zones::label).orElse("zone " + fixed.zone()));
    }
    ct.nat()
        .ifPresent(nat ->
            text.append(
                switch (nat.kind()) {
                  case APPLY -> ", translate";
                  case SRC -> ", source := " + nat(nat);
                  case DST -> ", destination := " + nat(nat);
                }));
    ct.exec()
        .forEach(action -> text.append(", mark ").append(action(action).replaceFirst("^set ", "")));
    ct.table().ifPresent(table -> text.append(" → ").append(table(table)));
    return text.toString();
  }

  private String nat(Action.Nat nat) {
    String address =
        nat.minAddress().filter(a -> a.size() == 4).map(a -> names.address(ip(a))).orElse("?");
    return nat.minPort().isPresent() ? address + ":" + nat.minPort().getAsInt() : address;
  }

  private static String range(BitRange range) {
    FieldId field = range.field();
    Optional<NamedBits> named = all().stream().filter(b -> b.range().equals(range)).findFirst();
    return named
        .map(NamedBits::name)
        .orElse(
            range.width() == field.bits()
                ? field.ovsName()
                : "%s[%d..%d]".formatted(field.ovsName(), range.from(), range.to()));
  }

  private String mac(FieldMatch match) {
    return match.mask().isPresent()
        ? OvsText.of(Match.of(match))
        : names.mac(new Mac(match.value().toLong()));
  }

  private String address(FieldMatch match) {
    String first = ip(match.value());
    return match.mask().isPresent()
        ? names.address(first + "/" + Long.bitCount(match.mask().get().toLong()))
        : names.address(first);
  }

  private static String ip(Bits bits) {
    return new Ipv4((int) bits.toLong()).toString();
  }
}
