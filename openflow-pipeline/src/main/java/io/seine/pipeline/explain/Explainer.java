package io.seine.pipeline.explain;

import io.seine.openflow.Action;
import io.seine.openflow.Field;
import io.seine.openflow.FieldId;
import io.seine.openflow.FieldMatch;
import io.seine.openflow.Flow;
import io.seine.openflow.Group;
import io.seine.openflow.InstalledFlow;
import io.seine.openflow.Ip;
import io.seine.openflow.IpPrefix;
import io.seine.pipeline.Cookie;
import io.seine.pipeline.GroupIds;
import io.seine.pipeline.Owner;
import io.seine.pipeline.Registers;
import io.seine.pipeline.Table;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Predicate;

/** Turns the flows of a switch into words. */
public final class Explainer {
  private final Names names;
  private final Endpoints endpoints;
  private final Words words;
  private final Intention intention;

  /**
   * @param groups the switch's groups, for what a flow that uses one does
   */
  public Explainer(Names names, Collection<Group> groups) {
    this.names = names;
    Map<Integer, Group> byId = new HashMap<>();
    groups.forEach(g -> byId.put(g.id(), g));
    this.endpoints = new Endpoints(byId);
    this.words = new Words(names, endpoints);
    this.intention = new Intention(names, words);
  }

  /** All flows in the order of the pipeline: by table, then from the highest priority down. */
  public List<ExplainedFlow> explain(Collection<InstalledFlow> flows) {
    flows.forEach(installed -> endpoints.see(installed.flow()));
    return flows.stream()
        .map(this::explain)
        .sorted(
            Comparator.comparingInt(ExplainedFlow::tableNumber)
                .thenComparing(Comparator.comparingInt(ExplainedFlow::priority).reversed())
                .thenComparing(ExplainedFlow::ownerText)
                .thenComparing(ExplainedFlow::match))
        .toList();
  }

  /** One flow. Where it leads by way of others is known when they have been explained before. */
  public ExplainedFlow explain(InstalledFlow installed) {
    Flow flow = installed.flow();
    Optional<Owner.Kind> kind =
        Cookie.kind(installed.cookie())
            .filter(k -> k == Owner.Kind.LEARNED || Cookie.fits(installed.cookie(), flow));
    Set<Owner> mentions = mentions(flow);
    Optional<Owner> owner =
        kind.flatMap(k ->
            names
                .ownerOf(flow)
                .filter(o -> o.kind() == k)
                .or(() -> k == Owner.Kind.LEARNED ? taughtBy(flow) : Optional.empty())
                .or(() ->
                    k == Owner.Kind.BASE ? Optional.of(new Owner.Base()) : only(k, mentions)));
    owner.ifPresent(mentions::add);
    return new ExplainedFlow(
        tableName(flow.table()),
        flow.table(),
        flow.priority(),
        owner,
        kind,
        intention.of(flow, installed.cookie(), kind, owner),
        words.of(flow.match()),
        words.of(flow.actions()),
        group(flow),
        mentions,
        1,
        installed.packets(),
        installed.bytes(),
        installed.age(),
        installed);
  }

  /** The name of a table; {@code table 99} for one that is none of ours. */
  public static String tableName(int number) {
    return Words.table(number);
  }

  private Optional<Owner> taughtBy(Flow flow) {
    return flow.match()
        .get(Registers.GROUP.range().field())
        .flatMap(group -> names.ownerOfGroup((int) group.value().toLong()));
  }

  private Optional<ExplainedGroup> group(Flow flow) {
    OptionalInt id = GroupIds.usedBy(flow.actions());
    return id.isPresent() ? endpoints.group(id.getAsInt()).map(this::explain) : Optional.empty();
  }

  /** One group. */
  public ExplainedGroup explain(Group group) {
    return ExplainedGroup.of(group, endpoints, names, words);
  }

  /**
   * Flows that differ only in whom they are for become one, with their counts added up. What every
   * node has once, and what Seine did not write, is never folded.
   */
  public static List<ExplainedFlow> fold(List<ExplainedFlow> flows) {
    Map<List<Object>, ExplainedFlow> folded = new LinkedHashMap<>();
    for (ExplainedFlow flow : flows) {
      folded.merge(shape(flow), flow, ExplainedFlow::foldedWith);
    }
    return List.copyOf(folded.values());
  }

  private static List<Object> shape(ExplainedFlow flow) {
    if (flow.kind().filter(kind -> kind != Owner.Kind.BASE).isEmpty()) {
      return List.of(flow.raw().flow().key());
    }
    List<Object> shape = new ArrayList<>();
    shape.add(flow.tableNumber());
    shape.add(flow.priority());
    shape.add(flow.kind());
    // What is in the match but says nothing of who it is for belongs to the shape.
    for (FieldMatch field : flow.raw().flow().match().fields()) {
      shape.add(tellsWhom(flow, field.field()) ? field.field() : field);
    }
    for (Action action : flow.raw().flow().actions()) {
      if (action instanceof Action.Conjunction && shape.getLast() == Action.Conjunction.class) {
        continue; // however many there are
      }
      shape.add(
          switch (action) {
            case Action.Group _ -> Action.Group.class;
            case Action.Learn _ -> Action.Learn.class;
            case Action.Conjunction _ -> Action.Conjunction.class;
            case Action.Controller _ when isPolicy(flow) -> Action.Controller.class;
            case Action.Note _ when isPolicy(flow) -> Action.Note.class;
            case Action.Ct ct
                when flow.tableNumber() == Table.ENDPOINT_DNAT.number() && ct.nat().isPresent() ->
                Action.Nat.class;
            case Action.SetField set when WHO.contains(set.field()) -> set.field();
            default -> action;
          });
    }
    return shape;
  }

  /** A port is part of whom a flow is for with services only: elsewhere it says what is meant. */
  private static boolean tellsWhom(ExplainedFlow flow, FieldId field) {
    return WHO.contains(field)
        || (PORTS.contains(field)
            && (flow.kind().equals(Optional.of(Owner.Kind.SERVICE)) || isPolicy(flow)));
  }

  private static boolean isPolicy(ExplainedFlow flow) {
    return flow.kind()
        .filter(kind ->
            kind == Owner.Kind.POLICY
                || kind == Owner.Kind.POLICY_POD
                || kind == Owner.Kind.POLICY_TERM)
        .isPresent();
  }

  private static final Set<FieldId> PORTS = Set.of(Field.TCP_DST, Field.UDP_DST, Field.SCTP_DST);

  private static final Set<FieldId> WHO =
      Set.of(
          Field.IN_PORT,
          Field.ETH_SRC,
          Field.ETH_DST,
          Field.IPV4_SRC,
          Field.IPV4_DST,
          Field.ARP_SHA,
          Field.ARP_SPA,
          Field.ARP_TPA,
          Field.TUN_SRC,
          Field.TUN_DST,
          Field.IPV6_SRC,
          Field.IPV6_DST,
          Field.TUN_IPV6_SRC,
          Field.TUN_IPV6_DST,
          Field.ND_TARGET,
          Registers.OUTPUT_PORT.range().field(),
          Registers.GROUP.range().field(),
          Registers.ENDPOINT.range().field(),
          Registers.EGRESS_RULE.range().field(),
          Registers.INGRESS_RULE.range().field(),
          Registers.PEER_CLASS.range().field(),
          Registers.BLOCK_CLASS.range().field(),
          Field.CONJ_ID,
          Field.REG15);

  private static Optional<Owner> only(Owner.Kind kind, Set<Owner> mentions) {
    Predicate<Owner> same = o -> o.kind() == kind;
    return mentions.stream().filter(same).count() == 1
        ? mentions.stream().filter(same).findFirst()
        : Optional.empty();
  }

  private Set<Owner> mentions(Flow flow) {
    Set<Owner> mentions = new LinkedHashSet<>();
    flow.match().fields().forEach(match -> owner(match).ifPresent(mentions::add));
    for (Action action : flow.actions()) {
      if (action instanceof Action.SetField set) {
        owner(new FieldMatch(set.field(), set.value(), set.mask())).ifPresent(mentions::add);
      }
    }
    group(flow).ifPresent(group -> mentions.addAll(group.mentions()));
    Endpoints.translation(flow.actions())
        .flatMap(Action.Ct::nat)
        .flatMap(Action.Nat::minAddress)
        .flatMap(address -> names.ownerOf(Ip.of(address)))
        .ifPresent(mentions::add);
    mentions.addAll(words.policies().mentions(flow));
    return mentions;
  }

  private Optional<Owner> owner(FieldMatch match) {
    FieldId field = match.field();
    if (Words.ADDRESSES.contains(field)) {
      Ip address = Ip.of(match.value());
      return match
          .mask()
          .map(mask -> names.ownerOf(new IpPrefix(address, mask.ones())))
          .orElseGet(() -> names.ownerOf(address));
    }
    if (match.mask().isPresent()) {
      return Optional.empty();
    }
    if (field.equals(Registers.ENDPOINT.range().field())) {
      return endpoints
          .translation((int) match.value().toLong())
          .flatMap(Action.Ct::nat)
          .flatMap(Action.Nat::minAddress)
          .flatMap(address -> names.ownerOf(Ip.of(address)));
    }
    if (field == Field.IN_PORT || field.equals(Registers.OUTPUT_PORT.range().field())) {
      return names.ownerOfPort((int) match.value().toLong());
    }
    return Words.MACS.contains(field) ? names.ownerOf(Words.mac(match.value())) : Optional.empty();
  }
}
