package io.seine.agent.verdict;

/** Where a step of a judgement stands; asked in this order. */
public enum Tier {
  /** What no policy can forbid. */
  ALWAYS("always"),
  ADMIN("Admin"),
  NETWORK_POLICY("NetworkPolicy"),
  /** With the isolation of namespaces by default as its last. */
  BASELINE("Baseline"),
  /** What holds if nothing was decided. */
  DEFAULT("default");

  private final String label;

  Tier(String label) {
    this.label = label;
  }

  /** As the API spells it, where it does. */
  public String label() {
    return label;
  }
}
