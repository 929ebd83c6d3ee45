package io.seine.agent.verdict;

import io.seine.agent.kube.ClusterPolicyInfo;
import io.seine.agent.kube.ClusterPolicyInfo.Peer;
import io.seine.agent.kube.ClusterPolicyInfo.Protocol;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The rules of one ClusterNetworkPolicy, in the order in which they are written. */
final class ClusterPolicyRules {
  private ClusterPolicyRules() {}

  /** One without rules for the direction does not affect it. */
  static boolean selects(ClusterPolicyInfo policy, Scene scene) {
    return !rules(policy, scene).isEmpty()
        && policy
            .subject()
            .map(subject ->
                Labels.match(
                        subject.namespaces(), scene.world().labelsOf(scene.pod().key().namespace()))
                    && Labels.match(subject.pods(), scene.pod().labels()))
            .orElse(false);
  }

  private static List<ClusterPolicyInfo.Rule> rules(ClusterPolicyInfo policy, Scene scene) {
    return scene.direction() == Direction.EGRESS ? policy.egressRules() : policy.ingressRules();
  }

  /** What each rule says, whether those before it leave anything to say or not. */
  static List<Step> steps(ClusterPolicyInfo policy, Tier tier, Scene scene) {
    List<Step> steps = new ArrayList<>();
    List<ClusterPolicyInfo.Rule> rules = rules(policy, scene);
    for (int i = 0; i < rules.size(); i++) {
      ClusterPolicyInfo.Rule rule = rules.get(i);
      RuleName name = new RuleName(RuleName.CLUSTER_POLICY, "", policy.name(), i, rule.name());
      boolean dryRun = policy.options().dryRun().equals("true");
      steps.add(step(rule, tier, Optional.of(name), scene, dryRun));
    }
    return steps;
  }

  private static Step step(
      ClusterPolicyInfo.Rule rule, Tier tier, Optional<RuleName> name, Scene scene, boolean dry) {
    if (unknown(rule)) {
      boolean accepts = rule.action().equals("Accept");
      return new Step(
          tier,
          name,
          accepts
              ? "part of the rule is unknown, so it accepts nothing"
              : "part of the rule is unknown, so it denies everything",
          accepts ? Effect.NONE : Effect.DENY,
          dry);
    }
    Check check = check(rule, scene);
    return new Step(tier, name, check.why(), check.holds() ? effect(rule) : Effect.NONE, dry);
  }

  /**
   * What is of another version of the API fails closed; so do domain names outside Accept rules,
   * which are not to be there.
   */
  private static boolean unknown(ClusterPolicyInfo.Rule rule) {
    boolean accepts = rule.action().equals("Accept");
    return rule.peers().stream().anyMatch(Peer.Unknown.class::isInstance)
        || rule.protocols().orElse(List.of()).stream().anyMatch(Protocol.Unknown.class::isInstance)
        || (!accepts && rule.peers().stream().anyMatch(Peer.DomainNames.class::isInstance));
  }

  private static Effect effect(ClusterPolicyInfo.Rule rule) {
    return switch (rule.action()) {
      case "Accept" -> Effect.ACCEPT;
      case "Deny" -> Effect.DENY;
      case "Pass" -> Effect.PASS;
      default -> Effect.NONE;
    };
  }

  private static Check check(ClusterPolicyInfo.Rule rule, Scene scene) {
    List<Check> alternatives = new ArrayList<>();
    for (Peer peer : rule.peers()) {
      // Nodes and networks have no named ports.
      boolean nameless = scene.direction() == Direction.EGRESS && !(peer instanceof Peer.Pods);
      PortCheck ports = nameless ? scene.portsWithoutNames() : scene.ports();
      alternatives.add(scene.peers().of(peer).and(protocols(rule, ports)));
    }
    return Check.any(alternatives);
  }

  private static Check protocols(ClusterPolicyInfo.Rule rule, PortCheck check) {
    return rule.protocols()
        .map(protocols -> Check.any(protocols.stream().map(check::of).toList()))
        .orElse(new Check(true, "any protocol"));
  }
}
