package io.seine.agent.policy;

import io.seine.agent.kube.ClusterPolicyInfo;
import io.seine.agent.kube.ClusterPolicyInfo.Peer;
import io.seine.agent.kube.ClusterPolicyInfo.Rule;
import io.seine.agent.kube.Selector;
import io.seine.pipeline.policy.Direction;
import io.seine.pipeline.policy.PolicyRef;
import io.seine.pipeline.policy.Rank;
import io.seine.pipeline.policy.RuleRef;
import io.seine.pipeline.policy.Tier;
import io.seine.pipeline.policy.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Reads ClusterNetworkPolicies (policy.networking.k8s.io/v1alpha2). A part that contradicts itself
 * matches nothing; one of a kind that is not known makes its rule fail closed, as the API has it.
 */
final class ClusterPolicies {
  private static final int MOST_RULES = 25;
  private static final int LAST_PRIORITY = 1000;

  private final ClusterPolicyInfo info;
  private final PolicyRef ref;
  private final Complaints complaints;

  private ClusterPolicies(ClusterPolicyInfo info) {
    this.info = info;
    this.ref = ref(info.name());
    this.complaints = new Complaints(info.ref());
  }

  static PolicyRef ref(String name) {
    return new PolicyRef(PolicyRef.Kind.CLUSTER_NETWORK_POLICY, "", name);
  }

  static Translation translate(ClusterPolicyInfo info) {
    ClusterPolicies one = new ClusterPolicies(info);
    Optional<Policy> policy = one.policy();
    return new Translation(policy, one.complaints.all());
  }

  private Optional<Policy> policy() {
    Optional<Tier> tier = tier();
    Optional<Selection> subject = subject();
    int priority = priority();
    List<Policy.Rule> rules = new ArrayList<>();
    rules(Direction.INGRESS, info.ingressRules(), priority, rules);
    rules(Direction.EGRESS, info.egressRules(), priority, rules);
    boolean dryRun = Options.dryRun(info.options(), complaints);
    Policy.Log log = Options.log(info.options(), complaints);
    return tier.flatMap(t -> subject.map(s -> new Policy(ref, t, s, Set.of(), dryRun, log, rules)));
  }

  private Optional<Tier> tier() {
    for (Tier tier : List.of(Tier.ADMIN, Tier.BASELINE)) {
      if (tier.label().equals(info.tier())) {
        return Optional.of(tier);
      }
    }
    complaints.say(
        "UnknownTier",
        "the tier '%s' is not Admin or Baseline; the policy has no effect".formatted(info.tier()));
    return Optional.empty();
  }

  private Optional<Selection> subject() {
    if (info.subject().isEmpty()) {
      complaints.say(
          "InvalidSubject", "the subject is neither namespaces nor pods; the policy has no effect");
      return Optional.empty();
    }
    return selection(info.subject().get(), complaints.at("subject"), "the policy selects no pod");
  }

  private int priority() {
    int priority = Math.clamp(info.priority(), 0, LAST_PRIORITY);
    if (priority != info.priority()) {
      complaints.say(
          "InvalidPriority",
          "a priority is 0 to %d, not %d; the policy is served with %d"
              .formatted(LAST_PRIORITY, info.priority(), priority));
    }
    return priority;
  }

  private void rules(Direction direction, List<Rule> given, int priority, List<Policy.Rule> rules) {
    if (given.size() > MOST_RULES) {
      complaints.say(
          "TooManyRules",
          "%d %s rules are more than the %d that the API allows; all are served"
              .formatted(given.size(), direction.label(), MOST_RULES));
    }
    for (int i = 0; i < given.size(); i++) {
      Rule rule = given.get(i);
      Complaints here = complaints.at(direction.label() + " rule " + i);
      Optional<Verdict> verdict = verdict(rule.action(), here);
      if (verdict.isPresent()) {
        RuleRef name = new RuleRef(ref, direction, i, rule.name());
        Rank rank = new Rank(priority, info.name(), i);
        ClusterRule parts = new ClusterRule(direction, rule, here);
        rules.add(parts.rule(name, rank, verdict.get()));
      }
    }
  }

  private static Optional<Verdict> verdict(String action, Complaints here) {
    for (Verdict verdict : Verdict.values()) {
      if (verdict.label().equals(action)) {
        return Optional.of(verdict);
      }
    }
    here.say(
        "UnknownAction",
        "the action '%s' is not Accept, Deny or Pass; the rule matches nothing".formatted(action));
    return Optional.empty();
  }

  static Optional<Selection> selection(Peer.Pods pods, Complaints here, String consequence) {
    Optional<Match> namespaces = usable("namespaces", pods.namespaces(), here, consequence);
    Optional<Match> selected = usable("pods", pods.pods(), here, consequence);
    return namespaces.flatMap(n -> selected.map(p -> new Selection(new Scope.Labelled(n), p)));
  }

  static Optional<Match> usable(
      String what, Selector selector, Complaints here, String consequence) {
    return Match.of(
        selector,
        why -> here.say("InvalidSelector", "%s: %s; %s".formatted(what, why, consequence)));
  }
}
