package io.seine.pipeline.policy;

import io.seine.openflow.Family;
import io.seine.openflow.Ip;
import io.seine.openflow.IpPrefix;
import io.seine.pipeline.Owner;
import io.seine.pipeline.ServiceFact.Protocol;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Turns rules, subjects and the members of sets into flows, and tells after changes whose flows are
 * others now. What a change costs is what it touches, not what there is.
 *
 * <p>The flows are a function of what was put last: however the index came to hold it, they are the
 * same, after a restart too. Only where two names have one hash does it matter which came first.
 *
 * <p>Owned by one thread; only {@link #ruleIds} may be asked by others, and what {@link #take}
 * returned.
 */
public final class PolicyIndex {
  private final Set<Family> families;
  private final Set<Term> changed = new LinkedHashSet<>();
  private final RuleIds ids = new RuleIds();
  private final PeerClasses peers = new PeerClasses(changed::add);
  private final Map<Direction, BlockClasses> regions = new EnumMap<>(Direction.class);
  private final Rules rules;
  private final Map<PodId, Subject> subjects = new HashMap<>();
  private Set<PodId> asking = Set.of();
  private Set<IpPrefix> servers = Set.of();

  /** For nodes whose pods have addresses of both families. */
  public PolicyIndex() {
    this(EnumSet.allOf(Family.class));
  }

  /**
   * @param families of the pods' addresses
   */
  public PolicyIndex(Set<Family> families) {
    EnumSet<Family> sorted = EnumSet.noneOf(Family.class);
    sorted.addAll(families);
    this.families = Collections.unmodifiableSet(sorted);
    for (Direction direction : Direction.values()) {
      regions.put(direction, new BlockClasses(direction, changed::add));
    }
    this.rules = new Rules(ids, peers, regions, changed::add);
  }

  /** The numbers of the rules, for any thread to ask. */
  public RuleIds ruleIds() {
    return ids;
  }

  /** Adds a rule, or puts it in the place of the one with its key. */
  public void put(PolicyRule rule) {
    rules.put(rule);
  }

  public void remove(PolicyRule.Key key) {
    rules.remove(key);
  }

  /**
   * Adds a pod of this node, or what is new of it. Rules may name pods that were not put, or not
   * yet; they have no flows.
   */
  public void put(Subject subject) {
    Subject before = subjects.put(subject.pod(), subject);
    if (subject.equals(before)) {
      return;
    }
    for (Direction direction : Direction.values()) {
      subject.isolation(direction).ifPresent(isolation -> ids.acquire(isolation.by()));
    }
    Optional.ofNullable(before).ifPresent(this::release);
    changed.add(new Term.Pod(subject.pod()));
  }

  public void removeSubject(PodId pod) {
    Optional.ofNullable(subjects.remove(pod)).ifPresent(this::release);
    changed.add(new Term.Pod(pod));
  }

  private void release(Subject subject) {
    for (Direction direction : Direction.values()) {
      subject.isolation(direction).ifPresent(isolation -> ids.release(isolation.by()));
    }
  }

  /**
   * Addresses that join and leave a set. A set is there from when it has members or a rule names
   * it.
   *
   * @param added those that are members already do not count
   * @param removed likewise; none that is in {@code added}
   */
  public void members(String set, Set<Ip> added, Set<Ip> removed) {
    peers.members(set, added, removed);
  }

  /** All members leave the set. */
  public void removeSet(String set) {
    peers.removeSet(set);
  }

  /**
   * The DNS answers that these pods get, and no others, are to be handed to the agent, if they come
   * from {@link #servers}.
   */
  public void answersFor(Set<PodId> pods) {
    Set<PodId> differing = new HashSet<>(pods);
    differing.addAll(asking);
    differing.removeIf(pod -> pods.contains(pod) && asking.contains(pod));
    differing.forEach(pod -> changed.add(new Term.Pod(pod)));
    if (asking.isEmpty() != pods.isEmpty()) {
      changed.add(new Term.Servers());
    }
    asking = Set.copyOf(pods);
  }

  /** The DNS servers that are believed. */
  public void servers(Set<IpPrefix> believed) {
    if (!believed.equals(servers)) {
      servers = Set.copyOf(believed);
      changed.add(new Term.Servers());
    }
  }

  /**
   * Whose flows may have changed since the last call, and to what; empty: the owner has none any
   * more.
   */
  public Map<Owner, Optional<PolicyFlows>> take() {
    Map<Owner, Optional<PolicyFlows>> flows = LinkedHashMap.newLinkedHashMap(changed.size());
    changed.forEach(term -> flows.put(term.owner(), flows(term)));
    changed.clear();
    return flows;
  }

  /** The rule with this key, as it was put last. */
  public Optional<PolicyRule> rule(PolicyRule.Key key) {
    return rules.find(key);
  }

  /** The names of the sets that a class of addresses is in, as {@code peerClass} names it. */
  public Set<String> setsOf(Direction direction, int peerClass) {
    return peers.setsOf(direction, peerClass);
  }

  /** The blocks that a class of addresses is in, as {@code blockClass} names it. */
  public Set<Block> blocksOf(Direction direction, int blockClass) {
    return region(direction).blocksOf(blockClass);
  }

  private Optional<PolicyFlows> flows(Term term) {
    return switch (term) {
      case Term.Verdicts(PolicyRef policy) -> VerdictFlows.of(rules.of(policy));
      case Term.Pod(PodId pod) -> Optional.ofNullable(subjects.get(pod)).flatMap(this::pod);
      case Term.Peer(Ip address) -> peers.peer(address);
      case Term.PeerClass(Direction direction, int id) -> peers.peerClass(direction, id);
      case Term.Block(IpPrefix cidr) -> block(cidr);
      case Term.Region(Direction direction, int id) -> region(direction).region(id);
      case Term.Port(PortRange piece) -> {
        List<Clause> clauses = Clause.of(rules.of(piece), InstalledRule.Dimension.PORT);
        yield clauses.isEmpty()
            ? Optional.empty()
            : Optional.of(new PortFlows(piece, families, clauses));
      }
      case Term.Servers() -> servers();
      case Term.Fragments(Protocol protocol) -> {
        List<Clause> clauses = Clause.of(rules.ofFragments(protocol), InstalledRule.Dimension.PORT);
        yield clauses.isEmpty()
            ? Optional.empty()
            : Optional.of(new FragmentFlows(protocol, families, clauses));
      }
    };
  }

  private Optional<PolicyFlows> pod(Subject subject) {
    Optional<PodFlows.Judged> ingress = judged(subject, Direction.INGRESS);
    Optional<PodFlows.Judged> egress = judged(subject, Direction.EGRESS);
    boolean reads = asking.contains(subject.pod());
    return ingress.isEmpty() && egress.isEmpty() && !reads
        ? Optional.empty()
        : Optional.of(new PodFlows(subject, ingress, egress, reads));
  }

  private Optional<PolicyFlows> servers() {
    Set<IpPrefix> here =
        servers.stream().filter(s -> families.contains(s.family())).collect(Collectors.toSet());
    return asking.isEmpty() || here.isEmpty()
        ? Optional.empty()
        : Optional.of(new ServerFlows(here));
  }

  private Optional<PodFlows.Judged> judged(Subject subject, Direction direction) {
    Optional<PodFlows.Denial> denial =
        subject
            .isolation(direction)
            .map(isolation ->
                new PodFlows.Denial(
                    ids.of(isolation.by()).orElseThrow(), isolation.dryRun(), isolation.log()));
    return PodFlows.judged(direction, rules.of(subject.pod()), denial);
  }

  private Optional<PolicyFlows> block(IpPrefix cidr) {
    OptionalInt ingress = region(Direction.INGRESS).classOf(cidr);
    OptionalInt egress = region(Direction.EGRESS).classOf(cidr);
    List<Clause> clauses = Clause.of(rules.of(cidr), InstalledRule.Dimension.PEER);
    boolean none = ingress.isEmpty() && egress.isEmpty() && clauses.isEmpty();
    return none || !families.contains(cidr.family())
        ? Optional.empty()
        : Optional.of(new BlockFlows(cidr, ingress, egress, clauses));
  }

  private BlockClasses region(Direction direction) {
    return Objects.requireNonNull(regions.get(direction));
  }
}
