package io.seine.agent.cni;

/** Events on this node's object. Thread safe; must not block nor throw; repeats may be merged. */
@FunctionalInterface
public interface NodeEvents {
  /**
   * Reports a warning.
   *
   * @param reason one word, as Kubernetes events have it: {@code PodAddressesExhausted}
   * @param message a sentence for people
   */
  void warn(String reason, String message);
}
