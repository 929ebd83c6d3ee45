package io.seine.agent.host;

import io.seine.agent.netlink.Netfilter.Destination;
import io.seine.openflow.Family;
import io.seine.openflow.Ip;
import io.seine.pipeline.Owner;
import io.seine.pipeline.ServiceFact.Protocol;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The elements that the table for services ought to have, and which of them were touched since the
 * keeper last asked. Thread safe.
 */
final class WantedElements {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Map<Owner, Set<Diversion>> byOwner = new HashMap<>();
  // Two owners may want the same; if they want it differently, the first of them has it.
  private final Map<ElementKey, TreeMap<Owner, Element>> byKey = new HashMap<>();
  private final Map<ElementKey, Element> own = new LinkedHashMap<>();
  private Set<ElementKey> touched = new LinkedHashSet<>();
  private boolean complete;
  private boolean completedNow;
  private long said;
  private long taken;
  private long done;

  /**
   * What has been said since the last time.
   *
   * @param keys at which the wanted element may have changed
   * @param audit whether the whole table is to be compared
   * @param version of all that was said
   */
  record Change(Set<ElementKey> keys, boolean audit, long version) {}

  void put(Owner owner, Set<Diversion> all) {
    lock.lock();
    try {
      Set<Diversion> before =
          Objects.requireNonNullElse(
              all.isEmpty() ? byOwner.remove(owner) : byOwner.put(owner, Set.copyOf(all)),
              Set.of());
      for (Diversion gone : before) {
        if (!all.contains(gone)) {
          byKey.computeIfPresent(
              gone.key(),
              (key, elements) -> {
                elements.remove(owner);
                return elements.isEmpty() ? null : elements;
              });
          touched.add(gone.key());
        }
      }
      for (Diversion fresh : all) {
        if (!before.contains(fresh)) {
          byKey.computeIfAbsent(fresh.key(), key -> new TreeMap<>()).put(owner, fresh);
          touched.add(fresh.key());
        }
      }
      say();
    } finally {
      lock.unlock();
    }
  }

  void addresses(Collection<Ip> addresses) {
    lock.lock();
    try {
      Map<ElementKey, Element> before = new LinkedHashMap<>(own);
      own.clear();
      for (Ip address : addresses) {
        Element.Own element = new Element.Own(address);
        own.put(element.key(), element);
      }
      touched.addAll(before.keySet());
      touched.addAll(own.keySet());
      say();
    } finally {
      lock.unlock();
    }
  }

  void complete() {
    lock.lock();
    try {
      completedNow = !complete;
      complete = true;
      say();
    } finally {
      lock.unlock();
    }
  }

  private void say() {
    said++;
    changed.signalAll();
  }

  /** Waits for something to do, for {@code pause} at most; the change is empty then. */
  Change next(Duration pause) throws InterruptedException {
    long left = pause.toNanos();
    lock.lockInterruptibly();
    try {
      while (taken == said && left > 0) {
        left = changed.awaitNanos(left);
      }
      Change change = new Change(touched, completedNow, said);
      touched = new LinkedHashSet<>();
      completedNow = false;
      taken = said;
      return change;
    } finally {
      lock.unlock();
    }
  }

  /** The kernel has all that a change says. */
  void done(Change change) {
    lock.lock();
    try {
      done = change.version();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  boolean awaitDone(Duration timeout) throws InterruptedException {
    long left = timeout.toNanos();
    lock.lock();
    try {
      long now = said;
      while (done < now) {
        if (left <= 0) {
          return false;
        }
        left = changed.awaitNanos(left);
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  boolean isComplete() {
    lock.lock();
    try {
      return complete;
    } finally {
      lock.unlock();
    }
  }

  Optional<Element> at(ElementKey key) {
    lock.lock();
    try {
      return key instanceof ElementKey.Own
          ? Optional.ofNullable(own.get(key))
          : Optional.ofNullable(byKey.get(key)).map(elements -> elements.firstEntry().getValue());
    } finally {
      lock.unlock();
    }
  }

  /** Everything that is wanted, by key. */
  Map<ElementKey, Element> all() {
    lock.lock();
    try {
      Map<ElementKey, Element> all = new LinkedHashMap<>(own);
      byKey.forEach((key, elements) -> all.put(key, elements.firstEntry().getValue()));
      return all;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Where UDP went, or goes, because of an element. UDP has no end of a connection: what the kernel
   * tracks goes on as it began for as long as the client sends.
   */
  List<Destination> udp(Element element) {
    lock.lock();
    try {
      return switch (element) {
        case Diversion.External e when e.protocol() == Protocol.UDP ->
            List.of(new Destination(e.address(), e.port()));
        case Diversion.NodePort n when n.protocol() == Protocol.UDP ->
            own.values().stream()
                .filter(e -> e.family() == n.family())
                .map(e -> new Destination(((Element.Own) e).address(), n.port()))
                .toList();
        case Element.Own o -> udpNodePorts(o);
        case Diversion _ -> List.of();
      };
    } finally {
      lock.unlock();
    }
  }

  private List<Destination> udpNodePorts(Element.Own own) {
    List<Destination> all = new ArrayList<>();
    for (ElementKey key : byKey.keySet()) {
      if (key instanceof ElementKey.NodePort(Family family, Protocol protocol, int port)
          && family == own.family()
          && protocol == Protocol.UDP) {
        all.add(new Destination(own.address(), port));
      }
    }
    return all;
  }
}
