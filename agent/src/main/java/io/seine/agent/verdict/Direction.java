package io.seine.agent.verdict;

/** Which way a connection is opened, seen from the pod that is judged. */
public enum Direction {
  EGRESS("egress"),
  INGRESS("ingress");

  private final String label;

  Direction(String label) {
    this.label = label;
  }

  public String label() {
    return label;
  }
}
