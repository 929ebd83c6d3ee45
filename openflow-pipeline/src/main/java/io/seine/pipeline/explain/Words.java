package io.seine.pipeline.explain;

import io.seine.openflow.Action;
import io.seine.openflow.BitRange;
import io.seine.openflow.Bits;
import io.seine.openflow.Field;
import io.seine.openflow.FieldId;
import io.seine.openflow.FieldMatch;
import io.seine.openflow.Ip;
import io.seine.openflow.IpPrefix;
import io.seine.openflow.Mac;
import io.seine.openflow.Match;
import io.seine.openflow.OvsText;
import io.seine.openflow.Ports;
import io.seine.pipeline.CtLabels;
import io.seine.pipeline.CtMarks;
import io.seine.pipeline.NamedBits;
import io.seine.pipeline.Registers;
import io.seine.pipeline.Table;
import io.seine.pipeline.ToAgent;
import io.seine.pipeline.Zones;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The words for matches and actions. What there is no word for is shown as ovs-ofctl shows it. */
final class Words {
  static final Set<FieldId> ADDRESSES =
      Set.of(
          Field.IPV4_SRC,
          Field.IPV4_DST,
          Field.ARP_SPA,
          Field.ARP_TPA,
          Field.IPV6_SRC,
          Field.IPV6_DST,
          Field.ND_TARGET,
          Field.TUN_SRC,
          Field.TUN_DST,
          Field.TUN_IPV6_SRC,
          Field.TUN_IPV6_DST);

  static final Set<FieldId> MACS =
      Set.of(Field.ETH_SRC, Field.ETH_DST, Field.ARP_SHA, Field.ARP_THA);

  private static final List<NamedBits> NAMED =
      Stream.of(Registers.ALL, CtMarks.ALL, CtLabels.ALL).flatMap(List::stream).toList();

  private final Names names;
  private final Endpoints endpoints;
  private final PolicyWords policies;

  Words(Names names, Endpoints endpoints) {
    this.names = names;
    this.endpoints = endpoints;
    this.policies = new PolicyWords(names, this);
  }

  PolicyWords policies() {
    return policies;
  }

  String of(Match match) {
    if (match.fields().isEmpty()) {
      return "anything";
    }
    // The plain fields go together, so that ovs-ofctl's short forms (ip, tcp) come out.
    List<FieldMatch> plain = new ArrayList<>();
    List<String> named = new ArrayList<>();
    for (FieldMatch field : match.fields()) {
      Optional<String> word = named(field);
      word.ifPresentOrElse(named::add, () -> plain.add(field));
    }
    String rest = plain.isEmpty() ? "" : OvsText.of(Match.of(plain));
    return Stream.concat(Stream.of(rest), named.stream())
        .filter(s -> !s.isEmpty())
        .collect(Collectors.joining(", "));
  }

  private Optional<String> named(FieldMatch match) {
    if (match.field() == Field.IN_PORT) {
      return Optional.of("from " + names.ofPort((int) match.value().toLong()));
    }
    if (match.field() == Field.CONJ_ID) {
      return Optional.of(policies.met(match.value().toLong()));
    }
    if (ADDRESSES.contains(match.field())) {
      return Optional.of(match.field().ovsName() + "=" + address(match));
    }
    if (MACS.contains(match.field()) && match.mask().isEmpty()) {
      return Optional.of(match.field().ovsName() + "=" + names.of(mac(match.value())));
    }
    return bits(match.field(), match.value(), match.mask(), "=");
  }

  static Mac mac(Bits value) {
    return new Mac(value.toLong());
  }

  String address(FieldMatch match) {
    return match.mask().isPresent() ? names.of(prefix(match)) : names.of(Ip.of(match.value()));
  }

  /** The addresses that match, as a block. */
  static IpPrefix prefix(FieldMatch match) {
    Ip address = Ip.of(match.value());
    return match
        .mask()
        .map(mask -> new IpPrefix(address, mask.ones()))
        .orElseGet(() -> IpPrefix.only(address));
  }

  private Optional<String> bits(FieldId field, Bits value, Optional<Bits> mask, String sign) {
    if (field.bits() > 64) {
      return Optional.empty();
    }
    long covered = mask.map(Bits::toLong).orElse((1L << field.bits()) - 1);
    List<String> words = new ArrayList<>();
    for (NamedBits bits : NAMED) {
      if (bits.range().field().equals(field) && (covered & bits.mask()) == bits.mask()) {
        covered &= ~bits.mask();
        words.add(bits.name() + sign + value(bits, value.toLong()));
      }
    }
    return covered == 0 && !words.isEmpty()
        ? Optional.of(String.join(", ", words))
        : Optional.empty();
  }

  private String value(NamedBits bits, long value) {
    long number = (value & bits.mask()) >>> bits.range().from();
    if (bits.equals(Registers.OUTPUT_PORT)) {
      return names.ofPort((int) number);
    }
    if (bits.equals(Registers.ENDPOINT)) {
      return endpoint((int) number).orElseGet(() -> String.valueOf(number));
    }
    return policies
        .value(bits, number)
        .or(() -> bits.nameOf(number))
        .orElseGet(() -> number == 0 && bits.range().width() == 1 ? "no" : String.valueOf(number));
  }

  String of(List<Action> actions) {
    if (actions.isEmpty()) {
      return "drop";
    }
    List<Action.Conjunction> conjunctions = PolicyWords.conjunctions(actions);
    if (!conjunctions.isEmpty()) {
      return "one of %d clauses of %s"
          .formatted(conjunctions.getFirst().clauses(), policies.rules(conjunctions));
    }
    return actions.stream().map(this::of).collect(Collectors.joining(", "));
  }

  private String of(Action action) {
    return switch (action) {
      case Action.GotoTable go -> "→ " + table(go.table());
      case Action.Resubmit re -> "→ " + table(re.table());
      case Action.SetField set -> set(set);
      case Action.Move move -> range(move.target()) + ":=" + range(move.source());
      case Action.Ct ct -> ct(ct);
      case Action.Group group ->
          "one of %s (group %s)"
              .formatted(endpointsOf(group.groupId()), Integer.toUnsignedString(group.groupId()));
      case Action.Output out when out.port() == Ports.IN_PORT -> "back by the port it came by";
      case Action.Output out -> "out by " + names.ofPort(out.port());
      case Action.OutputReg out when out.source().equals(Registers.OUTPUT_PORT.range()) ->
          "out by outputPort";
      case Action.DecTtl _ -> "one hop less to live";
      case Action.Controller c when why(c) == ToAgent.REJECT -> "the agent refuses";
      case Action.Controller c when why(c) == ToAgent.POLICY -> "tell the agent";
      case Action.Controller c when why(c) == ToAgent.ANSWER -> "the agent reads it first";
      case Action.Controller c when why(c) == ToAgent.NEIGHBOUR -> "the agent answers";
      case Action.Learn learn -> learn(learn);
      case Action.Note note -> policies.noted(note).orElseGet(() -> OvsText.of(note));
      default -> OvsText.of(action);
    };
  }

  private static int why(Action.Controller c) {
    return c.userdata().size() > 0 ? c.userdata().at(0) : 0;
  }

  private static String learn(Action.Learn learn) {
    return "remember the client in "
        + table(learn.table())
        + (learn.idleTimeout() == 0 ? "" : " for %d s".formatted(learn.idleTimeout()));
  }

  private String set(Action.SetField set) {
    if (ADDRESSES.contains(set.field()) && set.mask().isEmpty()) {
      return set.field().ovsName() + ":=" + names.of(Ip.of(set.value()));
    }
    if (MACS.contains(set.field()) && set.mask().isEmpty()) {
      return set.field().ovsName() + ":=" + names.of(mac(set.value()));
    }
    return bits(set.field(), set.value(), set.mask(), ":=").orElseGet(() -> OvsText.of(set));
  }

  private static String range(BitRange range) {
    FieldId field = range.field();
    return NAMED.stream()
        .filter(named -> named.range().equals(range))
        .map(NamedBits::name)
        .findFirst()
        .orElseGet(() ->
            range.width() == field.bits()
                ? field.ovsName()
                : "%s[%d..%d]".formatted(field.ovsName(), range.from(), range.to()));
  }

  private String ct(Action.Ct ct) {
    if (!(ct.zone() instanceof Action.Zone.Fixed fixed)) {
      return OvsText.of(ct);
    }
    StringBuilder text = new StringBuilder(ct.commit() ? "record in " : "look up in ");
    text.append(Zones.of(fixed.zone()).map(Zones::label).orElse("zone " + fixed.zone()));
    ct.nat().ifPresent(nat -> text.append(nat(nat)));
    ct.exec()
        .forEach(e -> text.append(e instanceof Action.Move ? ", label " : ", mark ").append(of(e)));
    ct.table().ifPresent(t -> text.append(", → ").append(table(t)));
    return text.toString();
  }

  private String nat(Action.Nat nat) {
    return switch (nat.kind()) {
      case APPLY -> " and translate as recorded";
      case SRC -> " as from " + target(nat);
      case DST -> " as to " + target(nat);
    };
  }

  /** Where to, or from: an address and the ports. */
  String target(Action.Nat nat) {
    String ports =
        (nat.minPort().isPresent() ? ":" + nat.minPort().getAsInt() : "")
            + (nat.maxPort().isPresent() ? "-" + nat.maxPort().getAsInt() : "");
    return nat.minAddress().map(b -> names.of(Ip.of(b), ports)).orElse(ports);
  }

  String port(int ofport) {
    return names.ofPort(ofport);
  }

  /** {@code 3 endpoints}, of the group with this id. */
  String endpointsOf(int id) {
    return endpoints
        .group(id)
        .map(endpoints::of)
        .map(choices ->
            "%d endpoint%s%s"
                .formatted(
                    choices.size(),
                    choices.size() == 1 ? "" : "s",
                    Endpoints.local(choices) ? " of this node" : ""))
        .orElse("a group that is missing");
  }

  /** The endpoint of a bucket that EndpointDnat knows. */
  Optional<String> endpoint(int bucket) {
    return endpoints.translation(bucket).flatMap(Action.Ct::nat).map(this::target);
  }

  static String table(int number) {
    return Table.of(number).map(Table::label).orElseGet(() -> "table " + number);
  }
}
