package io.seine.agent.verdict;

import io.seine.agent.kube.ClusterPolicyInfo;
import io.seine.agent.kube.NetworkPolicyInfo;
import io.seine.agent.kube.PodInfo;
import io.seine.agent.kube.Selector;
import io.seine.openflow.Ip;
import io.seine.openflow.IpPrefix;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Whether the other end of a connection is one of a rule's peers.
 *
 * @param address of the other end
 * @param end {@code source} or {@code destination}
 */
record PeerCheck(World world, Ip address, String end) {

  /** One of a NetworkPolicy in {@code namespace} (API reference, NetworkPolicyPeer). */
  Check of(NetworkPolicyInfo.Peer peer, String namespace) {
    return switch (peer) {
      case NetworkPolicyInfo.Peer.Pods(var namespaces, var pods) ->
          pods(
              namespaces.orElse(Selector.ALL),
              namespaces.isPresent() ? Optional.empty() : Optional.of(namespace),
              pods.orElse(Selector.ALL));
      case NetworkPolicyInfo.Peer.Addresses(var cidr, var except) -> block(cidr, except);
      case NetworkPolicyInfo.Peer.Unclear(var why) ->
          new Check(false, "a peer that is unclear is nobody: " + why);
    };
  }

  /** One of a ClusterNetworkPolicy that this version knows (v1alpha2, the two peer types). */
  Check of(ClusterPolicyInfo.Peer peer) {
    return switch (peer) {
      case ClusterPolicyInfo.Peer.Pods(var namespaces, var pods) ->
          pods(namespaces, Optional.empty(), pods);
      case ClusterPolicyInfo.Peer.Nodes(var nodes) -> nodes(nodes);
      case ClusterPolicyInfo.Peer.Networks(var cidrs) ->
          Check.any(cidrs.stream().map(cidr -> block(cidr, List.of())).toList());
      case ClusterPolicyInfo.Peer.DomainNames(var names) ->
          Check.any(names.stream().map(this::domain).toList());
      case ClusterPolicyInfo.Peer.Unknown() -> new Check(false, "a peer of an unknown kind");
    };
  }

  private Check pods(Selector namespaces, Optional<String> only, Selector pods) {
    String what = podWords(namespaces, only, pods);
    Optional<PodInfo> pod = world.podAt(address);
    boolean holds =
        pod.isPresent()
            && only.map(n -> n.equals(pod.get().key().namespace())).orElse(true)
            && Labels.match(namespaces, world.labelsOf(pod.get().key().namespace()))
            && Labels.match(pods, pod.get().labels());
    return is(holds, what);
  }

  private static String podWords(Selector namespaces, Optional<String> only, Selector pods) {
    String which = pods.equals(Selector.ALL) ? "a pod" : "a pod with " + Labels.words(pods);
    String where =
        only.map(n -> " of namespace " + n)
            .orElse(
                namespaces.equals(Selector.ALL)
                    ? " of any namespace"
                    : " of a namespace with " + Labels.words(namespaces));
    return which + where;
  }

  /** The addresses of Node.status.addresses, and those by which a node speaks to its pods. */
  private Check nodes(Selector selector) {
    boolean holds =
        world.nodes().stream()
            .filter(node -> Labels.match(selector, node.labels()))
            .anyMatch(
                node -> node.addresses().contains(address) || node.gateways().contains(address));
    return is(
        holds, selector.equals(Selector.ALL) ? "a node" : "a node with " + Labels.words(selector));
  }

  /** An address that DNS has given for the name, or for one below it (DomainName). */
  private Check domain(String named) {
    boolean holds =
        world.domains().entrySet().stream()
            .filter(domain -> isMeant(domain.getKey(), named))
            .anyMatch(domain -> domain.getValue().contains(address));
    return is(holds, "an address of " + named + " that a pod has asked for");
  }

  /** Label by label from the end; the wildcard stands for one or more whole ones. */
  private static boolean isMeant(String name, String named) {
    List<String> labels = labels(name);
    List<String> wanted = labels(named);
    if (!wanted.getFirst().equals("*")) {
      return labels.equals(wanted);
    }
    List<String> parent = wanted.subList(1, wanted.size());
    return labels.size() > parent.size()
        && labels.subList(labels.size() - parent.size(), labels.size()).equals(parent);
  }

  private static List<String> labels(String name) {
    String whole = name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
    return List.of(whole.toLowerCase(Locale.ROOT).split("\\.", -1));
  }

  private Check block(String cidr, List<String> except) {
    String what =
        "in " + cidr + (except.isEmpty() ? "" : " without " + String.join(" and ", except));
    try {
      IpPrefix block = parse(cidr);
      List<IpPrefix> without = except.stream().map(PeerCheck::parse).toList();
      return is(
          block.contains(address) && without.stream().noneMatch(e -> e.contains(address)), what);
    } catch (IllegalArgumentException e) {
      return new Check(false, "%s is no block: %s".formatted(cidr, e.getMessage()));
    }
  }

  /** Of a block that is written with bits behind its prefix, the block is meant. */
  private static IpPrefix parse(String cidr) {
    String[] parts = cidr.split("/", 2);
    if (parts.length != 2 || !parts[1].matches("[0-9]{1,3}")) {
      throw new IllegalArgumentException("'" + cidr + "' has no length of a prefix");
    }
    Ip network = Ip.parse(parts[0]);
    int length = Integer.parseInt(parts[1]);
    if (length > network.family().bits()) {
      throw new IllegalArgumentException("'" + cidr + "' is longer than an address");
    }
    return IpPrefix.around(network, length);
  }

  private Check is(boolean holds, String what) {
    Check check = Check.of(holds, what);
    return new Check(holds, "the " + end + " " + check.why());
  }
}
