package io.seine.agent.verdict;

import io.seine.agent.kube.ObjectKey;
import java.util.List;
import java.util.Optional;

/**
 * What is said of one direction of one pod.
 *
 * @param steps the rules of policies in force that select the pod, in the order in which they are
 *     asked, up to the one that decides; and what is so without policies
 * @param trial the same with the policies of a dry run in force too; empty if none selects the pod
 */
public record Judgement(
    Direction direction, ObjectKey pod, List<Step> steps, Optional<Trial> trial) {
  public Judgement {
    steps = List.copyOf(steps);
  }

  /**
   * How it would be if what is only tried were in force. It ends where something decides, on trial
   * or in force: what would pass the Admin tier, where a later rule of that tier decides in force,
   * says nothing of what the tiers behind it would have said; and a NetworkPolicy says nothing
   * where another is in force, beside which it could only allow more.
   *
   * @param denies whether a policy of a dry run would deny the connection
   */
  public record Trial(List<Step> steps, boolean denies) {
    public Trial {
      steps = List.copyOf(steps);
    }

    public Step decision() {
      return steps.getLast();
    }
  }

  /** The step that decides: always the last one. */
  public Step decision() {
    return steps.getLast();
  }

  public boolean allowed() {
    return decision().effect() == Effect.ACCEPT;
  }

  /** Whether it is allowed, and a policy of a dry run would not have it. */
  public boolean wouldBeDenied() {
    return allowed() && trial.map(Trial::denies).orElse(false);
  }
}
