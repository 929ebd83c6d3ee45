package io.seine.agent.policy;

import io.seine.pipeline.policy.Direction;
import java.util.ArrayList;
import java.util.List;

/** Finds names of ports that a NetworkPolicy lets in on and that none of its pods has. */
final class PortNames {
  private PortNames() {}

  /** Whether rules for what its pods receive name ports. */
  static boolean areIn(Policy policy) {
    return policy.rules().stream().anyMatch(PortNames::areIn);
  }

  private static boolean areIn(Policy.Rule rule) {
    return rule.direction() == Direction.INGRESS && !rule.what().names().isEmpty();
  }

  /**
   * Says of each what follows. Where the policy has no pods yet, there is nothing to say.
   *
   * @param namespace the policy's
   */
  static void check(Policy policy, NamespaceState namespace, Complaints complaints) {
    List<PodState> pods = new ArrayList<>();
    for (PodState pod : namespace.pods.values()) {
      if (!pod.gone() && pod.said().counts() && pod.isIn(policy.subject())) {
        pods.add(pod);
      }
    }
    if (pods.isEmpty()) {
      return;
    }
    policy.rules().stream()
        .filter(PortNames::areIn)
        .forEach(rule -> {
          Complaints here = complaints.at("ingress rule " + rule.ref().index());
          rule.what().names().stream()
              .filter(name -> pods.stream().noneMatch(pod -> has(pod, name)))
              .map(Policy.Named::name)
              .sorted()
              .forEach(name ->
                  here.say(
                      "UnknownPortName",
                      "no pod that the policy selects has a port '%s'; it matches nothing"
                          .formatted(name)));
        });
  }

  private static boolean has(PodState pod, Policy.Named name) {
    return pod.ports().stream().anyMatch(name::is);
  }
}
