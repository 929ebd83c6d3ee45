package io.seine.openflow.testing;

import io.seine.openflow.Action;
import io.seine.openflow.Change;
import io.seine.openflow.CtFlush;
import io.seine.openflow.Field;
import io.seine.openflow.Flow;
import io.seine.openflow.Group;
import io.seine.openflow.InstalledFlow;
import io.seine.openflow.Match;
import io.seine.openflow.RefusedException;
import io.seine.openflow.Switch;
import io.seine.openflow.SwitchException;
import io.seine.openflow.wire.Messages;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * A switch in memory that refuses what Open vSwitch refuses: a group that exists already, a flow
 * that uses a group that does not, a goto that does not lead forward, translation without an IP
 * match; and what would make it end itself, a group too large to be shown. Like Open vSwitch it
 * takes a bucket that leads to a group that does not exist, even to its own; {@link #dangling}
 * shows those. What a flow has learnt goes with it if it says so. A bundle is all or nothing.
 * {@link FakePipeline} runs packets through what it holds.
 *
 * <p>Any thread may use it.
 */
public final class FakeSwitch implements Switch {
  /** A flow, and the number of the bundle that brought it: one that was rewritten has a new one. */
  public record Entry(Flow flow, long cookie, long bundle) {}

  private static final int DELETE_LEARNED = 2;

  private final Map<Flow.Key, Entry> flows = new LinkedHashMap<>();
  private final Map<Integer, Group> groups = new LinkedHashMap<>();
  private final List<List<Change>> log = new ArrayList<>();
  private final List<CtFlush> flushed = new ArrayList<>();
  private Predicate<Change> refused = change -> false;
  private Optional<SwitchException> noFlush = Optional.empty();
  private boolean gone;
  private long bundles;

  /** From now on refuses any bundle with such a change. */
  public synchronized void refuse(Predicate<Change> changes) {
    refused = changes;
  }

  /** From now on answers nothing, as after a crash; {@code false} ends that. */
  public synchronized void gone(boolean isGone) {
    gone = isGone;
  }

  /** From now on fails to forget connections, in this way; empty ends that. */
  public synchronized void failFlushes(Optional<SwitchException> failure) {
    noFlush = failure;
  }

  /** What connection tracking was told to forget since {@link #clearLog}, in order. */
  public synchronized List<CtFlush> flushed() {
    return List.copyOf(flushed);
  }

  /** The bundles that took effect, in order. */
  public synchronized List<List<Change>> log() {
    return List.copyOf(log);
  }

  public synchronized void clearLog() {
    log.clear();
    flushed.clear();
  }

  public synchronized List<Entry> entries() {
    return List.copyOf(flows.values());
  }

  public synchronized Optional<Group> group(int id) {
    return Optional.ofNullable(groups.get(id));
  }

  /** The groups that buckets lead to and that do not exist: what meets such a bucket is dropped. */
  public synchronized Set<Integer> dangling() {
    Set<Integer> dangling = new TreeSet<>();
    for (Group group : groups.values()) {
      for (Group.Bucket bucket : group.buckets()) {
        for (Action action : bucket.actions()) {
          if (action instanceof Action.Group next && !groups.containsKey(next.groupId())) {
            dangling.add(next.groupId());
          }
        }
      }
    }
    return dangling;
  }

  /** Does what someone at the command line does: no cookie of ours, no bundle in the log. */
  public synchronized void meddle(Change... changes) {
    try {
      apply(List.of(changes));
    } catch (RefusedException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public synchronized List<InstalledFlow> dumpFlows() throws SwitchException {
    checkAlive();
    return flows.values().stream()
        .map(e ->
            new InstalledFlow(e.flow, e.cookie, Duration.ofSeconds(bundles - e.bundle), 0, 0, 0, 0))
        .toList();
  }

  @Override
  public synchronized List<Group> dumpGroups() throws SwitchException {
    checkAlive();
    return List.copyOf(groups.values());
  }

  @Override
  public synchronized void commit(List<Change> changes) throws SwitchException {
    checkAlive();
    for (Change change : changes) {
      if (refused.test(change)) {
        throw new RefusedException(
            "told to refuse " + change, "TOLD_TO_REFUSE", Optional.of(change));
      }
    }
    apply(changes);
    log.add(List.copyOf(changes));
  }

  @Override
  public synchronized void flushConnections(List<CtFlush> flushes) throws SwitchException {
    checkAlive();
    if (noFlush.isPresent()) {
      throw noFlush.get();
    }
    flushed.addAll(flushes);
  }

  private void checkAlive() throws SwitchException {
    if (gone) {
      throw new SwitchException("the switch went away");
    }
  }

  private void apply(List<Change> changes) throws RefusedException {
    Deque<Runnable> undo = new ArrayDeque<>();
    bundles++;
    try {
      for (Change change : changes) {
        apply(change, undo);
      }
    } catch (RefusedException e) {
      undo.forEach(Runnable::run);
      throw e;
    }
  }

  private void apply(Change change, Deque<Runnable> undo) throws RefusedException {
    switch (change) {
      case Change.AddFlow add -> {
        check(add.flow());
        putFlow(add.flow().key(), Optional.of(new Entry(add.flow(), add.cookie(), bundles)), undo);
      }
      case Change.DeleteFlow delete -> putFlow(delete.key(), Optional.empty(), undo);
      case Change.AddGroup add -> {
        require(!groups.containsKey(add.group().id()), "group exists: " + hex(add.group().id()));
        putGroup(add.group().id(), Optional.of(checked(add.group())), undo);
      }
      case Change.ModifyGroup modify -> {
        existing(modify.group().id());
        putGroup(modify.group().id(), Optional.of(checked(modify.group())), undo);
      }
      case Change.DeleteGroup delete -> deleteGroup(delete.groupId(), undo);
      case Change.InsertBuckets insert -> {
        Group group = existing(insert.groupId());
        List<Group.Bucket> buckets = new ArrayList<>(group.buckets());
        buckets.addAll(insert.buckets());
        putGroup(group.id(), Optional.of(checked(with(group, buckets))), undo);
      }
      case Change.RemoveBucket remove -> {
        Group group = existing(remove.groupId());
        List<Group.Bucket> buckets = new ArrayList<>(group.buckets());
        require(
            buckets.removeIf(b -> b.id() == remove.bucketId()),
            "group %s has no bucket %d".formatted(hex(group.id()), remove.bucketId()));
        putGroup(group.id(), Optional.of(with(group, buckets)), undo);
      }
    }
  }

  private void deleteGroup(int id, Deque<Runnable> undo) {
    putGroup(id, Optional.empty(), undo);
    for (Entry entry : List.copyOf(flows.values())) {
      if (uses(entry.flow.actions(), id)) {
        putFlow(entry.flow.key(), Optional.empty(), undo);
      }
    }
  }

  private void putFlow(Flow.Key key, Optional<Entry> entry, Deque<Runnable> undo) {
    List<Action.Learn> before = learners(Optional.ofNullable(flows.get(key)));
    put(flows, key, entry, undo);
    for (Action.Learn gone : before) {
      if (flows.values().stream().noneMatch(e -> teaches(e, gone))) {
        for (Entry learnt : List.copyOf(flows.values())) {
          if (learnt.cookie == gone.cookie() && learnt.flow.table() == gone.table()) {
            put(flows, learnt.flow.key(), Optional.empty(), undo);
          }
        }
      }
    }
  }

  private static List<Action.Learn> learners(Optional<Entry> entry) {
    List<Action.Learn> learners = new ArrayList<>();
    for (Action action : entry.map(e -> e.flow.actions()).orElse(List.of())) {
      if (action instanceof Action.Learn learn && (learn.flags() & DELETE_LEARNED) != 0) {
        learners.add(learn);
      }
    }
    return learners;
  }

  private static boolean teaches(Entry entry, Action.Learn learnt) {
    return learners(Optional.of(entry)).stream()
        .anyMatch(l -> l.cookie() == learnt.cookie() && l.table() == learnt.table());
  }

  private void putGroup(int id, Optional<Group> group, Deque<Runnable> undo) {
    put(groups, id, group, undo);
  }

  private static <K, V> void put(Map<K, V> map, K key, Optional<V> value, Deque<Runnable> undo) {
    Optional<V> before = Optional.ofNullable(map.get(key));
    value.ifPresentOrElse(v -> map.put(key, v), () -> map.remove(key));
    undo.push(() -> before.ifPresentOrElse(v -> map.put(key, v), () -> map.remove(key)));
  }

  private Group existing(int id) throws RefusedException {
    Group group = groups.get(id);
    if (group == null) {
      throw refusal("unknown group " + hex(id));
    }
    return group;
  }

  private static Group with(Group group, List<Group.Bucket> buckets) {
    return new Group(group.id(), group.type(), group.selection(), buckets);
  }

  private static boolean uses(Collection<Action> actions, int group) {
    return actions.stream().anyMatch(a -> a instanceof Action.Group g && g.groupId() == group);
  }

  private Group checked(Group group) throws RefusedException {
    require(
        Messages.groupBytes(group) <= Messages.MAX_GROUP_BYTES,
        "group %s is too large to be shown".formatted(hex(group.id())));
    Set<Integer> ids = new HashSet<>();
    for (Group.Bucket bucket : group.buckets()) {
      require(ids.add(bucket.id()), "bucket exists: " + bucket.id());
      for (Action action : bucket.actions()) {
        require(
            !(action instanceof Action.GotoTable), "a bucket has actions only, no instructions");
      }
    }
    return group;
  }

  private void check(Flow flow) throws RefusedException {
    checkPrerequisites(flow.match());
    for (int i = 0; i < flow.actions().size(); i++) {
      Action action = flow.actions().get(i);
      boolean last = i == flow.actions().size() - 1;
      switch (action) {
        case Action.GotoTable go ->
            require(last && go.table() > flow.table(), "goto_table must lead forward and be last");
        case Action.Group group ->
            require(groups.containsKey(group.groupId()), "no group " + hex(group.groupId()));
        case Action.Ct ct -> {
          require(isIp(flow.match()), "ct needs an IP match");
          require(ct.commit() || ct.exec().isEmpty(), "ct(exec) needs commit");
        }
        case Action.DecTtl _ -> require(isIp(flow.match()), "dec_ttl needs an IP match");
        case Action.Output out ->
            require(
                out.port() != 0xfffffffa && out.port() != 0xfffffffb, "NORMAL or FLOOD is used");
        default -> {}
      }
    }
  }

  private static void checkPrerequisites(Match match) throws RefusedException {
    for (var field : match.fields()) {
      boolean met =
          switch (field.field()) {
            case Field.IPV4_SRC, Field.IPV4_DST -> type(match) == 0x0800;
            case Field.IP_PROTO -> isIp(match);
            case Field.ARP_OP, Field.ARP_SPA, Field.ARP_TPA, Field.ARP_SHA, Field.ARP_THA ->
                type(match) == 0x0806;
            case Field.TCP_SRC, Field.TCP_DST -> protocol(match) == 6;
            case Field.UDP_SRC, Field.UDP_DST -> protocol(match) == 17;
            case Field.SCTP_SRC, Field.SCTP_DST -> protocol(match) == 132;
            default -> true;
          };
      require(met, field.field().ovsName() + " lacks what it needs in the match");
    }
  }

  private static boolean isIp(Match match) {
    return type(match) == 0x0800 || type(match) == 0x86dd;
  }

  private static long type(Match match) {
    return match.get(Field.ETH_TYPE).map(m -> m.value().toLong()).orElse(0L);
  }

  private static long protocol(Match match) {
    return match.get(Field.IP_PROTO).map(m -> m.value().toLong()).orElse(0L);
  }

  private static void require(boolean holds, String otherwise) throws RefusedException {
    if (!holds) {
      throw refusal(otherwise);
    }
  }

  private static RefusedException refusal(String why) {
    return new RefusedException(why, "OFPERR_FAKE", Optional.empty());
  }

  private static String hex(int id) {
    return "0x" + Integer.toHexString(id);
  }
}
