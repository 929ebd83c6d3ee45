package io.seine.agent.policy;

import io.seine.openflow.Ip;
import io.seine.pipeline.policy.PortRange;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * A set of addresses, as far as it is known here: how many, and what the sink is yet to be told.
 */
final class AddressSet {
  private final Watcher watcher;
  private final Optional<PortRange> range;
  private final String name;
  private final Set<Ip> added = new HashSet<>();
  private final Set<Ip> removed = new HashSet<>();
  private int size;
  private boolean told;

  AddressSet(Watcher watcher, Optional<PortRange> range) {
    this.watcher = watcher;
    this.range = range;
    this.name = watcher.watched() + range.map(r -> "=" + r).orElse("");
  }

  Watcher watcher() {
    return watcher;
  }

  Optional<PortRange> range() {
    return range;
  }

  String name() {
    return name;
  }

  int size() {
    return size;
  }

  /** It was not in it. */
  void add(Ip address) {
    if (!removed.remove(address)) {
      added.add(address);
    }
    size++;
  }

  /** It was in it. */
  void remove(Ip address) {
    if (!added.remove(address)) {
      removed.add(address);
    }
    size--;
  }

  /** For sets that are being filled: it may have been added already. */
  void fill(Ip address) {
    if (added.add(address)) {
      size++;
    }
  }

  void tell(PolicySink sink) {
    sink.members(name, Set.copyOf(added), Set.copyOf(removed));
    added.clear();
    removed.clear();
    told = true;
  }

  /** Whether the sink knows of it. */
  boolean told() {
    return told;
  }

  /** Whether its news can but allow more; domain names are of rules that accept. */
  boolean onlyOpens() {
    return watcher.watched() instanceof Watched.Domain && removed.isEmpty();
  }

  boolean hasNews() {
    return !added.isEmpty() || !removed.isEmpty();
  }
}
