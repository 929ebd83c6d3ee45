package io.seine.pipeline.policy;

/** What a rule says of the connections that match it. */
public enum Verdict {
  /** They are allowed; nothing else is asked. */
  ACCEPT("Accept"),
  /** They are dropped; nothing else is asked. */
  DENY("Deny"),
  /** The rest of the rule's tier is skipped. */
  PASS("Pass");

  private final String label;

  Verdict(String label) {
    this.label = label;
  }

  /** As the API spells it. */
  public String label() {
    return label;
  }
}
