package io.seine.sandbox;

/**
 * One node to be made.
 *
 * @param name its name in the cluster, for example {@code node-1}
 * @param podCidr its share of the pod network, for example {@code 10.96.0.0/24}
 */
public record NodeSpec(String name, String podCidr) {}
