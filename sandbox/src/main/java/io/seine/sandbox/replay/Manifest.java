package io.seine.sandbox.replay;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.seine.agent.kube.ObjectKey;

/**
 * A policy as its manifest has it. In its text, {@code {x/a}} stands for the address of a pod, a
 * node or a host outside, in the first family of the case, and {@code {n1.pods}} for the pod
 * network of a node; {@code {x/a:6}} and {@code {n1.pods:6}} are those of IPv6.
 *
 * @param kind NetworkPolicy or ClusterNetworkPolicy
 */
public record Manifest(String kind, ObjectKey key, ObjectNode body) {
  static final String NETWORK_POLICY = "NetworkPolicy";
  static final String CLUSTER_POLICY = "ClusterNetworkPolicy";

  static String apiVersion(String kind) {
    return kind.equals(NETWORK_POLICY)
        ? "networking.k8s.io/v1"
        : "policy.networking.k8s.io/v1alpha2";
  }

  /** {@code NetworkPolicy x/web}. */
  public String name() {
    return kind + " " + key;
  }

  /** The object as JSON, which is YAML too, with addresses in the place of names. */
  public String json(AddressBook addresses) {
    return addresses.fill(body.toString());
  }
}
