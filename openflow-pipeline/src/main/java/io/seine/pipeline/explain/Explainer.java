package io.seine.pipeline.explain;

import io.seine.openflow.Action;
import io.seine.openflow.Field;
import io.seine.openflow.FieldMatch;
import io.seine.openflow.Flow;
import io.seine.openflow.Group;
import io.seine.openflow.InstalledFlow;
import io.seine.openflow.Ipv4;
import io.seine.openflow.Ipv4Prefix;
import io.seine.pipeline.Cookie;
import io.seine.pipeline.Owner;
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
import java.util.Set;
import java.util.function.Predicate;

/** Turns the flows of a switch into words. */
public final class Explainer {
  private final Names names;
  private final Words words;
  private final Map<Integer, Group> groups = new HashMap<>();

  /**
   * @param groups the switch's groups, for what a flow that uses one does
   */
  public Explainer(Names names, Collection<Group> groups) {
    this.names = names;
    groups.forEach(g -> this.groups.put(g.id(), g));
    this.words = new Words(names, this.groups);
  }

  /** All flows in the order of the pipeline: by table, then from the highest priority down. */
  public List<ExplainedFlow> explain(Collection<InstalledFlow> flows) {
    return flows.stream()
        .map(this::explain)
        .sorted(
            Comparator.comparingInt(ExplainedFlow::tableNumber)
                .thenComparing(Comparator.comparingInt(ExplainedFlow::priority).reversed())
                .thenComparing(ExplainedFlow::ownerText)
                .thenComparing(ExplainedFlow::match))
        .toList();
  }

  /** One flow. */
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
                .or(() ->
                    k == Owner.Kind.BASE ? Optional.of(new Owner.Base()) : only(k, mentions)));
    owner.ifPresent(mentions::add);
    return new ExplainedFlow(
        Table.of(flow.table()).map(Table::label).orElseGet(() -> String.valueOf(flow.table())),
        flow.table(),
        flow.priority(),
        owner,
        kind,
        Intention.of(flow, kind, owner, words),
        words.of(flow.match()),
        words.of(flow.actions()),
        mentions,
        1,
        installed.packets(),
        installed.bytes(),
        installed.age(),
        installed);
  }

  /** Flows that differ only in whom they are for become one, with their counts added up. */
  public static List<ExplainedFlow> fold(List<ExplainedFlow> flows) {
    Map<List<Object>, ExplainedFlow> folded = new LinkedHashMap<>();
    for (ExplainedFlow flow : flows) {
      folded.merge(shape(flow), flow, ExplainedFlow::foldedWith);
    }
    return List.copyOf(folded.values());
  }

  private static List<Object> shape(ExplainedFlow flow) {
    List<Object> shape = new ArrayList<>();
    shape.add(flow.tableNumber());
    shape.add(flow.priority());
    shape.add(flow.kind());
    // What is in the match but says nothing of who it is for belongs to the shape.
    for (FieldMatch field : flow.raw().flow().match().fields()) {
      shape.add(WHO.contains(field.field()) ? field.field() : field);
    }
    flow.raw()
        .flow()
        .actions()
        .forEach(a -> shape.add(a instanceof Action.GotoTable ? a : a.getClass()));
    return shape;
  }

  private static final Set<Field> WHO =
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
          Field.TCP_DST,
          Field.UDP_DST,
          Field.SCTP_DST);

  private static Optional<Owner> only(Owner.Kind kind, Set<Owner> mentions) {
    Predicate<Owner> same = o -> o.kind() == kind;
    return mentions.stream().filter(same).count() == 1
        ? mentions.stream().filter(same).findFirst()
        : Optional.empty();
  }

  private Set<Owner> mentions(Flow flow) {
    Set<Owner> mentions = new LinkedHashSet<>();
    for (FieldMatch match : flow.match().fields()) {
      if (match.field() == Field.IN_PORT) {
        names.ownerOfPort((int) match.value().toLong()).ifPresent(mentions::add);
      } else if (match.value().size() == 4) {
        owner(match).ifPresent(mentions::add);
      }
    }
    for (Action action : flow.actions()) {
      if (action instanceof Action.Group group) {
        Optional.ofNullable(groups.get(group.groupId())).stream()
            .flatMap(g -> Words.endpoints(g).stream())
            .forEach(ip -> names.ownerOf(ip).ifPresent(mentions::add));
      } else if (action instanceof Action.SetField set && set.field() == Field.TUN_DST) {
        names.ownerOf(new Ipv4((int) set.value().toLong())).ifPresent(mentions::add);
      }
    }
    return mentions;
  }

  private Optional<Owner> owner(FieldMatch match) {
    if (!Words.ADDRESSES.contains(match.field())) {
      return Optional.empty();
    }
    Ipv4 address = new Ipv4((int) match.value().toLong());
    return match
        .mask()
        .map(mask -> names.ownerOf(new Ipv4Prefix(address, Long.bitCount(mask.toLong()))))
        .orElseGet(() -> names.ownerOf(address));
  }
}
