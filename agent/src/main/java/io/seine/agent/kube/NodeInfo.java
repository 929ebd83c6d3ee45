package io.seine.agent.kube;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What the agent keeps of a Node. Nothing is validated here.
 *
 * @param created the creation time as the API gives it, which sorts by time as text
 * @param internalAddresses of {@code status.addresses}, those of type InternalIP, either family
 * @param externalAddresses those of type ExternalIP
 * @param podCidrs {@code spec.podCIDRs}, or {@code spec.podCIDR} where only that is set
 * @param zone of the label {@code topology.kubernetes.io/zone}; empty without it
 * @param kubeletPort of {@code status.daemonEndpoints}; 0 if not said
 * @param addresses all of {@code status.addresses}, of whatever type, so that some are host names
 * @param ready whether its condition Ready is True; also if it has no such condition
 */
public record NodeInfo(
    ObjectRef ref,
    String created,
    List<String> internalAddresses,
    List<String> externalAddresses,
    List<String> podCidrs,
    String zone,
    int kubeletPort,
    List<String> addresses,
    Map<String, String> labels,
    boolean ready) {
  public NodeInfo {
    internalAddresses = List.copyOf(internalAddresses);
    externalAddresses = List.copyOf(externalAddresses);
    podCidrs = List.copyOf(podCidrs);
    addresses = List.copyOf(addresses);
    labels = Map.copyOf(labels);
  }

  /** One that is ready. */
  public NodeInfo(
      ObjectRef ref,
      String created,
      List<String> internalAddresses,
      List<String> externalAddresses,
      List<String> podCidrs,
      String zone,
      int kubeletPort,
      List<String> addresses,
      Map<String, String> labels) {
    this(
        ref,
        created,
        internalAddresses,
        externalAddresses,
        podCidrs,
        zone,
        kubeletPort,
        addresses,
        labels,
        true);
  }

  /** One without labels, and without other addresses than these. */
  public NodeInfo(
      ObjectRef ref,
      String created,
      List<String> internalAddresses,
      List<String> externalAddresses,
      List<String> podCidrs,
      String zone,
      int kubeletPort) {
    this(
        ref,
        created,
        internalAddresses,
        externalAddresses,
        podCidrs,
        zone,
        kubeletPort,
        Stream.concat(internalAddresses.stream(), externalAddresses.stream()).toList(),
        Map.of());
  }

  /** One of which no more is known. */
  public NodeInfo(
      ObjectRef ref, String created, List<String> internalAddresses, List<String> podCidrs) {
    this(ref, created, internalAddresses, List.of(), podCidrs, "", 0);
  }

  /** The same node in this state. */
  public NodeInfo withReady(boolean now) {
    return now == ready
        ? this
        : new NodeInfo(
            ref,
            created,
            internalAddresses,
            externalAddresses,
            podCidrs,
            zone,
            kubeletPort,
            addresses,
            labels,
            now);
  }

  public String name() {
    return ref.key().name();
  }
}
