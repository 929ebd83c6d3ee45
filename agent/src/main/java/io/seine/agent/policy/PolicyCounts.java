package io.seine.agent.policy;

/**
 * How many there are.
 *
 * @param pods of the cluster
 * @param networkPolicies of the cluster
 * @param subjects pods of this node that policies can be for
 * @param policies that select at least one of them, isolation of a namespace included
 * @param rules that the switch has for them; one with a port's name counts once for each number
 * @param sets of addresses that those speak of
 * @param problems objects with a problem
 */
public record PolicyCounts(
    int namespaces,
    int pods,
    int networkPolicies,
    int clusterPolicies,
    int subjects,
    int policies,
    int rules,
    int sets,
    int problems) {}
