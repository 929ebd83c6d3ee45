package io.seine.agent.facts;

import io.seine.agent.kube.Api;
import io.seine.agent.kube.ApiException;
import io.seine.agent.kube.ClusterPolicyInfo;
import io.seine.agent.kube.NamespaceInfo;
import io.seine.agent.kube.NetworkPolicyInfo;
import io.seine.agent.kube.NodeInfo;
import io.seine.agent.kube.PodInfo;
import java.util.List;

/** Policies, and all that they can speak of, as the API has them at one moment. */
public record PolicyObjects(
    List<NamespaceInfo> namespaces,
    List<PodInfo> pods,
    List<NodeInfo> nodes,
    List<NetworkPolicyInfo> networkPolicies,
    List<ClusterPolicyInfo> clusterPolicies) {
  public PolicyObjects {
    namespaces = List.copyOf(namespaces);
    pods = List.copyOf(pods);
    nodes = List.copyOf(nodes);
    networkPolicies = List.copyOf(networkPolicies);
    clusterPolicies = List.copyOf(clusterPolicies);
  }

  /**
   * Reads them.
   *
   * @param node whose pods are wanted in whatever state; empty for none
   */
  public static PolicyObjects read(Api api, String node) throws ApiException, InterruptedException {
    return new PolicyObjects(
        api.namespaces(),
        api.pods(node),
        api.nodes(),
        api.networkPolicies(),
        api.clusterPolicies());
  }
}
