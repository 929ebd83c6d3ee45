package io.seine.agent.node;

import io.seine.agent.config.Networks;
import io.seine.agent.events.Problem;
import io.seine.agent.kube.NodeInfo;
import io.seine.openflow.Family;
import io.seine.openflow.Ip;
import io.seine.openflow.IpPrefix;
import io.seine.pipeline.LocalNode;
import io.seine.pipeline.PeerNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * The other nodes there are, which of them a change concerns, and what the switch should know of
 * each. Owned by one thread.
 *
 * <p>Of a peer's pod networks the first of each family counts that this node has pods of. One that
 * overlaps this node's or a service network is left out; of two peers whose networks overlap the
 * older is served, so that no new node takes over an existing one's pods. The peer's address is one
 * of the family that this node's tunnels run over.
 */
public final class Nodes {
  private static final Comparator<NodeInfo> OLDEST =
      Comparator.comparing(NodeInfo::created).thenComparing(NodeInfo::name);

  private final LocalNode self;
  private final Map<String, NodeInfo> peers = new TreeMap<>();
  private final Set<String> dirty = new LinkedHashSet<>();

  public Nodes(LocalNode self) {
    this.self = self;
  }

  /**
   * A peer as the switch should know it, or why not.
   *
   * @param fact empty while it has no pod network or address, or cannot be served; a peer of which
   *     only some is served has problems as well
   */
  public record Translation(Optional<PeerNode> fact, List<Problem> problems) {
    public Translation {
      problems = List.copyOf(problems);
    }
  }

  public void put(NodeInfo node) {
    if (node.name().equals(self.name())) {
      return;
    }
    NodeInfo before = peers.put(node.name(), node);
    if (!node.equals(before)) {
      dirty.add(node.name());
      touch(node);
      if (before != null) {
        touch(before);
      }
    }
  }

  public void remove(String name) {
    NodeInfo before = peers.remove(name);
    if (before != null) {
      dirty.add(name);
      touch(before);
    }
  }

  /** Those whose network overlaps with this node's may be served, or not, because of it. */
  private void touch(NodeInfo changed) {
    List<IpPrefix> cidrs = podCidrs(changed);
    peers.values().stream()
        .filter(p -> cidrs.stream().anyMatch(cidr -> overlapping(p, cidr).isPresent()))
        .forEach(p -> dirty.add(p.name()));
  }

  /** The peers that a change since the last call concerns, gone ones included. */
  public List<String> takeDirty() {
    List<String> taken = List.copyOf(dirty);
    dirty.clear();
    return taken;
  }

  public int size() {
    return peers.size();
  }

  /** What the switch should know of the peer; nothing if there is none of this name. */
  public Translation translate(String name) {
    NodeInfo node = peers.get(name);
    if (node == null) {
      return new Translation(Optional.empty(), List.of());
    }
    List<Problem> problems = new ArrayList<>();
    List<IpPrefix> cidrs = new ArrayList<>();
    for (IpPrefix cidr : podCidrs(node)) {
      if (self.network(cidr.family()).isPresent()) {
        Optional<Problem> overlap =
            ownConflict(cidr)
                .map(other -> overlaps(node, cidr, other).because(Problem.Cause.NODE))
                .or(() -> conflict(node, cidr).map(other -> overlaps(node, cidr, other)));
        overlap.ifPresentOrElse(problems::add, () -> cidrs.add(cidr));
      }
    }
    unreadable(node).ifPresent(problems::add);
    missing(node).ifPresent(problems::add);
    Optional<Ip> address = address(node, self.nodeAddress().family());
    if (address.isEmpty() && !node.internalAddresses().isEmpty()) {
      problems.add(unreachable(node));
    }
    if (address.filter(self.nodeAddress()::equals).isPresent()) {
      problems.add(
          new Problem(
              node.ref(),
              "NodeAddressConflict",
              "its pods are not reached: its address %s is that of node %s"
                  .formatted(self.nodeAddress(), self.name()),
              Problem.Cause.NODE));
      return new Translation(Optional.empty(), problems);
    }
    Optional<PeerNode> fact =
        address.filter(a -> !cidrs.isEmpty()).map(a -> new PeerNode(name, a, cidrs));
    return new Translation(fact, problems);
  }

  private static Problem overlaps(NodeInfo node, IpPrefix cidr, String other) {
    return new Problem(
        node.ref(),
        "PodCIDRConflict",
        "its pods are not reached: pod network %s overlaps %s".formatted(cidr, other));
  }

  private static Optional<Problem> unreadable(NodeInfo node) {
    return node.podCidrs().stream()
        .filter(text -> Networks.network(text).isEmpty())
        .findFirst()
        .map(text ->
            new Problem(
                node.ref(),
                "InvalidPodCIDR",
                "its pods are not reached: pod network '%s' is no IP network".formatted(text)));
  }

  /** A node that has not been given any pod network yet is no problem: one is on its way. */
  private Optional<Problem> missing(NodeInfo node) {
    List<IpPrefix> cidrs = podCidrs(node);
    return self.networks().stream()
        .map(LocalNode.Network::family)
        .filter(family -> cidrs.stream().noneMatch(c -> c.family() == family))
        .filter(_ -> !cidrs.isEmpty())
        .findFirst()
        .map(family ->
            new Problem(
                node.ref(),
                "PodCIDRFamilyMissing",
                "its pods have no %s: its pod networks are %s, those of node %s %s"
                    .formatted(Words.of(family), cidrs, self.name(), Words.cidrs(self))));
  }

  private Problem unreachable(NodeInfo node) {
    return new Problem(
        node.ref(),
        "NodeAddressFamily",
        "its pods are not reached: it has no %s InternalIP (it has %s), and the tunnels of node %s"
                .formatted(
                    Words.of(self.nodeAddress().family()), node.internalAddresses(), self.name())
            + " run over "
            + self.nodeAddress());
  }

  /** Another node knows of it only if it is served here. */
  private Optional<String> ownConflict(IpPrefix cidr) {
    return self.networks().stream()
        .map(LocalNode.Network::podCidr)
        .filter(own -> Networks.overlap(cidr, own))
        .map(own -> "%s of node %s".formatted(own, self.name()))
        .findFirst();
  }

  private Optional<String> conflict(NodeInfo node, IpPrefix cidr) {
    return self.serviceCidrs().stream()
        .filter(s -> Networks.overlap(cidr, s))
        .map(s -> "the service network " + s)
        .findFirst()
        .or(() ->
            peers.values().stream()
                .filter(p -> OLDEST.compare(p, node) < 0)
                .filter(p -> overlapping(p, cidr).isPresent())
                .min(OLDEST)
                .map(p ->
                    "%s of the older node %s"
                        .formatted(overlapping(p, cidr).orElseThrow(), p.name())));
  }

  private static Optional<IpPrefix> overlapping(NodeInfo node, IpPrefix cidr) {
    return podCidrs(node).stream().filter(c -> Networks.overlap(c, cidr)).findFirst();
  }

  /** The first pod network of each family, in their order; those that cannot be read left out. */
  static List<IpPrefix> podCidrs(NodeInfo node) {
    List<IpPrefix> cidrs = new ArrayList<>();
    for (String text : node.podCidrs()) {
      Networks.network(text)
          .filter(cidr -> cidrs.stream().noneMatch(c -> c.family() == cidr.family()))
          .ifPresent(cidrs::add);
    }
    return cidrs;
  }

  /** The first InternalIP of the family. */
  static Optional<Ip> address(NodeInfo node, Family family) {
    return node.internalAddresses().stream()
        .flatMap(t -> Networks.ip(t).stream())
        .filter(address -> address.family() == family && Networks.isUnicast(address))
        .findFirst();
  }
}
