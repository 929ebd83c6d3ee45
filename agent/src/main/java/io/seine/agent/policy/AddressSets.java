package io.seine.agent.policy;

import io.seine.openflow.Ip;
import io.seine.pipeline.policy.PolicyRef;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The sets of addresses that rules of this node speak of: each once, however many rules do, and
 * none that no rule does.
 */
final class AddressSets {
  private final Map<Watched, Watcher> watchers = new HashMap<>();
  private final Selections<Watcher> ofPods = new Selections<>();
  private final SelectorIndex<Watcher> ofNodes = new SelectorIndex<>();
  private final Domains domains = new Domains();
  private Map<DomainPattern, Set<PolicyRef>> domainUsers = Map.of();
  private boolean domainsChanged;
  private final List<Watcher> fresh = new ArrayList<>();
  private final Members<PodState> pods =
      new Members<>(PodState::addresses, pod -> setsOf(ofPods, pod), this);
  private final Members<NodeState> nodes = new Members<>(NodeState::addresses, this::setsOf, this);
  private final Set<AddressSet> news = new LinkedHashSet<>();
  private final Set<PolicyState> concerned = new LinkedHashSet<>();
  private final Set<String> removed = new LinkedHashSet<>();

  private static Set<AddressSet> setsOf(Selections<Watcher> watching, PodState pod) {
    if (watching.isEmpty()) {
      return Set.of();
    }
    Set<AddressSet> found = new HashSet<>();
    watching.of(
        pod.namespace.name,
        pod.namespace.labels(),
        index -> index.matching(pod.labels(), w -> w.setsOf(pod, found::add)));
    return found;
  }

  private Set<AddressSet> setsOf(NodeState node) {
    Set<AddressSet> found = new HashSet<>();
    ofNodes.matching(node.labels(), watcher -> found.add(watcher.single()));
    return found;
  }

  /** There is a pod more. */
  void come(PodState pod) {
    pods.come(pod);
  }

  /** Makes a change to a pod. */
  void change(PodState pod, Runnable change) {
    pods.change(pod, change);
  }

  /** Makes a change to a node. */
  void change(NodeState node, Runnable change) {
    nodes.change(node, change);
  }

  /** Gives a namespace other labels. */
  void relabel(NamespaceState namespace, Map<String, String> labels, Runnable change) {
    Set<SelectorIndex<Watcher>> before = new HashSet<>();
    Set<SelectorIndex<Watcher>> after = new HashSet<>();
    ofPods.of(namespace.name, namespace.labels(), before::add);
    ofPods.of(namespace.name, labels, after::add);
    if (before.equals(after)) {
      change.run();
    } else {
      pods.change(namespace.pods.values(), change);
    }
  }

  /** A domain name has these addresses now. */
  void resolve(String name, Resolved now) {
    domains.put(name, now, this);
  }

  /** The domain names that rules speak of, with the policies that they are of. */
  Map<DomainPattern, Set<PolicyRef>> domains() {
    if (!domainsChanged) {
      return domainUsers;
    }
    domainsChanged = false;
    Map<DomainPattern, Set<PolicyRef>> found = new TreeMap<>();
    watchers.forEach((watched, watcher) -> {
      if (watched instanceof Watched.Domain domain && !domain.lasting()) {
        found.put(
            domain.pattern(),
            watcher.users().stream().map(user -> user.ref).collect(Collectors.toSet()));
      }
    });
    domainUsers = Collections.unmodifiableMap(found);
    return domainUsers;
  }

  void came(AddressSet set, Ip address) {
    set.add(address);
    news.add(set);
    if (set.watcher().isByPort() && set.size() == 1) {
      concerned.addAll(set.watcher().users());
    }
  }

  void left(AddressSet set, Ip address) {
    set.remove(address);
    news.add(set);
    if (set.watcher().isByPort() && set.size() == 0) {
      concerned.addAll(set.watcher().users());
    }
  }

  /** The policy's rules speak of it from now on; {@link #fill} is to be called before they do. */
  void use(Watched watched, PolicyState user) {
    domainsChanged |= watched instanceof Watched.Domain;
    watchers
        .computeIfAbsent(
            watched,
            w -> {
              Watcher watcher = new Watcher(w);
              fresh.add(watcher);
              return watcher;
            })
        .users()
        .add(user);
  }

  /** The policy's rules speak of it no more. */
  void release(Watched watched, PolicyState user) {
    domainsChanged |= watched instanceof Watched.Domain;
    Watcher watcher = watchers.get(watched);
    if (watcher == null || !watcher.users().remove(user) || !watcher.users().isEmpty()) {
      return;
    }
    watchers.remove(watched);
    switch (watched) {
      case Watched.Pods w -> ofPods.remove(w.selection(), watcher);
      case Watched.Nodes w -> ofNodes.remove(w.match(), watcher);
      case Watched.Domain w -> domains.remove(w);
    }
    for (AddressSet set : watcher.sets()) {
      news.remove(set);
      drop(set);
    }
  }

  private void drop(AddressSet set) {
    if (set.told()) {
      removed.add(set.name());
    }
  }

  /** Finds the members of sets that are new, all of them in one go. */
  void fill(Map<String, NamespaceState> namespaces, Collection<NodeState> allNodes) {
    if (fresh.isEmpty()) {
      return;
    }
    Selections<Watcher> wanted = new Selections<>();
    SelectorIndex<Watcher> wantedNodes = new SelectorIndex<>();
    Set<String> named = new HashSet<>();
    boolean byLabels = false;
    for (Watcher watcher : fresh) {
      switch (watcher.watched()) {
        case Watched.Pods w -> {
          wanted.add(w.selection(), watcher);
          ofPods.add(w.selection(), watcher);
          switch (w.selection().scope()) {
            case Scope.Named scope -> named.add(scope.namespace());
            case Scope.Labelled scope -> byLabels = true;
          }
        }
        case Watched.Nodes w -> {
          wantedNodes.add(w.match(), watcher);
          ofNodes.add(w.match(), watcher);
        }
        case Watched.Domain w -> domains.add(w, watcher.single());
      }
    }
    if (byLabels) {
      namespaces.values().forEach(namespace -> fill(wanted, namespace));
    } else {
      for (String name : named) {
        NamespaceState namespace = namespaces.get(name);
        if (namespace != null) {
          fill(wanted, namespace);
        }
      }
    }
    for (NodeState node : allNodes) {
      wantedNodes.matching(node.labels(), w -> node.addresses().forEach(ip -> w.single().fill(ip)));
    }
    fresh.forEach(watcher -> news.addAll(watcher.sets()));
    fresh.clear();
  }

  private static void fill(Selections<Watcher> wanted, NamespaceState namespace) {
    wanted.of(
        namespace.name,
        namespace.labels(),
        index -> {
          for (PodState pod : namespace.pods.values()) {
            List<Ip> addresses = pod.addresses();
            if (!addresses.isEmpty()) {
              index.matching(pod.labels(), w -> w.setsOf(pod, set -> addresses.forEach(set::fill)));
            }
          }
        });
  }

  Watcher watcher(Watched watched) {
    Watcher watcher = watchers.get(watched);
    if (watcher == null) {
      throw new IllegalStateException(watched + " is not in use");
    }
    return watcher;
  }

  /** Policies that use a port's name which has come to be another number, since the last call. */
  Set<PolicyState> takeConcerned() {
    Set<PolicyState> taken = Set.copyOf(concerned);
    concerned.clear();
    return taken;
  }

  /**
   * Tells of sets that are new or have changed; of a new one even if it is empty.
   *
   * @return whose rules speak of them and may judge connections that are open otherwise than before
   */
  Set<PolicyState> tellMembers(PolicySink sink) {
    Set<PolicyState> users = new HashSet<>();
    for (AddressSet set : news) {
      boolean byPort = set.watcher().isByPort();
      if (set.hasNews() || (!set.told() && !byPort)) {
        if (!set.onlyOpens()) {
          users.addAll(set.watcher().users());
        }
        set.tell(sink);
      }
      if (byPort && set.size() == 0) {
        set.watcher().drop(set);
        drop(set);
      }
    }
    news.clear();
    return users;
  }

  /** Tells of sets that no rule speaks of any more. */
  void tellRemoved(PolicySink sink) {
    removed.forEach(sink::removeSet);
    removed.clear();
  }

  int size() {
    return watchers.values().stream().mapToInt(w -> w.sets().size()).sum();
  }
}
