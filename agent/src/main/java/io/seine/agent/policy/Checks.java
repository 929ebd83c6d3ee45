package io.seine.agent.policy;

import io.seine.agent.events.Problem;
import io.seine.agent.kube.ObjectRef;
import io.seine.openflow.Family;
import io.seine.pipeline.policy.PolicyRef;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * What is wrong with policies. Every node finds the same, whether it has pods of theirs or not, so
 * that any one of them can tell of it. Only what a change concerns is looked at again.
 */
final class Checks {
  /**
   * A policy that is there.
   *
   * @param hosts whether there are pods in its namespace that use their node's network
   */
  record Known(ObjectRef object, Translation translation, boolean hosts) {}

  private final Set<Family> families;
  private final Problems problems = new Problems();
  private final Census census = new Census();
  private final Rivals rivals = new Rivals();

  /**
   * @param families of the pods' addresses
   */
  Checks(Set<Family> families) {
    this.families = Set.copyOf(families);
  }

  /** Is to be told of pods. */
  Census census() {
    return census;
  }

  /** The policy is like this now. */
  void put(PolicyRef ref, Known known) {
    List<Problem> all = new ArrayList<>(known.translation().problems());
    known
        .translation()
        .policy()
        .ifPresent(policy -> {
          Complaints complaints = new Complaints(known.object());
          Sense.check(policy, families, complaints);
          complaints.all().stream().filter(p -> !all.contains(p)).forEach(all::add);
        });
    problems.put(Problems.Found.BY_ITSELF, ref, List.copyOf(all));
    askFor(ref, known);
    if (ref.kind() == PolicyRef.Kind.CLUSTER_NETWORK_POLICY) {
      rivals.put(ref.name(), known.translation().policy());
    }
  }

  /** Counts what the policy takes for granted of pods. */
  void askFor(PolicyRef ref, Known known) {
    census.ask(
        ref,
        known
            .translation()
            .policy()
            .map(policy -> PodQuestions.of(policy, known.hosts()))
            .orElse(Set.of()));
  }

  void remove(PolicyRef ref) {
    problems.remove(ref);
    census.ask(ref, Set.of());
    if (ref.kind() == PolicyRef.Kind.CLUSTER_NETWORK_POLICY) {
      rivals.put(ref.name(), Optional.empty());
    }
  }

  /** What is wrong with an object that is no policy. */
  void put(PolicyRef ref, List<Problem> now) {
    problems.put(Problems.Found.BY_ITSELF, ref, now);
  }

  /**
   * Looks again at those that a change concerns.
   *
   * @param policies finds one; empty if it is gone
   */
  void flush(
      Map<String, NamespaceState> namespaces, Function<PolicyRef, Optional<Known>> policies) {
    census.fill(namespaces);
    for (PolicyRef ref : census.takeConcerned()) {
      Optional<Known> known = policies.apply(ref);
      List<Problem> found =
          known
              .map(k ->
                  complaints(
                      k,
                      complaints ->
                          k.translation()
                              .policy()
                              .ifPresent(
                                  p -> PodQuestions.check(p, k.hosts(), census, complaints))))
              .orElse(List.of());
      problems.put(Problems.Found.BY_PODS, ref, found);
    }
    for (String name : rivals.takeConcerned()) {
      PolicyRef ref = ClusterPolicies.ref(name);
      List<Problem> found =
          policies
              .apply(ref)
              .map(k -> complaints(k, complaints -> rivals.check(name, complaints)))
              .orElse(List.of());
      problems.put(Problems.Found.BY_RIVALS, ref, found);
    }
  }

  private static List<Problem> complaints(Known known, Consumer<Complaints> check) {
    Complaints complaints = new Complaints(known.object());
    check.accept(complaints);
    return complaints.all().stream().map(p -> p.because(Problem.Cause.SURROUNDINGS)).toList();
  }

  /** Of policies and namespaces whose problems have changed since the last call, those of now. */
  Map<PolicyRef, List<Problem>> take() {
    return problems.take();
  }

  /** How many objects have one. */
  int size() {
    return problems.size();
  }
}
