package io.seine.agent.facts;

import io.seine.agent.config.Networks;
import io.seine.agent.kube.NodeInfo;
import io.seine.agent.kube.ObjectRef;
import io.seine.openflow.Family;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Which node's agent tells of an object what all agents of the cluster know of it. Each finds the
 * same one by itself, from the same Nodes (rendezvous hashing): of those that can have an agent,
 * one that is ready if any is, and of these the one with the highest hash of object and node. When
 * that goes or is not ready, the next one speaks; nothing else changes. One thread.
 *
 * <p>Rather two speak than none: an agent whose own Node is not known, or that knows of no node
 * that could, does.
 *
 * <p>A node does not look at itself from outside, and looks at others by the IP families that it
 * has itself. So of a Node those speak that see it as this one does.
 */
final class Speakers {
  private static final String OS_LABEL = "kubernetes.io/os";
  private static final String NODE = "Node";

  /**
   * A node that can have an agent.
   *
   * @param sight the IP families of its pods, and of its own addresses
   */
  private record Candidate(String name, long hash, boolean ready, String sight) {}

  private final String self;

  /** All nodes; empty for one that can have no agent. */
  private final Map<String, Optional<Candidate>> nodes = new HashMap<>();

  /** Who speaks for the objects that were asked about, as far as that is known. */
  private final Map<ObjectRef, Optional<Candidate>> found = new HashMap<>();

  private boolean moved;

  /**
   * @param self this node
   */
  Speakers(String self) {
    this.self = self;
  }

  void put(NodeInfo node) {
    replace(node.name(), Optional.of(candidate(node)));
  }

  void remove(String name) {
    replace(name, Optional.empty());
  }

  private void replace(String name, Optional<Optional<Candidate>> now) {
    Optional<Candidate> before = nodes.getOrDefault(name, Optional.empty());
    boolean known = nodes.containsKey(name);
    now.ifPresentOrElse(node -> nodes.put(name, node), () -> nodes.remove(name));
    Optional<Candidate> after = now.flatMap(node -> node);
    if (name.equals(self) && (known != now.isPresent() || !before.equals(after))) {
      found.clear(); // what this node sees, and whom it counts, may be others
      moved = true;
    } else if (!before.equals(after)) {
      found.replaceAll((object, speaker) -> without(name, speaker));
      found.values().removeIf(Optional::isEmpty);
      moved = true;
      after.ifPresent(node -> found.replaceAll((object, best) -> better(object, best, node)));
    }
  }

  /** Nobody, to be looked for anew, if it was this node. */
  private static Optional<Candidate> without(String name, Optional<Candidate> speaker) {
    return speaker.filter(s -> !s.name().equals(name));
  }

  private Optional<Candidate> better(ObjectRef object, Optional<Candidate> best, Candidate other) {
    return best.isPresent()
            && mayTellOf(other, object)
            && order(object).compare(other, best.get()) > 0
        ? Optional.of(other)
        : best;
  }

  private static Optional<Candidate> candidate(NodeInfo node) {
    List<Family> pods =
        node.podCidrs().stream()
            .flatMap(text -> Networks.network(text).stream())
            .map(cidr -> cidr.family())
            .toList();
    List<Family> own =
        node.internalAddresses().stream()
            .flatMap(text -> Networks.ip(text).stream())
            .map(ip -> ip.family())
            .toList();
    if (pods.isEmpty() || !node.labels().getOrDefault(OS_LABEL, "linux").equals("linux")) {
      return Optional.empty();
    }
    String sight = sorted(pods) + sorted(own);
    return Optional.of(new Candidate(node.name(), hash(node.name()), node.ready(), sight));
  }

  private static String sorted(List<Family> families) {
    return families.stream().distinct().sorted().map(Family::name).collect(Collectors.joining(" "));
  }

  /** Whether this node's agent is the one that tells of the object. */
  boolean isMine(ObjectRef object) {
    return !nodes.containsKey(self)
        || speaker(object).map(Candidate::name).orElse(self).equals(self);
  }

  private Optional<Candidate> speaker(ObjectRef object) {
    return found.computeIfAbsent(object, this::find);
  }

  private Optional<Candidate> find(ObjectRef object) {
    return nodes.values().stream()
        .flatMap(Optional::stream)
        .filter(node -> mayTellOf(node, object))
        .max(order(object));
  }

  private boolean mayTellOf(Candidate node, ObjectRef object) {
    if (!object.kind().equals(NODE)) {
      return true;
    }
    Optional<Candidate> me = nodes.getOrDefault(self, Optional.empty());
    return !node.name().equals(object.key().name())
        && me.map(Candidate::sight).orElse(node.sight()).equals(node.sight());
  }

  /** The last one speaks. */
  private static Comparator<Candidate> order(ObjectRef object) {
    long hash = hash(object.uid().isEmpty() ? object.toString() : object.uid());
    return Comparator.comparing(Candidate::ready)
        .thenComparing((a, b) -> Long.compareUnsigned(score(hash, a), score(hash, b)))
        .thenComparing(Candidate::name);
  }

  private static long score(long object, Candidate node) {
    return mixed(object ^ node.hash());
  }

  /** FNV-1a, of 64 bits. Agents of all versions must find the same. */
  private static long hash(String text) {
    long hash = 0xcbf29ce484222325L;
    for (int i = 0; i < text.length(); i++) {
      hash = (hash ^ text.charAt(i)) * 0x100000001b3L;
    }
    return mixed(hash);
  }

  /** The finalizer of MurmurHash3: every bit of the outcome depends on every bit. */
  private static long mixed(long value) {
    long hash = (value ^ (value >>> 33)) * 0xff51afd7ed558ccdL;
    hash = (hash ^ (hash >>> 33)) * 0xc4ceb9fe1a85ec53L;
    return hash ^ (hash >>> 33);
  }

  /** The object is asked about no more for the time being. */
  void forget(ObjectRef object) {
    found.remove(object);
  }

  /** Whether since the last call somebody else may have come to speak for some object. */
  boolean takeMoved() {
    boolean taken = moved;
    moved = false;
    return taken;
  }
}
