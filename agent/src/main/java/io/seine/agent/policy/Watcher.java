package io.seine.agent.policy;

import io.seine.pipeline.policy.PortRange;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/** One thing that is watched for those who use it, and the sets of addresses that it has become. */
final class Watcher {
  private final Watched watched;
  private final Set<PolicyState> users = new HashSet<>();
  private final Map<Optional<PortRange>, AddressSet> sets = new HashMap<>(2);

  Watcher(Watched watched) {
    this.watched = watched;
    if (!isByPort()) {
      set(Optional.empty());
    }
  }

  Watched watched() {
    return watched;
  }

  Set<PolicyState> users() {
    return users;
  }

  boolean isByPort() {
    return watched instanceof Watched.Pods pods && pods.port().isPresent();
  }

  private AddressSet set(Optional<PortRange> range) {
    return sets.computeIfAbsent(range, r -> new AddressSet(this, r));
  }

  /** The sets that the addresses of such a pod, which is one of the watched, are in. */
  void setsOf(PodState pod, Consumer<AddressSet> found) {
    if (watched instanceof Watched.Pods pods && pods.port().isPresent()) {
      String name = pods.port().get();
      pod.ports().stream()
          .filter(port -> port.name().equals(name))
          .forEach(port -> found.accept(set(Optional.of(port.range()))));
    } else {
      found.accept(set(Optional.empty()));
    }
  }

  /** The only set, of what is not apart by port. */
  AddressSet single() {
    return set(Optional.empty());
  }

  Collection<AddressSet> sets() {
    return sets.values();
  }

  /** Sets that have members, by the number that the port's name has there. */
  Map<PortRange, String> byRange() {
    Map<PortRange, String> byRange = new TreeMap<>();
    sets.forEach((range, set) -> {
      if (range.isPresent() && set.size() > 0) {
        byRange.put(range.get(), set.name());
      }
    });
    return byRange;
  }

  void drop(AddressSet set) {
    sets.remove(set.range());
  }
}
