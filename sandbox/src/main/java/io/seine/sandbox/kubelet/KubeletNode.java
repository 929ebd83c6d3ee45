package io.seine.sandbox.kubelet;

/**
 * What the kubelet knows of a node.
 *
 * @param name in the cluster
 * @param address its own, which its Pods report as hostIP
 * @param cni how its pods are connected
 */
public record KubeletNode(String name, String address, CniRuntime cni) {}
