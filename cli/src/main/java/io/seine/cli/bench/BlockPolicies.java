package io.seine.cli.bench;

import io.seine.agent.kube.NetworkPolicyInfo;
import io.seine.agent.kube.NetworkPolicyInfo.Peer;
import io.seine.agent.kube.NetworkPolicyInfo.Rule;
import io.seine.agent.kube.ObjectKey;
import io.seine.agent.kube.ObjectRef;
import io.seine.agent.kube.PodInfo;
import io.seine.agent.kube.PolicyOptions;
import io.seine.agent.kube.Selector;
import io.seine.openflow.Ip;
import io.seine.openflow.Mac;
import io.seine.pipeline.LocalPod;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Policies by blocks of addresses, for one pod. */
final class BlockPolicies {
  static final ObjectKey POLICY = new ObjectKey("default", "blocks");

  private static final Ip ADDRESS = Ip.parse("10.128.0.2");
  private static final Ip FIRST_BLOCK = Ip.parse("172.16.0.0");
  private static final long IN_A_BLOCK = 16;

  private BlockPolicies() {}

  static PodInfo pod() {
    return new PodInfo(
        new ObjectRef("v1", "Pod", new ObjectKey("default", "server"), ""),
        "node-0",
        List.of(ADDRESS.toString()),
        false,
        false,
        Map.of("app", "server"),
        List.of());
  }

  static LocalPod port() {
    return new LocalPod("default", "server", ADDRESS, new Mac(0x0a_58_00_00_00_02L), 10);
  }

  /** One rule that allows so many blocks. */
  static NetworkPolicyInfo oneRule(int blocks) {
    return policy(List.of(rule(IntStream.range(0, blocks))));
  }

  /** So many rules that allow a block each. */
  static NetworkPolicyInfo rules(int blocks) {
    return policy(IntStream.range(0, blocks).mapToObj(i -> rule(IntStream.of(i))).toList());
  }

  private static NetworkPolicyInfo policy(List<Rule> ingress) {
    return new NetworkPolicyInfo(
        new ObjectRef("networking.k8s.io/v1", "NetworkPolicy", POLICY, ""),
        Selector.ALL,
        true,
        false,
        ingress,
        List.of(),
        PolicyOptions.NONE);
  }

  private static Rule rule(IntStream blocks) {
    return new Rule(
        blocks
            .mapToObj(i -> FIRST_BLOCK.plus(IN_A_BLOCK * i) + "/28")
            .<Peer>map(cidr -> new Peer.Addresses(cidr, List.of()))
            .toList(),
        List.of());
  }
}
