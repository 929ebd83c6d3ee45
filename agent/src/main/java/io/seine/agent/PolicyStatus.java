package io.seine.agent;

import io.seine.agent.events.Problem;
import io.seine.agent.policy.PolicyCounts;
import io.seine.agent.policylog.PolicyLog;
import io.seine.pipeline.Owner;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The part of {@code /status} about policies: how many, what they come to, and what is wrong. */
final class PolicyStatus {
  private PolicyStatus() {}

  static Map<String, Object> of(NodeAgent agent) {
    PolicyCounts counts = agent.policies().view().counts();
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("networkPolicies", counts.networkPolicies());
    map.put("clusterNetworkPolicies", counts.clusterPolicies());
    map.put("namespacesIsolatedByDefault", agent.ground().config().isolateNamespaces());
    Map<String, Object> here = new LinkedHashMap<>();
    here.put("pods", counts.subjects());
    here.put("policies", counts.policies());
    here.put("rules", counts.rules());
    here.put("addressSets", counts.sets());
    map.put("onThisNode", here);
    PolicyLog.Counts logged = agent.packets().policies().counts();
    map.put("connectionsLogged", logged.written());
    map.put("connectionsNotLogged", logged.suppressed());
    List<Problem> problems = Shown.problems(agent, PolicyStatus::isPolicy);
    map.put("refused", Shown.counts(problems));
    map.put("problems", Shown.first(problems));
    return map;
  }

  static boolean isPolicy(Owner owner) {
    return owner.kind() == Owner.Kind.POLICY;
  }
}
