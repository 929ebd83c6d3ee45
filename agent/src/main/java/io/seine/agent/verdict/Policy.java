package io.seine.agent.verdict;

import io.seine.agent.kube.ClusterPolicyInfo;
import io.seine.agent.kube.NetworkPolicyInfo;
import io.seine.agent.kube.PolicyOptions;

/** A policy of either kind that selects the pod. */
sealed interface Policy {
  record Namespaced(NetworkPolicyInfo policy) implements Policy {
    @Override
    public PolicyOptions options() {
      return policy.options();
    }
  }

  record OfCluster(ClusterPolicyInfo policy) implements Policy {
    @Override
    public PolicyOptions options() {
      return policy.options();
    }
  }

  PolicyOptions options();

  default boolean dryRun() {
    return options().dryRun().equals("true");
  }
}
