package io.seine.agent.verdict;

import io.seine.agent.kube.ClusterPolicyInfo;
import io.seine.agent.kube.PodInfo;
import io.seine.openflow.Ip;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Judges connections by the documents of the API:
 *
 * <ul>
 *   <li>Kubernetes, "Network Policies", and the API reference of NetworkPolicy v1;
 *   <li>Network Policy API, ClusterNetworkPolicy v1alpha2, which says how the tiers follow each
 *       other.
 * </ul>
 *
 * <p>A connection is allowed if what its source's egress and what its destination's ingress is
 * under both allow it; who is no pod is under nothing. Replies are no question: they go with their
 * connection. Immutable.
 */
public final class Evaluator {
  private final World world;

  public Evaluator(World world) {
    this.world = world;
  }

  /** Whether the connection is allowed, and by what. */
  public Answer judge(Connection connection) {
    return new Answer(
        connection,
        world.podAt(connection.source()).map(pod -> judge(Direction.EGRESS, pod, connection)),
        world
            .podAt(connection.destination())
            .map(pod -> judge(Direction.INGRESS, pod, connection)));
  }

  /**
   * The rules of NetworkPolicies that allow the connection, those of dry runs too. They have no
   * order: where that tier allows it, any of them may be named for it.
   */
  public List<Step> allowing(Direction direction, Connection connection) {
    boolean egress = direction == Direction.EGRESS;
    return world
        .podAt(egress ? connection.source() : connection.destination())
        .map(pod -> new Scene(world, direction, pod, connection))
        .map(scene -> new NetworkPolicyTier(scene).allowing(policiesOf(scene).toList()))
        .orElse(List.of());
  }

  private Judgement judge(Direction direction, PodInfo pod, Connection connection) {
    Scene scene = new Scene(world, direction, pod, connection);
    List<Step> steps = steps(scene, false);
    Optional<Judgement.Trial> trial = Optional.empty();
    if (policiesOf(scene).anyMatch(Policy::dryRun)) {
      List<Step> tried = steps(scene, true);
      Step last = tried.getLast();
      trial =
          Optional.of(new Judgement.Trial(tried, last.effect() == Effect.DENY && last.dryRun()));
    }
    return new Judgement(direction, pod.key(), steps, trial);
  }

  /** Up to the step that decides, which there always is. */
  private List<Step> steps(Scene scene, boolean tryDryRuns) {
    List<Step> steps = new ArrayList<>();
    Optional<Step> always = always(scene);
    if (always.isPresent()) {
      return List.of(always.get());
    }
    List<Policy> policies = policiesOf(scene).filter(p -> tryDryRuns || !p.dryRun()).toList();
    if (decides(tier(Tier.ADMIN, policies, scene, steps))
        || new NetworkPolicyTier(scene).ask(policies, steps)) {
      return steps;
    }
    Optional<Step> baseline = tier(Tier.BASELINE, policies, scene, steps);
    // Isolation is the last of the tier, so what passes the tier passes it too.
    if (decides(baseline) || (baseline.isEmpty() && isolation(scene, steps))) {
      return steps;
    }
    steps.add(Step.without(Tier.DEFAULT, "no policy decides, so it is allowed"));
    return steps;
  }

  /** "Network Policies", the entities that a pod can communicate with: the two exceptions. */
  private Optional<Step> always(Scene scene) {
    Ip other = scene.other();
    if (World.has(scene.pod(), other)) {
      return Optional.of(Step.without(Tier.ALWAYS, "a pod cannot block access to itself"));
    }
    if (world.node(scene.pod().node()).map(node -> node.has(other)).orElse(false)) {
      return Optional.of(
          Step.without(
              Tier.ALWAYS,
              "a pod and the node where it runs, "
                  + scene.pod().node()
                  + ", may"
                  + " always speak to each other"));
    }
    return Optional.empty();
  }

  /** The policies that select the pod, in the order of their names and priorities. */
  private Stream<Policy> policiesOf(Scene scene) {
    return Stream.concat(
        world.networkPolicies().stream()
            .filter(policy -> NetworkPolicyTier.selects(policy, scene))
            .sorted(Comparator.comparing(policy -> policy.key().name()))
            .map(Policy.Namespaced::new),
        world.clusterPolicies().stream()
            .filter(policy -> ClusterPolicyRules.selects(policy, scene))
            .sorted(
                Comparator.comparingInt(Evaluator::priority).thenComparing(ClusterPolicyInfo::name))
            .map(Policy.OfCluster::new));
  }

  /** What is out of the API's range counts as its nearest end. */
  private static int priority(ClusterPolicyInfo policy) {
    return Math.clamp(policy.priority(), 0, 1000);
  }

  private static boolean decides(Optional<Step> step) {
    return step.map(Step::decides).orElse(false);
  }

  /**
   * The first rule of the Admin or Baseline tier that is about the connection. What would pass the
   * Admin tier if it were in force leaves the rest of it to what is: see {@link Judgement.Trial}.
   */
  private static Optional<Step> tier(
      Tier tier, List<Policy> policies, Scene scene, List<Step> steps) {
    boolean passed = false;
    for (Policy policy : policies) {
      if (policy instanceof Policy.OfCluster(var cluster)
          && cluster.tier().equals(tier.label())
          && !(passed && policy.dryRun())) {
        for (Step step : ClusterPolicyRules.steps(cluster, tier, scene)) {
          steps.add(step);
          if (tier == Tier.ADMIN && step.dryRun() && step.effect() == Effect.PASS) {
            passed = true;
            break;
          }
          if (step.effect() != Effect.NONE) {
            return Optional.of(step);
          }
        }
      }
    }
    return Optional.empty();
  }

  /** The last of the Baseline tier: who is not of a namespace that is isolated stays outside. */
  private boolean isolation(Scene scene, List<Step> steps) {
    String namespace = scene.pod().key().namespace();
    if (scene.direction() == Direction.EGRESS || !isolated(namespace)) {
      return false;
    }
    boolean same =
        world.podAt(scene.other()).map(p -> p.key().namespace().equals(namespace)).orElse(false);
    steps.add(
        new Step(
            Tier.BASELINE,
            Optional.of(
                new RuleName(
                    RuleName.ISOLATION, namespace, "", same ? 0 : 1, same ? "inside" : "outside")),
            same
                ? "the source is a pod of the same namespace, %s, which is isolated"
                    .formatted(namespace)
                : "the namespace %s is isolated, and the source is no pod of it"
                    .formatted(namespace),
            same ? Effect.ACCEPT : Effect.DENY,
            false));
    return true;
  }

  private boolean isolated(String namespace) {
    return switch (world.labelsOf(namespace).getOrDefault("seine.io/isolation", "")) {
      case "enabled" -> true;
      case "disabled" -> false;
      default -> world.isolateNamespaces();
    };
  }
}
