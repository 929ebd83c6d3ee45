package io.seine.agent.verdict;

/** What a step did to the connection. */
public enum Effect {
  /** The rule is not about this connection. */
  NONE,
  /** Allowed, and nothing else is asked. */
  ACCEPT,
  /** Forbidden, and nothing else is asked. */
  DENY,
  /** The rest of the tier is skipped. */
  PASS
}
