package io.seine.pipeline.policy;

/** The tiers of policies, in the order in which they are asked (Network Policy API, v1alpha2). */
public enum Tier {
  ADMIN("Admin"),
  NETWORK_POLICY("NetworkPolicy"),
  BASELINE("Baseline");

  private final String label;

  Tier(String label) {
    this.label = label;
  }

  /** As the API spells it. */
  public String label() {
    return label;
  }
}
