package io.seine.reconcile;

import io.seine.openflow.Action;
import io.seine.openflow.Flow;
import io.seine.openflow.Group;
import io.seine.openflow.InstalledFlow;
import io.seine.openflow.RefusedException;
import io.seine.pipeline.Cookie;
import io.seine.pipeline.Fingerprint;
import io.seine.pipeline.FlowSet;
import io.seine.pipeline.Owner;
import io.seine.pipeline.Table;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiConsumer;

/**
 * Compares what owners want with what a switch has.
 *
 * <p>First each owner's set goes in with {@link #want}, then what the switch has with {@link
 * #found}, one by one; then it can be asked. Of what is as it should be only hashes are held, so
 * that a large switch can be compared in little memory; whoever asks for the difference gives the
 * owner's set again. Not for use by several threads.
 */
public final class Diff {
  private static final class Wanted {
    Owner owner;
    long content;
    boolean found;
    Optional<InstalledFlow> altered = Optional.empty();

    Wanted(Owner owner, long content) {
      this.owner = owner;
      this.content = content;
    }
  }

  private static final class WantedGroup {
    final Owner owner;
    final long content;
    boolean found;
    Optional<Group> altered = Optional.empty();

    WantedGroup(Owner owner, long content) {
      this.owner = owner;
      this.content = content;
    }
  }

  /** What is written by a learn action, as far as it can be told. */
  private record Learner(int table, long cookie) {}

  private record Contest(Flow.Key key, TreeSet<Owner> owners) {}

  private final Map<Long, Wanted> flows = new HashMap<>();
  private final Map<Integer, WantedGroup> groups = new HashMap<>();
  private final Map<Long, Contest> contests = new LinkedHashMap<>();
  private final Set<Learner> learners = new HashSet<>();
  private final Set<Integer> tables = new HashSet<>();
  private final List<InstalledFlow> unwantedFlows = new ArrayList<>();
  private final List<Group> unwantedGroups = new ArrayList<>();

  /** Compares everything at once: small sets, and those that are in memory anyway. */
  public static Diff between(
      Map<Owner, FlowSet> wanted, List<InstalledFlow> flows, List<Group> groups) {
    Diff diff = new Diff();
    wanted.forEach(diff::want);
    flows.forEach(diff::found);
    groups.forEach(diff::found);
    return diff;
  }

  /** The flows of a set by the fingerprint of their keys; of two with one key the first counts. */
  static Map<Long, Flow> byKey(FlowSet set) {
    Map<Long, Flow> byKey = LinkedHashMap.newLinkedHashMap(set.flows().size());
    for (Flow flow : set.flows()) {
      byKey.putIfAbsent(Fingerprint.of(flow.key()), flow);
    }
    return byKey;
  }

  /** Says what an owner wants; once for each owner, before anything is found. */
  public void want(Owner owner, FlowSet set) {
    byKey(set)
        .forEach((key, flow) -> {
          want(owner, key, flow);
          for (Action action : flow.actions()) {
            if (action instanceof Action.Learn learn) {
              learners.add(new Learner(learn.table(), learn.cookie()));
            }
          }
        });
    for (Group group : set.groups()) {
      groups.putIfAbsent(group.id(), new WantedGroup(owner, Fingerprint.of(group)));
    }
  }

  private void want(Owner owner, long key, Flow flow) {
    Wanted wanted = flows.get(key);
    if (wanted == null) {
      flows.put(key, new Wanted(owner, Fingerprint.of(flow)));
      return;
    }
    Contest contest = contests.computeIfAbsent(key, k -> new Contest(flow.key(), new TreeSet<>()));
    contest.owners.add(owner);
    contest.owners.add(wanted.owner);
    if (owner.compareTo(wanted.owner) < 0) {
      wanted.owner = owner;
      wanted.content = Fingerprint.of(flow);
    }
  }

  /** Says that the switch has this flow. */
  public void found(InstalledFlow actual) {
    Flow flow = actual.flow();
    Wanted wanted = flows.get(Fingerprint.of(flow.key()));
    if (isOurs(actual)) {
      tables.add(flow.table());
    }
    if (wanted == null) {
      // What a wanted flow has learnt is nobody's to want: it comes and goes by itself.
      if (!learners.contains(new Learner(flow.table(), actual.cookie()))) {
        unwantedFlows.add(actual);
      }
      return;
    }
    wanted.found = true;
    boolean right =
        wanted.content == Fingerprint.of(flow)
            && actual.cookie() == Cookie.of(wanted.owner.kind(), wanted.content)
            && actual.idleTimeout() == 0
            && actual.hardTimeout() == 0;
    wanted.altered = right ? Optional.empty() : Optional.of(actual);
  }

  private static boolean isOurs(InstalledFlow actual) {
    return Cookie.kind(actual.cookie()).isPresent();
  }

  /** Whether the switch has any flow of Seine's in the table. */
  boolean anyOf(int table) {
    return tables.contains(table);
  }

  /**
   * What the switch has of what the owner wants, and whatever that may lead to.
   *
   * @param set what the owner wants, as given to {@link #want}
   */
  FlowSet before(Owner owner, FlowSet set) {
    List<Flow> had = new ArrayList<>();
    byKey(set)
        .forEach((key, flow) -> {
          Wanted wanted = Optional.ofNullable(flows.get(key)).orElseThrow();
          if (wanted.owner.equals(owner) && wanted.found) {
            had.add(wanted.altered.map(InstalledFlow::flow).orElse(flow));
          }
        });
    unwantedFlows.forEach(installed -> {
      if (installed.flow().table() == Table.ENDPOINT_DNAT.number()) {
        had.add(installed.flow());
      }
    });
    List<Group> hadGroups = new ArrayList<>(unwantedGroups);
    for (Group group : set.groups()) {
      WantedGroup wanted = Optional.ofNullable(groups.get(group.id())).orElseThrow();
      if (wanted.found) {
        hadGroups.add(wanted.altered.orElse(group));
      }
    }
    return new FlowSet(had, hadGroups);
  }

  /** Says that the switch has this group. */
  public void found(Group actual) {
    WantedGroup wanted = groups.get(actual.id());
    if (wanted == null) {
      unwantedGroups.add(actual);
      return;
    }
    wanted.found = true;
    wanted.altered =
        wanted.content == Fingerprint.of(actual) ? Optional.empty() : Optional.of(actual);
  }

  /** The owners that lack something, or have something altered. */
  public SortedSet<Owner> unsatisfied() {
    SortedSet<Owner> owners = new TreeSet<>();
    flows.values().stream()
        .filter(w -> !w.found || w.altered.isPresent())
        .forEach(w -> owners.add(w.owner));
    groups.values().stream()
        .filter(w -> !w.found || w.altered.isPresent())
        .forEach(w -> owners.add(w.owner));
    return owners;
  }

  /**
   * The owner's part of the difference.
   *
   * @param set what the owner wants, as given to {@link #want}
   */
  public List<DriftReport.Finding> findings(Owner owner, FlowSet set) {
    List<DriftReport.Finding> findings = new ArrayList<>();
    byKey(set)
        .forEach((key, flow) -> {
          Wanted wanted = Optional.ofNullable(flows.get(key)).orElseThrow();
          if (wanted.owner.equals(owner)) {
            finding(owner, flow, wanted).ifPresent(findings::add);
          }
        });
    for (Group group : set.groups()) {
      WantedGroup wanted = Optional.ofNullable(groups.get(group.id())).orElseThrow();
      if (wanted.owner.equals(owner) && (!wanted.found || wanted.altered.isPresent())) {
        findings.add(
            new DriftReport.Finding(
                wanted.found ? DriftReport.Kind.ALTERED : DriftReport.Kind.MISSING,
                Optional.of(owner),
                new DriftReport.Item.OfGroup(Optional.of(group), wanted.altered)));
      }
    }
    return findings;
  }

  private static Optional<DriftReport.Finding> finding(Owner owner, Flow flow, Wanted wanted) {
    if (wanted.found && wanted.altered.isEmpty()) {
      return Optional.empty();
    }
    long cookie =
        wanted
            .altered
            .map(InstalledFlow::cookie)
            .orElseGet(() -> Cookie.of(owner.kind(), wanted.content));
    return Optional.of(
        new DriftReport.Finding(
            wanted.found ? DriftReport.Kind.ALTERED : DriftReport.Kind.MISSING,
            Optional.of(owner),
            new DriftReport.Item.OfFlow(
                Optional.of(flow), wanted.altered.map(InstalledFlow::flow), cookie)));
  }

  /** What the switch has and nobody wants. */
  public List<DriftReport.Finding> unwanted() {
    List<DriftReport.Finding> findings = new ArrayList<>();
    Set<Integer> staleGroups = new TreeSet<>();
    for (InstalledFlow actual : unwantedFlows) {
      boolean stale =
          Cookie.fits(actual.cookie(), actual.flow())
              || Cookie.kind(actual.cookie()).equals(Optional.of(Owner.Kind.LEARNED));
      if (stale) {
        staleGroups.addAll(GroupRefs.of(actual.flow().actions()));
      }
      findings.add(
          new DriftReport.Finding(
              stale ? DriftReport.Kind.STALE : DriftReport.Kind.FOREIGN,
              Optional.empty(),
              new DriftReport.Item.OfFlow(
                  Optional.empty(), Optional.of(actual.flow()), actual.cookie())));
    }
    // A group carries no mark of who made it; one that a stale flow leads to is as stale as it.
    followStale(staleGroups);
    for (Group actual : unwantedGroups) {
      findings.add(
          new DriftReport.Finding(
              staleGroups.contains(actual.id()) ? DriftReport.Kind.STALE : DriftReport.Kind.FOREIGN,
              Optional.empty(),
              new DriftReport.Item.OfGroup(Optional.empty(), Optional.of(actual))));
    }
    return findings;
  }

  private void followStale(Set<Integer> stale) {
    Map<Integer, Group> groupById = new HashMap<>();
    unwantedGroups.forEach(group -> groupById.put(group.id(), group));
    Deque<Integer> open = new ArrayDeque<>(stale);
    while (!open.isEmpty()) {
      Optional<Group> group = Optional.ofNullable(groupById.get(open.pop()));
      group.ifPresent(g -> GroupRefs.of(g).stream().filter(stale::add).forEach(open::push));
    }
  }

  /** Adds what makes an owner's part right. */
  void repair(Owner owner, FlowSet set, Bundle bundle) throws RefusedException {
    for (DriftReport.Finding finding : findings(owner, set)) {
      switch (finding.item()) {
        case DriftReport.Item.OfFlow item -> bundle.add(owner, item.wanted().orElseThrow());
        case DriftReport.Item.OfGroup item ->
            bundle.replace(item.actual(), item.wanted().orElseThrow());
      }
    }
  }

  List<InstalledFlow> unwantedFlows() {
    return Collections.unmodifiableList(unwantedFlows);
  }

  List<Group> unwantedGroups() {
    return Collections.unmodifiableList(unwantedGroups);
  }

  /** Every entry that more than one owner wants. */
  public List<Conflict> conflicts() {
    List<Conflict> conflicts = new ArrayList<>();
    for (Contest contest : contests.values()) {
      Owner winner = contest.owners.first();
      for (Owner loser : contest.owners.tailSet(winner, false)) {
        conflicts.add(new Conflict(winner, loser, contest.key));
      }
    }
    return conflicts;
  }

  /** Who wants each entry. */
  void forEachClaim(BiConsumer<Long, SortedSet<Owner>> consumer) {
    flows.forEach((key, wanted) -> {
      Contest contest = contests.get(key);
      consumer.accept(key, contest == null ? new TreeSet<>(List.of(wanted.owner)) : contest.owners);
    });
  }

  /** All findings by owner, for a report to a person. */
  public List<DriftReport.Finding> all(Map<Owner, FlowSet> wanted) {
    List<DriftReport.Finding> all = new ArrayList<>();
    SortedMap<Owner, FlowSet> sorted = new TreeMap<>(wanted);
    sorted.forEach((owner, set) -> all.addAll(findings(owner, set)));
    all.addAll(unwanted());
    return all;
  }
}
