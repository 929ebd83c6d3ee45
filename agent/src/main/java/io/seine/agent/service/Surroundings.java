package io.seine.agent.service;

import io.seine.agent.config.Networks;
import io.seine.agent.kube.NodeInfo;
import io.seine.agent.kube.ObjectKey;
import io.seine.agent.kube.SliceInfo;
import io.seine.openflow.Family;
import io.seine.openflow.Ip;
import io.seine.openflow.IpPrefix;
import io.seine.pipeline.Addresses;
import io.seine.pipeline.LocalNode;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What there is in the cluster beside services, as far as the services' addresses depend on it:
 * which addresses and networks are the nodes', and where the API server answers. Each change says
 * for which addresses an answer may be another one now. Owned by one thread.
 */
final class Surroundings {
  /** The service that every cluster has; its endpoints are the API servers. */
  static final ObjectKey API_SERVICE = new ObjectKey("default", "kubernetes");

  private final LocalNode self;
  private Set<Ip> own;
  private final Map<String, NodeInfo> nodes = new HashMap<>();
  private final Counted<Ip> addresses = new Counted<>();
  private final Counted<IpPrefix> podCidrs = new Counted<>();
  private final Map<ObjectKey, Set<ApiServer>> apiSlices = new HashMap<>();
  private final Counted<ApiServer> apiServers = new Counted<>();

  /**
   * @param known API servers that are reached at these places whatever the API says
   */
  Surroundings(LocalNode self, List<IpPrefix> podCidrs, Collection<ApiServer> known) {
    this.self = self;
    this.own = Set.copyOf(self.addresses());
    own.forEach(addresses::add);
    addresses.add(self.nodeAddress());
    self.networks().forEach(n -> this.podCidrs.add(n.podCidr()));
    podCidrs.forEach(this.podCidrs::add);
    known.forEach(apiServers::add);
  }

  /** Values with the number of those who have them. */
  private static final class Counted<T> {
    private final Map<T, Integer> counts = new HashMap<>();

    void add(T value) {
      counts.merge(value, 1, Integer::sum);
    }

    void remove(T value) {
      counts.computeIfPresent(value, (v, n) -> n == 1 ? null : n - 1);
    }

    Set<T> all() {
      return counts.keySet();
    }
  }

  /** This node's addresses are these from now on. */
  Set<IpPrefix> own(Collection<Ip> now) {
    Set<Ip> before = own;
    own = Set.copyOf(now);
    own.forEach(addresses::add);
    before.forEach(addresses::remove);
    Set<IpPrefix> concerned = new HashSet<>();
    for (Ip address : changed(Optional.of(before), Optional.of(own))) {
      concerned.add(IpPrefix.only(address));
      if (isApiServers(address)) {
        concerned.addAll(nodePorts());
      }
    }
    return concerned;
  }

  /** Returns the blocks whose addresses are concerned; none if nothing has changed. */
  Set<IpPrefix> put(NodeInfo node) {
    return replace(node.name(), Optional.of(node));
  }

  Set<IpPrefix> removeNode(String name) {
    return replace(name, Optional.empty());
  }

  private Set<IpPrefix> replace(String name, Optional<NodeInfo> now) {
    Optional<NodeInfo> before =
        Optional.ofNullable(now.isPresent() ? nodes.put(name, now.get()) : nodes.remove(name));
    if (before.equals(now)) {
      return Set.of();
    }
    now.ifPresent(n -> {
      addressesOf(n).forEach(addresses::add);
      podCidrsOf(n).forEach(podCidrs::add);
    });
    before.ifPresent(n -> {
      addressesOf(n).forEach(addresses::remove);
      podCidrsOf(n).forEach(podCidrs::remove);
    });
    boolean sameKubelet = before.map(NodeInfo::kubeletPort).equals(now.map(NodeInfo::kubeletPort));
    Set<IpPrefix> concerned =
        changed(before.map(Surroundings::podCidrsOf), now.map(Surroundings::podCidrsOf));
    if (sameKubelet) {
      changed(before.map(Surroundings::addressesOf), now.map(Surroundings::addressesOf))
          .forEach(address -> concerned.add(IpPrefix.only(address)));
    } else {
      Stream.of(before, now)
          .flatMap(Optional::stream)
          .forEach(n -> addressesOf(n).forEach(a -> concerned.add(IpPrefix.only(a))));
      if (name.equals(self.name())) {
        concerned.addAll(nodePorts());
        own.forEach(address -> concerned.add(IpPrefix.only(address)));
      }
    }
    return concerned;
  }

  /** Those that are in one of the two only. */
  private static <T> Set<T> changed(Optional<Set<T>> before, Optional<Set<T>> now) {
    Set<T> changed = new HashSet<>(before.orElse(Set.of()));
    for (T value : now.orElse(Set.of())) {
      if (!changed.remove(value)) {
        changed.add(value);
      }
    }
    return changed;
  }

  private static Set<IpPrefix> nodePorts() {
    return Arrays.stream(Family.values())
        .map(f -> IpPrefix.only(Addresses.nodePort(f)))
        .collect(Collectors.toSet());
  }

  private static Set<Ip> addressesOf(NodeInfo node) {
    return Stream.concat(node.internalAddresses().stream(), node.externalAddresses().stream())
        .flatMap(t -> Networks.ip(t).stream())
        .collect(Collectors.toSet());
  }

  private static Set<IpPrefix> podCidrsOf(NodeInfo node) {
    return node.podCidrs().stream()
        .flatMap(t -> Networks.network(t).stream())
        .collect(Collectors.toSet());
  }

  /** A slice of {@link #API_SERVICE}. */
  Set<IpPrefix> putApi(SliceInfo slice) {
    Set<ApiServer> now = new HashSet<>();
    for (SliceInfo.Port port : slice.ports()) {
      slice.endpoints().stream()
          .flatMap(e -> Networks.ip(e.address()).stream())
          .forEach(address -> now.add(new ApiServer(address, port.port())));
    }
    return replaceApi(slice.key(), now);
  }

  Set<IpPrefix> removeApi(ObjectKey slice) {
    return replaceApi(slice, Set.of());
  }

  private Set<IpPrefix> replaceApi(ObjectKey slice, Set<ApiServer> now) {
    Set<ApiServer> known =
        now.isEmpty() ? apiSlices.remove(slice) : apiSlices.put(slice, Set.copyOf(now));
    Set<ApiServer> before = known == null ? Set.of() : known;
    now.forEach(apiServers::add);
    before.forEach(apiServers::remove);
    Set<IpPrefix> concerned = new HashSet<>();
    for (ApiServer server : changed(Optional.of(before), Optional.of(now))) {
      concerned.add(IpPrefix.only(server.address()));
      if (own.contains(server.address())) {
        concerned.addAll(nodePorts());
      }
    }
    return concerned;
  }

  /** This node's zone; empty if it has none. */
  String zone() {
    return node(self.name()).map(NodeInfo::zone).orElse("");
  }

  private Optional<NodeInfo> node(String name) {
    return Optional.ofNullable(nodes.get(name));
  }

  /** Whether it is an address of a node of the cluster. */
  boolean isNodes(Ip address) {
    return addresses.all().contains(address);
  }

  /** Whether it is an address of this node that no Node object tells of. */
  boolean isOnlyHere(Ip address) {
    return own.contains(address)
        && nodes.values().stream().noneMatch(n -> addressesOf(n).contains(address));
  }

  Optional<IpPrefix> podCidrOf(Ip address) {
    return podCidrs.all().stream().filter(block -> block.contains(address)).findFirst();
  }

  boolean isApiServers(Ip address) {
    return apiServers.all().stream().anyMatch(s -> s.address().equals(address));
  }

  /** Whether the API server answers there. */
  boolean isApiServer(Ip address, int port) {
    return apiServers.all().contains(new ApiServer(address, port));
  }

  /** Whether the API server answers at the port of one of this node's addresses. */
  boolean isOwnApiServer(int port) {
    return own.stream().anyMatch(address -> isApiServer(address, port));
  }

  /** Whether the kubelet of the node with this address answers at the port. */
  boolean isKubelet(Ip address, int port) {
    return (own.contains(address) && isOwnKubelet(port))
        || nodes.values().stream()
            .anyMatch(n -> n.kubeletPort() == port && addressesOf(n).contains(address));
  }

  /** Whether this node's kubelet answers at the port. */
  boolean isOwnKubelet(int port) {
    return node(self.name()).filter(n -> n.kubeletPort() == port).isPresent();
  }
}
