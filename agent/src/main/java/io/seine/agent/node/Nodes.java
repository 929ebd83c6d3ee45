package io.seine.agent.node;

import io.seine.agent.config.Networks;
import io.seine.agent.events.Problem;
import io.seine.agent.kube.NodeInfo;
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
 * <p>A pod network that overlaps this node's or a service network is left out; of two peers whose
 * networks overlap the older is served, so that no new node takes over an existing one's pods.
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
   * @param fact empty while it has no pod network or address, or cannot be served
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
    podCidr(changed)
        .ifPresent(cidr ->
            peers.values().stream()
                .filter(p -> podCidr(p).filter(c -> Networks.overlap(c, cidr)).isPresent())
                .forEach(p -> dirty.add(p.name())));
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
    Optional<IpPrefix> cidr = podCidr(node);
    if (cidr.isEmpty()) {
      node.podCidrs().stream()
          .filter(text -> !Networks.isIpv6(text))
          .findFirst()
          .ifPresent(text ->
              problems.add(
                  new Problem(
                      node.ref(),
                      "InvalidPodCIDR",
                      "its pods are not reached: pod network '%s' is no IPv4 network"
                          .formatted(text))));
    } else {
      conflict(node, cidr.get())
          .ifPresent(with ->
              problems.add(
                  new Problem(
                      node.ref(),
                      "PodCIDRConflict",
                      "its pods are not reached: pod network %s overlaps %s"
                          .formatted(cidr.get(), with))));
    }
    Optional<Ip> address = address(node);
    if (address.filter(self.nodeAddress()::equals).isPresent()) {
      problems.add(
          new Problem(
              node.ref(),
              "NodeAddressConflict",
              "its pods are not reached: its address %s is that of node %s"
                  .formatted(self.nodeAddress(), self.name())));
    }
    if (!problems.isEmpty() || cidr.isEmpty() || address.isEmpty()) {
      return new Translation(Optional.empty(), problems);
    }
    return new Translation(Optional.of(new PeerNode(name, address.get(), cidr.get())), List.of());
  }

  private Optional<String> conflict(NodeInfo node, IpPrefix cidr) {
    if (Networks.overlap(cidr, self.podCidr())) {
      return Optional.of("%s of node %s".formatted(self.podCidr(), self.name()));
    }
    return self.serviceCidrs().stream()
        .filter(s -> Networks.overlap(cidr, s))
        .map(s -> "the service network " + s)
        .findFirst()
        .or(() ->
            peers.values().stream()
                .filter(p -> OLDEST.compare(p, node) < 0)
                .filter(p -> podCidr(p).filter(c -> Networks.overlap(c, cidr)).isPresent())
                .min(OLDEST)
                .map(p -> "%s of the older node %s".formatted(podCidr(p).orElseThrow(), p.name())));
  }

  /** The first IPv4 pod network; empty if there is none, or none that can be read. */
  static Optional<IpPrefix> podCidr(NodeInfo node) {
    return node.podCidrs().stream().flatMap(t -> Networks.prefix(t).stream()).findFirst();
  }

  /** The first IPv4 InternalIP. */
  static Optional<Ip> address(NodeInfo node) {
    return node.internalAddresses().stream()
        .flatMap(t -> Networks.ipv4(t).stream())
        .filter(Networks::isUnicast)
        .findFirst();
  }
}
