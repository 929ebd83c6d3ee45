package io.seine.cli.bench;

import io.seine.agent.kube.NetworkPolicyInfo;
import io.seine.agent.kube.ObjectKey;
import io.seine.agent.kube.PodInfo;
import io.seine.agent.policy.IndexSink;
import io.seine.agent.policy.PolicyCounts;
import io.seine.agent.policy.PolicyEngine;
import io.seine.pipeline.LocalPod;
import io.seine.pipeline.Owner;
import io.seine.pipeline.policy.PolicyFlows;
import io.seine.pipeline.policy.PolicyIndex;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** What an agent does with policies between the API and the switch, on the caller's thread. */
final class PolicyComputation {
  private final PolicyIndex index = new PolicyIndex();
  private final PolicyEngine engine = new PolicyEngine(false, new IndexSink(index));

  /** All of a cluster, and what it comes to for these pods, which are the node's. */
  Map<Owner, Optional<PolicyFlows>> compute(PolicyCluster cluster, Stream<LocalPod> local) {
    local.forEach(engine::connect);
    cluster.allNamespaces().forEach(engine::put);
    cluster.allPolicies().forEach(engine::put);
    cluster.allPods().forEach(engine::put);
    return take();
  }

  /** A pod of this node. */
  Map<Owner, Optional<PolicyFlows>> connect(PodInfo pod, LocalPod port) {
    engine.connect(port);
    return put(pod);
  }

  Map<Owner, Optional<PolicyFlows>> put(PodInfo pod) {
    engine.put(pod);
    return take();
  }

  Map<Owner, Optional<PolicyFlows>> put(NetworkPolicyInfo policy) {
    engine.put(policy);
    return take();
  }

  Map<Owner, Optional<PolicyFlows>> remove(ObjectKey policy) {
    engine.removeNetworkPolicy(policy);
    return take();
  }

  private Map<Owner, Optional<PolicyFlows>> take() {
    var _ = engine.flush();
    return index.take();
  }

  PolicyCounts counts() {
    return engine.counts();
  }

  /** How many flows these are. */
  static int flows(Map<Owner, Optional<PolicyFlows>> owners) {
    return owners.values().stream()
        .flatMap(Optional::stream)
        .mapToInt(flows -> flows.compile().flows().size())
        .sum();
  }
}
