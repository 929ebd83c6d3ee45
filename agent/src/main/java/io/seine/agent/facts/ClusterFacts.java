package io.seine.agent.facts;

import io.seine.agent.events.Problem;
import io.seine.pipeline.BaseCompiler;
import io.seine.pipeline.FlowSet;
import io.seine.pipeline.GroupIds;
import io.seine.pipeline.LocalNode;
import io.seine.pipeline.LocalPod;
import io.seine.pipeline.NodeCompiler;
import io.seine.pipeline.Owner;
import io.seine.pipeline.PeerNode;
import io.seine.pipeline.PodCompiler;
import io.seine.pipeline.ServiceCompiler;
import io.seine.pipeline.ServiceFact;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * All facts that one node's switch is made from, as they were at one moment.
 *
 * @param problems what was left out of them, and why
 */
public record ClusterFacts(
    LocalNode node,
    List<PeerNode> peers,
    List<ServiceFact> services,
    List<LocalPod> pods,
    KnownPolicies policies,
    List<Problem> problems) {
  public ClusterFacts {
    peers = List.copyOf(peers);
    services = List.copyOf(services);
    pods = List.copyOf(pods);
    problems = List.copyOf(problems);
  }

  /**
   * What the switch should hold, by owner.
   *
   * @param groupIds told what the switch has, or two services whose names hash alike may have their
   *     ids changed over
   */
  public Map<Owner, FlowSet> compile(GroupIds groupIds) {
    Map<Owner, FlowSet> sets = new TreeMap<>();
    sets.put(new Owner.Base(), BaseCompiler.compile(node));
    peers.forEach(peer -> sets.put(peer.owner(), NodeCompiler.compile(node, peer)));
    pods.forEach(pod -> sets.put(pod.owner(), PodCompiler.compile(node, pod)));
    services.forEach(
        service -> sets.put(service.owner(), ServiceCompiler.compile(service, groupIds)));
    sets.putAll(policies.flows());
    return sets;
  }
}
