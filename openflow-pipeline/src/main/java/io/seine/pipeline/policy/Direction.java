package io.seine.pipeline.policy;

/** Which way a connection is opened, as seen by the pod that a policy is for. */
public enum Direction {
  INGRESS("ingress"),
  EGRESS("egress");

  private final String label;

  Direction(String label) {
    this.label = label;
  }

  public String label() {
    return label;
  }
}
