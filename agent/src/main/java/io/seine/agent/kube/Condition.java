package io.seine.agent.kube;

/**
 * One condition in the status of an object (meta/v1, Condition).
 *
 * @param status True, False or Unknown
 * @param reason one word in CamelCase, for machines
 * @param message for people
 * @param observedGeneration of the object that it is about; 0 if not said
 * @param since when the status became what it is, as RFC 3339; empty if not said
 */
public record Condition(
    String type,
    String status,
    String reason,
    String message,
    long observedGeneration,
    String since) {
  /** Whether both say the same, since whenever. */
  public boolean saysTheSame(Condition other) {
    return withSince("").equals(other.withSince(""));
  }

  /** The same, since then. */
  public Condition withSince(String time) {
    return new Condition(type, status, reason, message, observedGeneration, time);
  }
}
