package io.seine.agent.events;

import io.seine.agent.kube.ObjectRef;

/**
 * Something that is wrong with an object, so that it cannot be served as it stands.
 *
 * @param reason one word in CamelCase, for machines
 * @param message one sentence for people: what is wrong and what follows from it
 * @param cause what makes it a problem, which says who knows of it
 */
public record Problem(ObjectRef object, String reason, String message, Cause cause) {
  /** What makes something a problem. */
  public enum Cause {
    /** What the object itself asks for: every node finds it. */
    OBJECT,
    /** What else there is in the cluster, and may change: every node finds it. */
    SURROUNDINGS,
    /** What is so on this node: no other need find it. */
    NODE
  }

  /** One of the object itself. */
  public Problem(ObjectRef object, String reason, String message) {
    this(object, reason, message, Cause.OBJECT);
  }

  /** The same, as one of this cause. */
  public Problem because(Cause other) {
    return new Problem(object, reason, message, other);
  }
}
