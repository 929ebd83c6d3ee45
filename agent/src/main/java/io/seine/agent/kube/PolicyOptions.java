package io.seine.agent.kube;

/**
 * What the annotations of a policy ask for.
 *
 * @param dryRun the value of {@code seine.io/dry-run}; empty if absent
 * @param log the value of {@code seine.io/log}; empty if absent
 */
public record PolicyOptions(String dryRun, String log) {
  public static final PolicyOptions NONE = new PolicyOptions("", "");
}
