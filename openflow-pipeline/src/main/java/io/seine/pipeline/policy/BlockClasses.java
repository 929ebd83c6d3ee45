package io.seine.pipeline.policy;

import io.seine.openflow.IpPrefix;
import io.seine.pipeline.Fingerprint;
import io.seine.pipeline.Registers;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * The regions into which the blocks with exceptions of one direction divide the addresses.
 *
 * <p>All blocks and exceptions together are a tree of prefixes. Each of them has one flow, whose
 * priority is its length: it tells which of the blocks hold the addresses that no longer prefix
 * takes away. So there are as many flows as prefixes, however blocks and exceptions overlap.
 */
final class BlockClasses {
  private final Direction direction;
  private final NavigableMap<IpPrefix, Node> nodes = new TreeMap<>();
  private final Map<Block, Held> blocks = new HashMap<>();
  private final Map<Set<Held>, Region> regions = new HashMap<>();
  private final HashedIds<Set<Held>> ids = new HashedIds<>();
  private final Consumer<Term> changed;

  /** A block that rules use. Compared by identity. */
  private static final class Held {
    final Block block;
    final String print;
    final Set<InstalledRule> users = new LinkedHashSet<>();
    final Set<Region> regions = new HashSet<>();

    Held(Block block) {
      this.block = block;
      this.print =
          Long.toHexString(
              Fingerprint.of(
                  block.except().stream().sorted().map(IpPrefix::toString).toArray(String[]::new)));
    }

    String name() {
      return block.cidr() + " " + print;
    }
  }

  /** Some addresses that are in exactly these blocks. Compared by identity. */
  private record Region(Direction direction, Set<Held> blocks, int id) {
    Term term() {
      return new Term.Region(direction, id);
    }
  }

  /** A prefix. */
  private static final class Node {
    final Set<Held> begin = new HashSet<>();
    final Set<Held> end = new HashSet<>();
    Set<Held> in = Set.of();
    Optional<Region> region = Optional.empty();
  }

  BlockClasses(Direction direction, Consumer<Term> changed) {
    this.direction = direction;
    this.changed = changed;
  }

  void use(Block block, InstalledRule rule) {
    Held held = blocks.get(block);
    if (held == null) {
      held = new Held(block);
      blocks.put(block, held);
      node(block.cidr()).begin.add(held);
      for (IpPrefix except : block.except()) {
        node(except).end.add(held);
      }
      classify(block.cidr());
    }
    held.users.add(rule);
    touch(held);
  }

  void leave(Block block, InstalledRule rule) {
    Held held = blocks.get(block);
    if (held == null || !held.users.remove(rule)) {
      return;
    }
    touch(held);
    if (held.users.isEmpty()) {
      blocks.remove(block);
      node(block.cidr()).begin.remove(held);
      for (IpPrefix except : block.except()) {
        node(except).end.remove(held);
      }
      classify(block.cidr());
    }
  }

  void touch(Block block) {
    Optional.ofNullable(blocks.get(block)).ifPresent(this::touch);
  }

  /** The class of the addresses of a prefix, 0 for none; empty if the prefix bounds nothing. */
  OptionalInt classOf(IpPrefix prefix) {
    Node node = nodes.get(prefix);
    return node == null
        ? OptionalInt.empty()
        : OptionalInt.of(node.region.map(Region::id).orElse(0));
  }

  /** The blocks that a class is in. */
  Set<Block> blocksOf(int id) {
    Set<Block> of = new HashSet<>();
    ids.find(id).ifPresent(helds -> helds.forEach(held -> of.add(held.block)));
    return of;
  }

  /** The clauses that a class fulfils. */
  Optional<PolicyFlows> region(int id) {
    return ids.find(id)
        .map(in -> {
          Set<InstalledRule> users = new LinkedHashSet<>();
          in.forEach(held -> users.addAll(held.users));
          return new ClassFlows(
              Registers.BLOCK_CLASS, id, Clause.of(users, InstalledRule.Dimension.PEER));
        });
  }

  private void touch(Held held) {
    held.regions.forEach(region -> changed.accept(region.term()));
  }

  private Node node(IpPrefix prefix) {
    return nodes.computeIfAbsent(
        prefix,
        _ -> {
          changed.accept(new Term.Block(prefix));
          return new Node();
        });
  }

  /** Finds the blocks of each prefix within this one anew. The map's order is the tree's. */
  private void classify(IpPrefix within) {
    Deque<Map.Entry<IpPrefix, Node>> above = new ArrayDeque<>();
    parent(within).ifPresent(above::push);
    List<IpPrefix> idle = new ArrayList<>();
    for (Map.Entry<IpPrefix, Node> entry : nodes.tailMap(within, true).entrySet()) {
      IpPrefix prefix = entry.getKey();
      if (!within.contains(prefix.network())) {
        break;
      }
      while (!above.isEmpty() && !above.element().getKey().contains(prefix.network())) {
        above.pop();
      }
      Node node = entry.getValue();
      Set<Held> in = new HashSet<>(above.isEmpty() ? Set.of() : above.element().getValue().in);
      in.addAll(node.begin);
      in.removeAll(node.end);
      boolean used = !node.begin.isEmpty() || !node.end.isEmpty();
      assign(prefix, node, used ? in : Set.of());
      if (used) {
        above.push(entry);
      } else {
        idle.add(prefix);
      }
    }
    for (IpPrefix prefix : idle) {
      nodes.remove(prefix);
      changed.accept(new Term.Block(prefix));
    }
  }

  private Optional<Map.Entry<IpPrefix, Node>> parent(IpPrefix prefix) {
    for (int length = prefix.length() - 1; length >= 0; length--) {
      IpPrefix wider = IpPrefix.around(prefix.network(), length);
      Node node = nodes.get(wider);
      if (node != null) {
        return Optional.of(Map.entry(wider, node));
      }
    }
    return Optional.empty();
  }

  private void assign(IpPrefix prefix, Node node, Set<Held> in) {
    if (in.equals(node.in)) {
      return;
    }
    Optional<Region> before = node.region;
    node.in = in.isEmpty() ? Set.of() : Set.copyOf(in);
    node.region = in.isEmpty() ? Optional.empty() : Optional.of(acquire(node.in));
    before.ifPresent(this::release);
    changed.accept(new Term.Block(prefix));
  }

  private Region acquire(Set<Held> in) {
    int id = ids.acquire(in, Fingerprint.of(names(in)));
    return regions.computeIfAbsent(
        in,
        _ -> {
          Region made = new Region(direction, in, id);
          in.forEach(held -> held.regions.add(made));
          changed.accept(made.term());
          return made;
        });
  }

  private String[] names(Set<Held> in) {
    List<String> names = new ArrayList<>(in.stream().map(Held::name).sorted().toList());
    names.addFirst(direction.label());
    return names.toArray(String[]::new);
  }

  private void release(Region region) {
    if (ids.release(region.blocks())) {
      regions.remove(region.blocks());
      region.blocks().forEach(held -> held.regions.remove(region));
      changed.accept(region.term());
    }
  }
}
