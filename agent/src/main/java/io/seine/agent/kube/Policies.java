package io.seine.agent.kube;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;

/** Policies as their objects have them, for those who hold objects and no API server. */
public final class Policies {
  private Policies() {}

  public static NetworkPolicyInfo of(NetworkPolicy policy) {
    return new ReduceNetworkPolicy().policy(policy);
  }

  /** A ClusterNetworkPolicy of any version that looks like v1alpha2. */
  public static ClusterPolicyInfo ofCluster(GenericKubernetesResource policy) {
    return ReduceClusterPolicy.policy(policy);
  }
}
