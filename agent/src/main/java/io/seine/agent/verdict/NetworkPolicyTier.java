package io.seine.agent.verdict;

import io.seine.agent.kube.NetworkPolicyInfo;
import io.seine.agent.kube.NetworkPolicyInfo.Peer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The NetworkPolicies of a pod: they add up. Once one selects the pod in a direction, what none of
 * their rules allows is denied ("Network Policies", "The two sorts of pod isolation").
 */
record NetworkPolicyTier(Scene scene) {

  /** An empty podSelector selects all pods of the policy's namespace. */
  static boolean selects(NetworkPolicyInfo policy, Scene scene) {
    boolean concerns = scene.direction() == Direction.EGRESS ? policy.egress() : policy.ingress();
    return concerns
        && policy.key().namespace().equals(scene.pod().key().namespace())
        && Labels.match(policy.pods(), scene.pod().labels());
  }

  /**
   * Whether the tier decides, which it does if it has a policy at all. Where one is in force, those
   * that are only tried are not asked: they could only allow more.
   */
  boolean ask(List<Policy> policies, List<Step> steps) {
    List<NetworkPolicyInfo> inForce = some(policies, false);
    boolean dryRun = inForce.isEmpty();
    List<NetworkPolicyInfo> asked = dryRun ? some(policies, true) : inForce;
    if (asked.isEmpty()) {
      return false;
    }
    for (NetworkPolicyInfo policy : asked) {
      for (Step step : steps(policy, dryRun)) {
        steps.add(step);
        if (step.decides()) {
          return true;
        }
      }
    }
    String names = String.join(", ", asked.stream().map(p -> p.key().name()).toList());
    steps.add(
        new Step(
            Tier.NETWORK_POLICY,
            Optional.of(name(asked.getFirst(), RuleName.DEFAULT)),
            "%s %s for %s, and no rule allows it"
                .formatted(
                    names,
                    asked.size() == 1 ? "selects the pod" : "select the pod",
                    scene.direction().label()),
            Effect.DENY,
            dryRun));
    return true;
  }

  /** All rules that allow it. */
  List<Step> allowing(List<Policy> policies) {
    return Stream.of(false, true)
        .flatMap(dryRun -> some(policies, dryRun).stream().flatMap(p -> steps(p, dryRun).stream()))
        .filter(Step::decides)
        .toList();
  }

  private static List<NetworkPolicyInfo> some(List<Policy> policies, boolean dryRun) {
    return policies.stream()
        .filter(policy -> policy.dryRun() == dryRun)
        .filter(Policy.Namespaced.class::isInstance)
        .map(policy -> ((Policy.Namespaced) policy).policy())
        .toList();
  }

  private List<Step> steps(NetworkPolicyInfo policy, boolean dryRun) {
    List<NetworkPolicyInfo.Rule> rules =
        scene.direction() == Direction.EGRESS ? policy.egressRules() : policy.ingressRules();
    List<Step> steps = new ArrayList<>();
    for (int i = 0; i < rules.size(); i++) {
      Check check = check(rules.get(i), policy.key().namespace());
      steps.add(
          new Step(
              Tier.NETWORK_POLICY,
              Optional.of(name(policy, i)),
              check.why(),
              check.holds() ? Effect.ACCEPT : Effect.NONE,
              dryRun));
    }
    return steps;
  }

  /** Both must hold; of each list one element, or all if it has none. */
  private Check check(NetworkPolicyInfo.Rule rule, String namespace) {
    if (rule.peers().isEmpty()) {
      return new Check(true, "anyone is allowed").and(ports(rule, scene.ports()));
    }
    List<Check> alternatives = new ArrayList<>();
    for (Peer peer : rule.peers()) {
      // Addresses outside have no named ports, so a rule that names one is not about them.
      boolean nameless = scene.direction() == Direction.EGRESS && peer instanceof Peer.Addresses;
      alternatives.add(
          scene
              .peers()
              .of(peer, namespace)
              .and(ports(rule, nameless ? scene.portsWithoutNames() : scene.ports())));
    }
    return Check.any(alternatives);
  }

  private static Check ports(NetworkPolicyInfo.Rule rule, PortCheck check) {
    return rule.ports().isEmpty()
        ? new Check(true, "any port")
        : Check.any(rule.ports().stream().map(check::of).toList());
  }

  private static RuleName name(NetworkPolicyInfo policy, int index) {
    return new RuleName(
        RuleName.NETWORK_POLICY, policy.key().namespace(), policy.key().name(), index, "");
  }
}
