package io.seine.agent.kube;

import java.util.List;
import java.util.Map;

/**
 * What the agent keeps of a Pod, of this node or another.
 *
 * @param node that it is bound to; empty before that
 * @param addresses empty while it has none; else one of a family, the primary one first
 * @param hostNetwork whether it uses the node's own network, so that no port of ours is its
 * @param finished whether it has succeeded or failed, so that its address is no longer in use
 * @param ports those of its containers' that have a name
 */
public record PodInfo(
    ObjectRef ref,
    String node,
    List<String> addresses,
    boolean hostNetwork,
    boolean finished,
    Map<String, String> labels,
    List<NamedPort> ports) {
  public PodInfo {
    addresses = List.copyOf(addresses);
    labels = Map.copyOf(labels);
    ports = List.copyOf(ports);
  }

  /** A container's port that has a name. */
  public record NamedPort(String name, String protocol, int port) {}

  /** Without addresses and ports, which are its node's if that is whose network it uses. */
  PodInfo labelsOnly() {
    return new PodInfo(ref, node, List.of(), hostNetwork, finished, labels, List.of());
  }

  public ObjectKey key() {
    return ref.key();
  }

  /** The primary one; empty while it has none. */
  public String address() {
    return addresses.isEmpty() ? "" : addresses.getFirst();
  }
}
